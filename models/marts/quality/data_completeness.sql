with unknown as (

    select
        table_name,
        string_agg(
            column_name || case when resembles is null then '' else ' (is it ' || resembles || '?)' end,
            ', '
            order by {{ byte_order('column_name') }}
        ) as unknown_columns
    from {{ source('input', 'unknown_columns') }}
    group by table_name

)

select
    cast(stores.store_id as text) as store_id,
    cast(raw_tables.table_name as text) as table_name,
    cast(coalesce(quality.accepted_rows, 0) > 0 as boolean) as has_rows,
    cast(coalesce(quality.accepted_rows, 0) as bigint) as accepted_rows,
    {{ round_to(ratio('quality.rejected_rows', 'quality.raw_rows'), 6) }} as rejected_rate,
    cast(case when coalesce(quality.accepted_rows, 0) = 0 then raw_tables.leaves_empty end as text) as leaves_empty,
    cast(unknown.unknown_columns as text) as unknown_columns,
    {{ as_of() }} as updated_at
from {{ ref('stg_stores') }} as stores
cross join {{ ref('raw_tables') }} as raw_tables
left join {{ ref('staging_quality') }} as quality
    on stores.store_id = quality.store_id and raw_tables.table_name = quality.table_name
left join unknown on raw_tables.table_name = unknown.table_name
