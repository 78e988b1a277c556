-- When somebody was first and last seen, on how many days, and how much they did: of their own acts, visits that the shop tells of and
-- orders, and of nothing else. If this fails, a newsletter keeps people active who have long gone.
with acts as (

    select
        identities.store_id,
        identities.customer_id,
        events.occurred_at as first_at,
        events.occurred_at as last_at,
        cast({{ local_time('events.occurred_at', 'stores.timezone') }} as date) as active_date,
        1 as events
    from {{ ref('int_events_enriched') }} as events
    inner join {{ ref('stg_stores') }} as stores on events.store_id = stores.store_id
    inner join {{ ref('customer_identities') }} as identities
        on events.store_id = identities.store_id and events.person_identifier = identities.identifier
    where events.fate = 'accepted' and events.is_own_act
    union all
    select
        identities.store_id,
        identities.customer_id,
        sessions.started_at as first_at,
        sessions.ended_at as last_at,
        cast(sessions.started_at_local as date) as active_date,
        0 as events
    from {{ ref('int_sessions') }} as sessions
    inner join {{ ref('customer_identities') }} as identities
        on sessions.store_id = identities.store_id and sessions.person_identifier = identities.identifier
    where not sessions.has_events and not sessions.is_quarantined
    union all
    select
        store_id,
        customer_id,
        ordered_at as first_at,
        ordered_at as last_at,
        order_date as active_date,
        0 as events
    from {{ ref('int_orders') }}
    where is_counted and customer_id is not null

),

active as (

    select
        store_id,
        customer_id,
        min(first_at) as first_seen_at,
        max(last_at) as last_seen_at,
        count(distinct active_date) as active_days,
        sum(events) as total_events
    from acts
    group by store_id, customer_id

)

select
    people.store_id,
    people.customer_id,
    people.last_seen_at,
    active.last_seen_at as last_act_at
from {{ ref('int_behavior_summary') }} as people
left join active on people.store_id = active.store_id and people.customer_id = active.customer_id
where
    people.first_seen_at is distinct from active.first_seen_at
    or people.last_seen_at is distinct from active.last_seen_at
    or people.active_days <> coalesce(active.active_days, 0)
    or people.total_events <> coalesce(active.total_events, 0)
