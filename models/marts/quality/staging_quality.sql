with raw_rows as (

    select
        store_id,
        table_name,
        row_count as raw_rows
    from {{ source('input', 'landed_rows') }}

),

fates as (

    select
        store_id,
        table_name,
        sum(case when fate = 'accepted' then row_count else 0 end) as accepted_rows,
        sum(case when fate = 'duplicate' then row_count else 0 end) as duplicate_rows,
        sum(case when fate = 'rejected' then row_count else 0 end) as rejected_rows,
        sum(case when fate = 'suppressed' then row_count else 0 end) as suppressed_rows,
        sum(case when fate = 'not_yet' then row_count else 0 end) as not_yet_rows
    from {{ ref('int_row_fates') }}
    group by store_id, table_name

),

nulled as (

    select
        store_id,
        table_name,
        sum(case when is_kept then 0 else value_count end) as nulled_values,
        sum(case when column_name = 'event_type' then value_count else 0 end) as unknown_event_types
    from {{ ref('int_nulled_values') }}
    group by store_id, table_name

)

select
    cast(raw_rows.store_id as text) as store_id,
    cast(raw_rows.table_name as text) as table_name,
    cast(raw_rows.raw_rows as bigint) as raw_rows,
    cast(coalesce(fates.accepted_rows, 0) as bigint) as accepted_rows,
    cast(coalesce(fates.duplicate_rows, 0) as bigint) as duplicate_rows,
    cast(coalesce(fates.rejected_rows, 0) as bigint) as rejected_rows,
    cast(coalesce(fates.suppressed_rows, 0) as bigint) as suppressed_rows,
    cast(coalesce(fates.not_yet_rows, 0) as bigint) as not_yet_rows,
    cast(coalesce(nulled.nulled_values, 0) as bigint) as nulled_values,
    cast(coalesce(nulled.unknown_event_types, 0) as bigint) as unknown_event_types,
    {{ as_of() }} as updated_at
from raw_rows
left join fates on raw_rows.store_id = fates.store_id and raw_rows.table_name = fates.table_name
left join nulled on raw_rows.store_id = nulled.store_id and raw_rows.table_name = nulled.table_name
