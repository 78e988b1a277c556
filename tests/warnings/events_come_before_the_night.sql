{{ config(severity='warn') }}

-- A warning, since events that are late wait for the next night: where one in twenty is, they will be late again.
with late as (

    select
        coalesce(store_id, '') as store_id,
        count(*) as late_rows
    from {{ source('input', 'events') }}
    where loaded_at >= {{ as_of() }} and {{ was_there('occurred_at') }}
    group by coalesce(store_id, '')

)

select
    late.store_id,
    late.late_rows || ' events from before yesterday have a loaded_at at or after as_of, and wait for the next night. '
    || 'A loader that fills the table anew each night should leave loaded_at out.' as sentence
from late
inner join {{ ref('staging_quality') }} as landed on late.store_id = landed.store_id and landed.table_name = 'events'
where late.late_rows >= 20 and late.late_rows * 20 > landed.raw_rows
