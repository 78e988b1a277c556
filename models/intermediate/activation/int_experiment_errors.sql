{{ config(materialized='view') }}

with experiments as (

    select
        *,
        count(*) over (partition by experiment_id) as definitions,
        {{ try_timestamp('starts_on') }} as starts_at,
        {{ try_timestamp('ends_on') }} as ends_at,
        {{ matches("coalesce(shares, '')", '(0|1|0?[.][0-9]{1,6})([|](0|1|0?[.][0-9]{1,6})){1,7}') }} as has_shares
    from {{ ref('experiments') }}

),

-- an arm each, with its share
arms as (

    select
        experiments.experiment_id,
        split_part(experiments.arms, '|', numbers.arm_number) as arm,
        {{ try_number("nullif(split_part(experiments.shares, '|', numbers.arm_number), '')", 'numeric(18, 6)') }} as arm_share
    from experiments
    cross join unnest(array[1, 2, 3, 4, 5, 6, 7, 8, 9]) as numbers (arm_number)

),

counted as (

    select
        experiment_id,
        count(nullif(arm, '')) as arm_count,
        count(distinct nullif(arm, '')) as distinct_arms,
        count(arm_share) as share_count,
        min(arm_share) as least_share,
        sum(arm_share) as total
    from arms
    group by experiment_id

),

experiment_errors as (

    select
        experiments.experiment_id,
        case
            when experiments.experiment_id is null or not {{ matches('experiments.experiment_id', '[a-z0-9][a-z0-9_-]{0,54}') }}
                then 'an experiment_id is at most 55 lower case letters, digits, - and _'
            when experiments.definitions > 1 then 'the experiment is there ' || experiments.definitions || ' times'
            when coalesce(counted.arm_count, 0) not between 2 and 8 or counted.arm_count <> counted.distinct_arms
                then 'arms must be two to eight names such as control|new, the control first'
            when not experiments.has_shares or counted.share_count <> counted.arm_count or counted.least_share <= 0
                then 'shares must be a number above 0 for each arm, such as 0.5|0.5'
            when counted.total > 1 then 'shares are more than 1 together'
            when coalesce(experiments.metric, '') not in ('revenue', 'orders', 'conversion')
                then 'metric must be revenue, orders or conversion'
            when experiments.starts_at is null then 'starts_on must be a day such as 2025-07-01'
            when experiments.ends_on is not null and experiments.ends_at is null then 'ends_on must be a day such as 2025-07-28'
            when experiments.ends_at < experiments.starts_at then 'it ends before it starts'
            when
                experiments.segment_id is not null
                and experiments.segment_id not in (
                    select segments.segment_id from {{ ref('int_segments') }} as segments
                    where segments.segment_id is not null
                )
                then 'there is no segment ''' || experiments.segment_id || ''''
            when
                experiments.minimum_lift is not null
                and not coalesce({{ try_number('experiments.minimum_lift', 'numeric(18, 6)') }} between 0.000001 and 10, false)
                then 'minimum_lift must be a number above 0, such as 0.05'
        end as reason
    from experiments
    left join counted on experiments.experiment_id = counted.experiment_id

)

select
    experiment_id,
    reason
from experiment_errors
where reason is not null
