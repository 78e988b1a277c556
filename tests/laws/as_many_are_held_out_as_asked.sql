-- The share of people who are held out of an action is the one that was asked for, but for chance: five standard deviations of the draw are
-- more than a million stores would see. If this fails, the draw prefers somebody, and what the action brings cannot be measured.
with first_decisions as (

    select
        store_id,
        action_id,
        customer_id,
        holdout_share,
        is_held_out,
        row_number() over (partition by store_id, action_id, customer_id order by as_of) as decision_rank
    from {{ ref('actions_decided') }}
    where holdout_share > 0

),

shares as (

    select
        store_id,
        action_id,
        sum(holdout_share) as expected,
        sum(holdout_share * (1 - holdout_share)) as variance,
        sum(case when is_held_out then 1 else 0 end) as held_out
    from first_decisions
    where decision_rank = 1
    group by store_id, action_id

)

select * from shares
where abs(held_out - expected) > 5 * sqrt(variance) + 1
