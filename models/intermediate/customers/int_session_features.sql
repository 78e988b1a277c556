with linked_orders as (

    select distinct
        store_id,
        session_id
    from {{ ref('int_orders') }}
    where is_counted and session_id is not null

),

sessions as (

    select
        sessions.*,
        identities.customer_id,
        sessions.first_purchase_at is not null or linked_orders.session_id is not null as has_order,
        cast(extract(month from {{ local_time('sessions.started_at', 'stores.timezone') }}) as integer) as start_month
    from {{ ref('int_sessions') }} as sessions
    inner join {{ ref('stg_stores') }} as stores on sessions.store_id = stores.store_id
    inner join {{ ref('customer_identities') }} as identities
        on sessions.store_id = identities.store_id and sessions.person_identifier = identities.identifier
    left join linked_orders
        on sessions.store_id = linked_orders.store_id and sessions.session_id = linked_orders.session_id
    where sessions.is_visit

),

months as (

    select
        store_id,
        customer_id,
        start_month,
        count(*) as sessions
    from sessions
    group by store_id, customer_id, start_month

),

seasons as (

    select
        store_id,
        customer_id,
        {{ seasonality('sessions') }} as seasonal_behavior
    from months
    group by store_id, customer_id

),

totals as (

    -- quarantined sessions are counted, and left out of averages and rates
    select
        store_id,
        customer_id,
        count(*) as total_sessions,
        {{ ratio(
            'sum(case when not is_quarantined then cast(duration_seconds as numeric(28, 3)) end)',
            'sum(case when not is_quarantined then 1 else 0 end)'
        ) }} as average_session_seconds,
        {{ ratio(
            'sum(case when not is_quarantined then page_views end)', 'sum(case when not is_quarantined then 1 else 0 end)'
        ) }} as page_views_per_session,
        {{ ratio(
            'sum(case when not is_quarantined and not is_engaged then 1 else 0 end)',
            'sum(case when not is_quarantined then 1 else 0 end)'
        ) }} as bounce_rate,
        {{ ratio('sum(searches)', 'count(*)') }} as search_frequency,
        {{ ratio(
            'sum(case when first_cart_at is not null and not has_order then 1 else 0 end)',
            'sum(case when first_cart_at is not null then 1 else 0 end)'
        ) }} as cart_abandonment_rate,
        {{ ratio(
            'sum(case when first_checkout_at is not null and has_order then 1 else 0 end)',
            'sum(case when first_checkout_at is not null then 1 else 0 end)'
        ) }} as checkout_completion_rate,
        {{ ratio(
            "sum(case when device_type = 'mobile' then 1 else 0 end)", 'sum(case when device_type is not null then 1 else 0 end)'
        ) }} as mobile_usage_pattern,
        {{ ratio(
            "sum(case when device_type = 'desktop' then 1 else 0 end)", 'sum(case when device_type is not null then 1 else 0 end)'
        ) }} as desktop_usage_pattern
    from sessions
    group by store_id, customer_id

)

select
    totals.store_id,
    totals.customer_id,
    totals.total_sessions,
    {{ round_to('totals.average_session_seconds', 3) }} as average_session_seconds,
    {{ round_to('totals.page_views_per_session', 6) }} as page_views_per_session,
    {{ round_to('totals.bounce_rate', 6) }} as bounce_rate,
    {{ round_to('totals.search_frequency', 6) }} as search_frequency,
    {{ round_to('totals.cart_abandonment_rate', 6) }} as cart_abandonment_rate,
    {{ round_to('totals.checkout_completion_rate', 6) }} as checkout_completion_rate,
    {{ round_to('totals.mobile_usage_pattern', 6) }} as mobile_usage_pattern,
    {{ round_to('totals.desktop_usage_pattern', 6) }} as desktop_usage_pattern,
    {{ round_to('seasons.seasonal_behavior', 6) }} as seasonal_behavior
from totals
inner join seasons on totals.store_id = seasons.store_id and totals.customer_id = seasons.customer_id
