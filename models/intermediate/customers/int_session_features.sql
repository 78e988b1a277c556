{{ config(**by_person(
    vars=['session_max_gap_hours', 'engaged_session_seconds', 'quarantine_session_events', 'quarantine_session_hours']
)) }}

with changed as (

    {{ changed_people(is_incremental()) | indent(4) }}

),

people as (

    {{ identifiers_of_changed(is_incremental()) | indent(4) }}

),

linked_orders as (

    select distinct
        store_id,
        session_key
    from {{ ref('int_order_sessions') }}
    where is_counted

),

sessions as (

    select
        sessions.*,
        identities.customer_id,
        identities.person_version,
        cast(extract(month from sessions.started_at_local) as integer) as start_month,
        sessions.first_purchase_at is not null or linked_orders.session_key is not null as has_order
    from {{ ref('int_sessions') }} as sessions
    inner join people as identities on {{ same_person('sessions') }}
    left join linked_orders
        on sessions.store_id = linked_orders.store_id and sessions.session_key = linked_orders.session_key

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

    select
        store_id,
        customer_id,
        count(*) as total_sessions,
        min(person_version) as person_version,
        max(case when not has_order then first_cart_at end) as last_unordered_cart_at,
        max(case when not has_order then first_checkout_at end) as last_unordered_checkout_at
    from sessions
    group by store_id, customer_id

),

averages as (

    -- quarantined sessions are counted, and left out of averages and rates
    select
        store_id,
        customer_id,
        {{ ratio('sum(cast(duration_seconds as numeric(28, 3)))', 'count(*)') }} as average_session_seconds,
        {{ ratio('sum(page_views)', 'count(*)') }} as page_views_per_session,
        {{ ratio('sum(case when is_engaged then 0 else 1 end)', 'count(*)') }} as bounce_rate,
        {{ ratio('sum(searches)', 'count(*)') }} as search_frequency,
        {{ ratio(
            'sum(case when first_cart_at is not null and not has_order then 1 else 0 end)', 'count(first_cart_at)'
        ) }} as cart_abandonment_rate,
        {{ ratio(
            'sum(case when first_checkout_at is not null and has_order then 1 else 0 end)', 'count(first_checkout_at)'
        ) }} as checkout_completion_rate,
        {{ ratio("sum(case when device_type = 'mobile' then 1 else 0 end)", 'count(device_type)') }} as mobile_usage_pattern,
        {{ ratio("sum(case when device_type = 'desktop' then 1 else 0 end)", 'count(device_type)') }} as desktop_usage_pattern
    from sessions
    where not is_quarantined
    group by store_id, customer_id

)

select
    totals.store_id,
    totals.customer_id,
    totals.total_sessions,
    totals.last_unordered_cart_at,
    totals.last_unordered_checkout_at,
    {{ round_to('averages.average_session_seconds', 3) }} as average_session_seconds,
    {{ round_to('averages.page_views_per_session', 6) }} as page_views_per_session,
    {{ round_to('averages.bounce_rate', 6) }} as bounce_rate,
    {{ round_to('averages.search_frequency', 6) }} as search_frequency,
    {{ round_to('averages.cart_abandonment_rate', 6) }} as cart_abandonment_rate,
    {{ round_to('averages.checkout_completion_rate', 6) }} as checkout_completion_rate,
    {{ round_to('averages.mobile_usage_pattern', 6) }} as mobile_usage_pattern,
    {{ round_to('averages.desktop_usage_pattern', 6) }} as desktop_usage_pattern,
    {{ round_to('seasons.seasonal_behavior', 6) }} as seasonal_behavior,
    totals.person_version
from totals
inner join seasons on totals.store_id = seasons.store_id and totals.customer_id = seasons.customer_id
left join averages on totals.store_id = averages.store_id and totals.customer_id = averages.customer_id
