{{ config(post_hook=["{{ ensure_index(['store_id', 'activity_date']) }}", "{{ ensure_index(['store_id', 'customer_id']) }}"]) }}

{%- set sources = {
    'visits': ['visits', 'engaged_visits', 'bounced_visits', 'engaged_milliseconds']
    + ['visits_with_cart', 'visits_with_checkout', 'visits_with_order'],
    'acts': ['engaged_milliseconds', 'page_views', 'product_views', 'add_to_carts', 'checkouts'],
    'placed_orders': ['orders', 'unvalued_orders', 'new_customers', 'buyers', 'repeat_buyers', 'gross_revenue'],
    'paid_back': ['refunds', 'refunded_amount'],
    'sent_messages': ['emails_sent', 'emails_opened', 'emails_clicked', 'sms_sent', 'sms_opened', 'sms_clicked']
} %}

with ordering_visits as (

    select distinct
        store_id,
        session_key
    from {{ ref('int_order_sessions') }}
    where is_counted

),

visits as (

    -- a visit is of the day on which it began
    select
        sessions.store_id,
        cast(sessions.started_at_local as date) as activity_date,
        coalesce(identities.customer_id, '') as customer_id,
        bool_or(not sessions.has_events and not sessions.is_quarantined) as is_active,
        count(*) as visits,
        sum(case when sessions.is_engaged then 1 else 0 end) as engaged_visits,
        sum(case when sessions.is_engaged then 0 else 1 end) as bounced_visits,
        sum(case when sessions.first_cart_at is not null then 1 else 0 end) as visits_with_cart,
        sum(case when sessions.first_checkout_at is not null then 1 else 0 end) as visits_with_checkout,
        sum(case when ordering_visits.session_key is not null then 1 else 0 end) as visits_with_order,
        -- of visits with events their events say it
        sum(case
            when sessions.has_events or sessions.is_quarantined then 0
            else cast(round(cast(sessions.duration_seconds * 1000 as numeric(18, 3)), 0) as bigint)
        end) as engaged_milliseconds
    from {{ ref('int_sessions') }} as sessions
    left join {{ ref('customer_identities') }} as identities on {{ same_person('sessions') }}
    left join ordering_visits
        on sessions.store_id = ordering_visits.store_id and sessions.session_key = ordering_visits.session_key
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
    group by days.store_id, coalesce(identities.customer_id, ''), days.activity_date

),

placed_orders as (

    select
        store_id,
        order_date as activity_date,
        true as is_active,
        coalesce(customer_id, '') as customer_id,
        count(*) as orders,
        count(*) - count(gross_revenue) as unvalued_orders,
        max(case when order_sequence = 1 then 1 else 0 end) as new_customers,
        count(distinct customer_id) as buyers,
        min(case when order_sequence > 1 then 1 else 0 end) as repeat_buyers,
        coalesce(sum(gross_revenue), 0) as gross_revenue
    from {{ ref('int_orders') }}
    where is_counted
    group by store_id, coalesce(customer_id, ''), order_date

),

paid_back as (

    select
        refunds.store_id,
        refunds.refund_date as activity_date,
        false as is_active,
        coalesce(identities.customer_id, '') as customer_id,
        count(*) as refunds,
        sum(refunds.amount) as refunded_amount
    from {{ ref('int_refunds') }} as refunds
    left join {{ ref('customer_identities') }} as identities on {{ same_person('refunds') }}
    where refunds.is_counted
    group by refunds.store_id, coalesce(identities.customer_id, ''), refunds.refund_date

),

sent_messages as (

    select
        store_id,
        customer_id,
        sent_date as activity_date,
        false as is_active,
        sum(case when channel = 'email' then 1 else 0 end) as emails_sent,
        sum(case when channel = 'email' and is_opened then 1 else 0 end) as emails_opened,
        sum(case when channel = 'email' and is_clicked then 1 else 0 end) as emails_clicked,
        sum(case when channel = 'sms' then 1 else 0 end) as sms_sent,
        sum(case when channel = 'sms' and is_opened then 1 else 0 end) as sms_opened,
        sum(case when channel = 'sms' and is_clicked then 1 else 0 end) as sms_clicked
    from {{ ref('int_messages') }}
    group by store_id, customer_id, sent_date

),

told as (

    {%- for source, given in sources.items() %}
        select
            {%- for column in daily_counts() + daily_amounts() %}
                {{ column if column in given else '0' }} as {{ column }},
            {%- endfor %}
            store_id,
            customer_id,
            activity_date,
            is_active
        from {{ source }}
        {{ 'union all' if not loop.last }}
    {%- endfor %}

)

select
    store_id,
    customer_id,
    activity_date,
    {%- for count in daily_counts() %}
        cast(sum({{ count }}) as bigint) as {{ count }},
    {%- endfor %}
    {%- for amount in daily_amounts() %}
        {{ fit_money('sum(' ~ amount ~ ')') }} as {{ amount }},
    {%- endfor %}
    bool_or(is_active) as is_active
from told
group by store_id, customer_id, activity_date
