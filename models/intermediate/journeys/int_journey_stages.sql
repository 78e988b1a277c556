with entries as (

    -- the earliest of its rules opens a stage
    select
        store_id,
        customer_id,
        stage,
        stage_rank,
        min(met_at) as entered_at,
        min(case when criterion <> 'days_after_order' then met_at end) as acted_at
    from {{ ref('int_journey_entries') }}
    group by store_id, customer_id, stage, stage_rank

),

compared as (

    select
        *,
        min(entered_at) over (
            partition by store_id, customer_id
            order by stage_rank
            rows between 1 following and unbounded following
        ) as higher_entered_at
    from entries

),

kept as (

    -- forward only: who is in a higher stage does not come back; of equal times both count, the lower stage first
    select * from compared
    where higher_entered_at is null or entered_at <= higher_entered_at

)

select
    store_id,
    customer_id,
    stage,
    stage_rank,
    entered_at,
    acted_at is null or acted_at > entered_at as is_by_waiting,
    acted_at is not null as has_acted,
    lead(entered_at) over person as left_at,
    lead(entered_at) over person is null as is_current,
    lag(stage) over person as previous_stage,
    lead(stage) over person as next_stage
from kept
window person as (partition by store_id, customer_id order by stage_rank)
