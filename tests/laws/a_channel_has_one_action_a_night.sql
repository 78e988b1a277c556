-- If this fails, somebody has two actions of one channel in one night, an action again before its cooldown was over (but for the website,
-- where another may stand in between), or is held out of
-- an action that has no holdout; or somebody who asked not to be tracked has any.
with decided as (

    select
        decided.*,
        persons.customer_id as person_id
    from {{ ref('actions_decided') }} as decided
    inner join {{ ref('int_person_ids') }} as persons on decided.store_id = persons.store_id and decided.customer_id = persons.earlier_id

),

repeated as (

    select
        tonight.store_id,
        tonight.person_id,
        tonight.action_id
    from decided as tonight
    inner join {{ ref('int_actions_in_force') }} as actions on tonight.action_id = actions.action_id
    inner join decided as earlier
        on
            tonight.store_id = earlier.store_id
            and tonight.person_id = earlier.person_id
            and (
                (
                    tonight.channel <> 'website'
                    and tonight.action_id = earlier.action_id
                    and earlier.as_of > tonight.as_of - actions.cooldown_days * interval '1 day'
                )
                or (tonight.channel = earlier.channel and earlier.as_of > tonight.as_of - actions.quiet_days * interval '1 day')
            )
    where tonight.as_of = {{ as_of() }} and earlier.as_of < tonight.as_of and tonight.has_consent and earlier.has_consent

)

select
    store_id,
    customer_id,
    channel as found,
    'two of a channel' as problem
from {{ ref('actions_decided') }}
group by store_id, customer_id, channel, as_of
having count(*) > 1
union all
select
    store_id,
    person_id as customer_id,
    action_id as found,
    'too soon' as problem
from repeated
union all
select
    store_id,
    customer_id,
    action_id as found,
    'held out of what has no holdout' as problem
from {{ ref('actions_decided') }}
where is_held_out and holdout_share = 0
union all
select
    actions.store_id,
    actions.customer_id,
    actions.action_id as found,
    'not to be tracked' as problem
from {{ ref('customer_actions') }} as actions
inner join {{ ref('int_customers') }} as people on actions.store_id = people.store_id and actions.customer_id = people.customer_id
where people.do_not_track
