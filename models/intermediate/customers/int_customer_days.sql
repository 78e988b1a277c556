{{ config(materialized='view') }}

{%- set counted = counted_event_types() -%}

with visited as (

    select
        days.*,
        identities.customer_id
    from {{ ref('int_visitor_days') }} as days
    inner join {{ ref('customer_identities') }} as identities on {{ same_person('days') }}

),

visits as (

    select
        store_id,
        customer_id,
        activity_date,
        min(first_event_at) as first_activity_at,
        max(last_event_at) as last_activity_at,
        cast(sum(events) as bigint) as events,
        cast(sum(sessions) as bigint) as sessions,
        {%- for event_type in counted %}
            cast(sum({{ event_type }}) as bigint) as {{ event_type }},
        {%- endfor %}
        cast(sum(engaged_milliseconds) as bigint) as engaged_milliseconds
    from visited
    group by store_id, customer_id, activity_date

),

reported_sessions as (

    -- visits that only the shop's own session table tells of
    select
        sessions.store_id,
        identities.customer_id,
        cast(sessions.started_at_local as date) as activity_date,
        cast(sum(round(cast(sessions.duration_seconds * 1000 as numeric(28, 3)), 0)) as bigint) as engaged_milliseconds,
        min(sessions.started_at) as first_activity_at,
        max(sessions.ended_at) as last_activity_at,
        count(*) as sessions
    from {{ ref('int_sessions') }} as sessions
    inner join {{ ref('customer_identities') }} as identities on {{ same_person('sessions') }}
    where not sessions.has_events and not sessions.is_quarantined
    group by sessions.store_id, identities.customer_id, cast(sessions.started_at_local as date)

),

orders as (

    select
        store_id,
        customer_id,
        order_date as activity_date,
        min(ordered_at) as first_activity_at,
        max(ordered_at) as last_activity_at,
        count(*) as orders,
        count(*) - count(gross_revenue) as unvalued_orders,
        sum(gross_revenue) as gross_revenue
    from {{ ref('int_orders') }}
    where is_counted and customer_id is not null
    group by store_id, customer_id, order_date

),

refunds as (

    select
        refunds.store_id,
        identities.customer_id,
        refunds.refund_date as activity_date,
        count(*) as refunds,
        sum(refunds.amount) as refunded_amount
    from {{ ref('int_refunds') }} as refunds
    inner join {{ ref('customer_identities') }} as identities on {{ same_person('refunds') }}
    where refunds.is_counted
    group by refunds.store_id, identities.customer_id, refunds.refund_date

),

days as (

    select
        store_id,
        customer_id,
        activity_date
    from visits
    union
    select
        store_id,
        customer_id,
        activity_date
    from reported_sessions
    union
    select
        store_id,
        customer_id,
        activity_date
    from orders
    union
    select
        store_id,
        customer_id,
        activity_date
    from refunds

)

select
    days.store_id,
    days.customer_id,
    days.activity_date,
    least(visits.first_activity_at, reported_sessions.first_activity_at, orders.first_activity_at) as first_activity_at,
    greatest(visits.last_activity_at, reported_sessions.last_activity_at, orders.last_activity_at) as last_activity_at,
    coalesce(visits.events, 0) as events,
    coalesce(visits.sessions, 0) + coalesce(reported_sessions.sessions, 0) as sessions,
    {%- for event_type in counted %}
        coalesce(visits.{{ event_type }}, 0) as {{ event_type }},
    {%- endfor %}
    {{ ratio(
        'coalesce(visits.engaged_milliseconds, 0) + coalesce(reported_sessions.engaged_milliseconds, 0)', '1000'
    ) }} as engaged_seconds,
    coalesce(orders.orders, 0) as orders,
    coalesce(orders.unvalued_orders, 0) as unvalued_orders,
    {{ fit_money('coalesce(orders.gross_revenue, 0)') }} as gross_revenue,
    coalesce(refunds.refunds, 0) as refunds,
    {{ fit_money('coalesce(refunds.refunded_amount, 0)') }} as refunded_amount
from days
left join visits
    on days.store_id = visits.store_id and days.customer_id = visits.customer_id and days.activity_date = visits.activity_date
left join reported_sessions
    on
        days.store_id = reported_sessions.store_id
        and days.customer_id = reported_sessions.customer_id
        and days.activity_date = reported_sessions.activity_date
left join orders
    on days.store_id = orders.store_id and days.customer_id = orders.customer_id and days.activity_date = orders.activity_date
left join refunds
    on days.store_id = refunds.store_id and days.customer_id = refunds.customer_id and days.activity_date = refunds.activity_date
