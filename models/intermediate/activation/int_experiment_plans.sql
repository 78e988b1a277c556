with begun as (

    select
        store_id,
        experiment_id,
        avg(control_share) as control_share
    from {{ ref('int_experiment_people') }}
    group by store_id, experiment_id

),

-- of an action those who were held out are the control
plans as (

    select
        begun.store_id,
        begun.experiment_id,
        experiments.description,
        experiments.metric,
        experiments.minimum_lift,
        experiments.starts_on,
        experiments.ends_on,
        experiments.arm_number,
        experiments.arm,
        experiments.arm_share
    from begun
    inner join {{ ref('int_experiments') }} as experiments on begun.experiment_id = experiments.experiment_id
    union all
    select
        begun.store_id,
        begun.experiment_id,
        'Who is held out of the action against who is not' as description,
        'revenue' as metric,
        cast(0.05 as double precision) as minimum_lift,
        cast(null as date) as starts_on,
        cast(null as date) as ends_on,
        numbers.arm_number,
        case numbers.arm_number when 1 then 'held_out' else 'treated' end as arm,
        case numbers.arm_number when 1 then begun.control_share else 1 - begun.control_share end as arm_share
    from begun
    cross join unnest(array[1, 2]) as numbers (arm_number)
    where begun.experiment_id like 'action:%'

)

select
    plans.*,
    timezone('UTC', timezone(stores.timezone, cast(plans.ends_on + 1 as timestamp))) as ends_at,
    case
        when plans.experiment_id like 'action:%' then {{ var('action_outcome_days') }}
        else coalesce({{ days_between('plans.starts_on', 'plans.ends_on') }} + 1, 30)
    end as planned_days
from plans
inner join {{ ref('stg_stores') }} as stores on plans.store_id = stores.store_id
