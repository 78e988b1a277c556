select
    cast(store_id as text) as store_id,
    cast(table_name as text) as table_name,
    cast('rejected' as text) as issue,
    cast(reason as text) as reason,
    cast(column_name as text) as column_name,
    cast(row_count as bigint) as row_count
from {{ ref('int_row_fates') }}
where fate = 'rejected'
union all
select
    cast(store_id as text) as store_id,
    cast(table_name as text) as table_name,
    cast(case when is_kept then 'flagged' else 'nulled' end as text) as issue,
    cast(reason as text) as reason,
    cast(column_name as text) as column_name,
    cast(value_count as bigint) as row_count
from {{ ref('int_nulled_values') }}
