with ranks as (

    select distinct
        stage,
        stage_rank
    from {{ ref('journey_rules') }}

),

stages as (

    select
        stage,
        stage_rank,
        lead(stage) over (order by stage_rank) as following_stage
    from ranks

),

steps as (

    select
        *,
        -- whole microseconds, of which the mean of the two in the middle is exact
        cast({{ epoch_us('left_at') }} - {{ epoch_us('entered_at') }} as double precision) as stayed_us,
        lead(has_acted) over (partition by store_id, customer_id order by stage_rank) as acts_next
    from {{ ref('int_journey_stages') }}

),

counts as (

    select
        steps.store_id,
        steps.stage,
        count(*) as entered,
        count(case when steps.is_by_waiting then 1 end) as entered_by_waiting,
        count(case when steps.is_current then 1 end) as current_customers,
        count(steps.next_stage) as moved_on,
        count(case when steps.acts_next then 1 end) as acted_on,
        count(case when steps.next_stage = stages.following_stage then 1 end) as reached_next_stage,
        percentile_cont(0.5) within group (order by steps.stayed_us) as median_us
    from steps
    inner join stages on steps.stage = stages.stage
    group by steps.store_id, steps.stage

),

skips as (

    -- who is further on now and was never here
    select
        currents.store_id,
        stages.stage,
        sum(currents.current_customers) as further_on
    from counts as currents
    inner join stages as current_stages on currents.stage = current_stages.stage
    inner join stages on current_stages.stage_rank > stages.stage_rank
    group by currents.store_id, stages.stage

)

select
    cast(stores.store_id as text) as store_id,
    stages.stage,
    cast(stages.stage_rank as bigint) as stage_rank,
    cast(coalesce(counts.entered, 0) as bigint) as entered,
    cast(coalesce(counts.entered_by_waiting, 0) as bigint) as entered_by_waiting,
    cast(coalesce(counts.current_customers, 0) as bigint) as current_customers,
    cast(coalesce(counts.moved_on, 0) as bigint) as moved_on,
    cast(coalesce(counts.moved_on - counts.acted_on, 0) as bigint) as moved_on_by_waiting,
    cast(coalesce(counts.reached_next_stage, 0) as bigint) as reached_next_stage,
    cast(coalesce(skips.further_on, 0) - coalesce(counts.moved_on, 0) as bigint) as skipped,
    -- nothing follows the last stage, and that days passed is no conversion
    case when stages.following_stage is not null then {{ round_to(ratio('counts.acted_on', 'counts.entered'), 6) }} end as conversion_rate,
    case
        when stages.following_stage is not null then {{ round_to(ratio('counts.entered - counts.acted_on', 'counts.entered'), 6) }}
    end as drop_off_rate,
    {{ round_to('counts.median_us / 86400000000', 4) }} as median_days_to_next
from {{ ref('stg_stores') }} as stores
cross join stages
left join counts on stores.store_id = counts.store_id and stages.stage = counts.stage
left join skips on stores.store_id = skips.store_id and stages.stage = skips.stage
