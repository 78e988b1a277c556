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
        experiments.store_id,
        experiments.experiment_id,
        experiments.starts_on,
        experiments.ends_at,
        timezone('UTC', timezone(stores.timezone, cast(experiments.starts_on as timestamp))) as starts_at
    from {{ ref('int_experiment_plans') }} as experiments
    inner join {{ ref('stg_stores') }} as stores on experiments.store_id = stores.store_id
    where experiments.starts_on is not null

)

select
    planned.store_id || ': the experiment ' || planned.experiment_id || ' starts on ' || planned.starts_on
    || ', and its first night was of ' || cast(begun.began_at as date) || ': nobody had an arm before.' as sentence
from planned
inner join begun on planned.store_id = begun.store_id and planned.experiment_id = begun.experiment_id
where begun.began_at > planned.starts_at + interval '1 day' and coalesce(planned.ends_at > {{ as_of() }}, true)
