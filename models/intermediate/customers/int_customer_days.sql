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
        cast(sum({{ milliseconds('sessions.duration_seconds') }}) as bigint) as engaged_milliseconds,
        min(sessions.started_at) as first_activity_at,
        max(sessions.ended_at) as last_activity_at,
        count(*) as sessions
    from {{ ref('int_sessions') }} as sessions
    inner join {{ ref('customer_identities') }} as identities on {{ same_person('sessions') }}
    where not sessions.has_events and not sessions.is_quarantined
    group by sessions.store_id, identities.customer_id, cast(sessions.started_at_local as date)

),

beside_visits as (

    select
        reported.engaged_milliseconds,
        reported.sessions,
        orders.orders,
        orders.unvalued_orders,
        orders.gross_revenue,
        orders.refunds,
        orders.refunded_amount,
        least(reported.first_activity_at, orders.first_order_at) as first_activity_at,
        greatest(reported.last_activity_at, orders.last_order_at) as last_activity_at,
        coalesce(reported.store_id, orders.store_id) as store_id,
        coalesce(reported.customer_id, orders.customer_id) as customer_id,
        coalesce(reported.activity_date, orders.activity_date) as activity_date
    from {{ ref('int_order_days') }} as orders
    full outer join reported_sessions as reported
        on
            orders.store_id = reported.store_id
            and orders.customer_id = reported.customer_id
            and orders.activity_date = reported.activity_date

)

select
    coalesce(visits.store_id, beside.store_id) as store_id,
    coalesce(visits.customer_id, beside.customer_id) as customer_id,
    coalesce(visits.activity_date, beside.activity_date) as activity_date,
    least(visits.first_activity_at, beside.first_activity_at) as first_activity_at,
    greatest(visits.last_activity_at, beside.last_activity_at) as last_activity_at,
    coalesce(visits.events, 0) as events,
    coalesce(visits.sessions, 0) + coalesce(beside.sessions, 0) as sessions,
    {%- for event_type in counted %}
        coalesce(visits.{{ event_type }}, 0) as {{ event_type }},
    {%- endfor %}
    {{ ratio(
        'coalesce(visits.engaged_milliseconds, 0) + coalesce(beside.engaged_milliseconds, 0)', '1000'
    ) }} as engaged_seconds,
    coalesce(beside.orders, 0) as orders,
    coalesce(beside.unvalued_orders, 0) as unvalued_orders,
    cast(coalesce(beside.gross_revenue, 0) as numeric(18, 2)) as gross_revenue,
    coalesce(beside.refunds, 0) as refunds,
    cast(coalesce(beside.refunded_amount, 0) as numeric(18, 2)) as refunded_amount
from visits
full outer join beside_visits as beside
    on visits.store_id = beside.store_id and visits.customer_id = beside.customer_id and visits.activity_date = beside.activity_date
