{{ config(**by_person(
    vars=['engaged_session_seconds', 'quarantine_session_events', 'quarantine_session_hours', 'session_max_gap_hours'],
    indexes=[['store_id', 'activity_date'], ['store_id', 'customer_id']]
)) }}
{%- set sources = {
    'visits': ['visits', 'engaged_visits', 'bounced_visits', 'quarantined_visits', 'visits_with_cart', 'visits_with_checkout',
               'visits_with_order', 'visit_milliseconds'], 'acts': ['page_views', 'product_views', 'add_to_carts', 'checkouts'],
    'placed_orders': ['orders', 'unvalued_orders', 'new_customers', 'buyers', 'repeat_buyers'], 'paid_back': ['refunds'],
    'messages': ['emails_sent', 'emails_opened', 'emails_clicked', 'sms_sent', 'sms_opened', 'sms_clicked']
} %}
with changed as (

    {{ changed_people(is_incremental()) | indent(4) }}

),

ordering_visits as (

    select distinct
        store_id,
        session_key
    from {{ ref('int_order_sessions') }}
    where is_counted

),

visits as (

    -- a visit is of the day on which it began; how long one with events was, its events say
    select
        sessions.store_id,
        cast(sessions.started_at_local as date) as activity_date,
        coalesce(identities.customer_id, '') as customer_id,
        bool_or(not sessions.has_events and not sessions.is_quarantined) as is_active,
        count(*) as visits,
        sum(case when sessions.is_engaged then 1 else 0 end) as engaged_visits,
        sum(case when sessions.is_engaged or sessions.is_quarantined then 0 else 1 end) as bounced_visits,
        sum(case when sessions.is_quarantined then 1 else 0 end) as quarantined_visits,
        sum(case when sessions.is_quarantined then 0 else {{ milliseconds('sessions.duration_seconds') }} end) as visit_milliseconds,
        sum(case when sessions.first_cart_at is not null then 1 else 0 end) as visits_with_cart,
        sum(case when sessions.first_checkout_at is not null then 1 else 0 end) as visits_with_checkout,
        sum(case when ordering_visits.session_key is not null then 1 else 0 end) as visits_with_order,
        sum(case when sessions.has_events or sessions.is_quarantined then 0 else {{ milliseconds('sessions.duration_seconds') }} end)
            as engaged_milliseconds
    from {{ ref('int_sessions') }} as sessions
    left join {{ ref('customer_identities') }} as identities on {{ same_person('sessions') }}
    left join ordering_visits
        on sessions.store_id = ordering_visits.store_id and sessions.session_key = ordering_visits.session_key
    where {{ is_of_changed(is_incremental(), 'sessions.store_id', "coalesce(identities.customer_id, '')") }}
    group by sessions.store_id, coalesce(identities.customer_id, ''), cast(sessions.started_at_local as date)

),

acts as (

    select
        days.store_id,
        days.activity_date,
        coalesce(identities.customer_id, '') as customer_id,
        bool_or(days.first_event_at is not null) as is_active,
        sum(days.engaged_milliseconds) as engaged_milliseconds,
        sum(days.page_view) as page_views,
        sum(days.product_view) as product_views,
        sum(days.add_to_cart) as add_to_carts,
        sum(days.checkout_start) as checkouts
    from {{ ref('int_visitor_days') }} as days
    left join {{ ref('customer_identities') }} as identities on {{ same_person('days') }}
    where {{ is_of_changed(is_incremental(), 'days.store_id', "coalesce(identities.customer_id, '')") }}
    group by days.store_id, coalesce(identities.customer_id, ''), days.activity_date

),

placed_orders as (

    select
        store_id,
        order_date as activity_date,
        coalesce(customer_id, '') as customer_id,
        count(*) as orders,
        count(*) - count(gross_revenue) as unvalued_orders,
        max(case when order_sequence = 1 then 1 else 0 end) as new_customers,
        count(distinct customer_id) as buyers,
        min(case when order_sequence > 1 then 1 else 0 end) as repeat_buyers,
        coalesce(sum(gross_revenue), 0) as gross_revenue
    from {{ ref('int_orders') }}
    where is_counted and {{ is_of_changed(is_incremental(), 'store_id', "coalesce(customer_id, '')") }}
    group by store_id, coalesce(customer_id, ''), order_date

),

paid_back as (

    select
        refunds.store_id,
        refunds.refund_date as activity_date,
        coalesce(identities.customer_id, '') as customer_id,
        count(*) as refunds,
        sum(refunds.amount) as refunded_amount
    from {{ ref('int_refunds') }} as refunds
    left join {{ ref('customer_identities') }} as identities on {{ same_person('refunds') }}
    where refunds.is_counted and {{ is_of_changed(is_incremental(), 'refunds.store_id', "coalesce(identities.customer_id, '')") }}
    group by refunds.store_id, coalesce(identities.customer_id, ''), refunds.refund_date

),

messages as (

    select
        {%- for channel, name in {'email': 'emails', 'sms': 'sms'}.items() %}
            sum(case when channel = '{{ channel }}' then 1 else 0 end) as {{ name }}_sent,
            sum(case when channel = '{{ channel }}' and is_opened then 1 else 0 end) as {{ name }}_opened,
            sum(case when channel = '{{ channel }}' and is_clicked then 1 else 0 end) as {{ name }}_clicked,
        {%- endfor %}
        store_id,
        customer_id,
        sent_date as activity_date
    from {{ ref('int_messages') }}
    where {{ is_of_changed(is_incremental(), 'store_id', 'customer_id') }}
    group by store_id, customer_id, sent_date

),

-- sums of few columns each, joined: one sum of all columns over all of their rows takes twice as long
days as (

    {%- for source in sources %}
        select {{ ['store_id', 'customer_id', 'activity_date'] | join(', ') }} from {{ source }} {{ 'union' if not loop.last }}
    {%- endfor %}

)

select
    days.store_id,
    days.customer_id,
    days.activity_date,
    {%- for source, counts in sources.items() %}{%- for count in counts %}
        cast(coalesce({{ source }}.{{ count }}, 0) as bigint) as {{ count }},
    {%- endfor %}{%- endfor %}
    cast(coalesce(visits.engaged_milliseconds, 0) + coalesce(acts.engaged_milliseconds, 0) as bigint) as engaged_milliseconds,
    {{ fit_money('coalesce(placed_orders.gross_revenue, 0)') }} as gross_revenue,
    {{ fit_money('coalesce(paid_back.refunded_amount, 0)') }} as refunded_amount,
    coalesce(visits.is_active, false) or coalesce(acts.is_active, false) or placed_orders.store_id is not null as is_active,
    coalesce(changed.person_version, '') as person_version
from days
left join changed on days.store_id = changed.store_id and days.customer_id = changed.customer_id
left join visits on {{ same_day('visits') }}
left join acts on {{ same_day('acts') }}
left join placed_orders on {{ same_day('placed_orders') }}
left join paid_back on {{ same_day('paid_back') }}
left join messages on {{ same_day('messages') }}
