{{ config(severity='warn') }}

-- A warning, since nothing is counted wrong: people have an arm from the first night on, so days before it are lost to the experiment.
with begun as (

    select
        people.store_id,
        people.experiment_id,
        min(people.assigned_at) as began_at
    from {{ ref('int_experiment_people') }} as people
    group by people.store_id, people.experiment_id

),

planned as (

    select distinct
        plans.store_id,
        plans.experiment_id,
        plans.starts_on,
        plans.ends_at,
        timezone('UTC', timezone(stores.timezone, cast(plans.starts_on as timestamp))) as starts_at
    from {{ ref('int_experiment_plans') }} as plans
    inner join {{ ref('stg_stores') }} as stores on plans.store_id = stores.store_id
    where plans.starts_on is not null

)

select
    planned.store_id || ': the experiment ' || planned.experiment_id || ' starts on ' || planned.starts_on
    || ', and its first night was of ' || cast(begun.began_at as date) || ': nobody had an arm before.' as sentence
from planned
inner join begun on planned.store_id = begun.store_id and planned.experiment_id = begun.experiment_id
where begun.began_at > planned.starts_at + interval '1 day' and coalesce(planned.ends_at > {{ as_of() }}, true)
