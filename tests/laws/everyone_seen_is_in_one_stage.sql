-- If this fails, a person who was seen is in no stage of the journey or in two, or went back in it.
with people as (

    select
        store_id,
        customer_id
    from {{ ref('int_behavior_summary') }}
    where first_seen_at is not null

),

stages as (

    select
        store_id,
        customer_id,
        count(case when is_current then 1 end) as current_stages,
        count(case when left_at < entered_at then 1 end) as steps_back
    from {{ ref('int_journey_stages') }}
    group by store_id, customer_id

)

select
    stages.current_stages,
    stages.steps_back,
    coalesce(people.store_id, stages.store_id) as store_id,
    coalesce(people.customer_id, stages.customer_id) as customer_id
from people
full outer join stages on people.store_id = stages.store_id and people.customer_id = stages.customer_id
where people.customer_id is null or coalesce(stages.current_stages, 0) <> 1 or stages.steps_back > 0
