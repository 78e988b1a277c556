{{ config(materialized='view') }}

with calculations as (

    select
        store_id,
        group_id,
        as_of,
        definition_hash,
        lag(definition_hash) over (partition by store_id, group_id order by as_of) as previous_hash
    from {{ ref('group_calculations') }}
    where kind = 'segment'

)

select
    store_id,
    group_id as segment_id,
    as_of
from calculations
where definition_hash <> previous_hash and previous_hash <> 'inactive'
