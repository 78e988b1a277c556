{{ config(severity='warn') }}

-- A warning, since a store may come later: a definition that is of one store, which is not there, is in force nowhere.
with definitions as (

    select
        'action' as kind,
        action_id as definition_id,
        store_id
    from {{ ref('int_actions') }}
    where status = 'active'
    union all
    select
        'experiment' as kind,
        experiment_id as definition_id,
        store_id
    from {{ ref('experiments') }}
    union all
    select
        'segment' as kind,
        segment_id as definition_id,
        store_id
    from {{ ref('int_segments') }}
    where status = 'active'
    union all
    select distinct
        'season' as kind,
        'of seed seasonality' as definition_id,
        store_id
    from {{ ref('seasonality') }}

)

select
    'The ' || definitions.kind || ' ' || coalesce(definitions.definition_id, '') || ' is of store ''' || definitions.store_id
    || ''', which is not there: it is in force nowhere.' as sentence
from definitions
left join {{ ref('stg_stores') }} as stores on definitions.store_id = stores.store_id
where definitions.store_id is not null and stores.store_id is null
