{{ config(materialized='view') }}

with orders as (

    select
        store_id,
        session_key,
        sum(case when is_counted then 1 else 0 end) as orders,
        sum(case when is_counted then 0 else 1 end) as uncounted_orders,
        sum(case when is_counted then gross_revenue end) as revenue
    from {{ ref('int_order_sessions') }}
    group by store_id, session_key

)

select
    cast(sessions.store_id as text) as store_id,
    cast(sessions.session_key as text) as session_key,
    cast(sessions.session_id as text) as session_id,
    cast(identities.customer_id as text) as customer_id,
    cast(sessions.source_customer_id as text) as source_customer_id,
    cast(sessions.visitor_key as text) as visitor_key,
    cast(sessions.started_at as timestamp) as started_at,
    cast(sessions.ended_at as timestamp) as ended_at,
    cast(sessions.duration_seconds as double precision) as duration_seconds,
    cast(sessions.total_events as bigint) as total_events,
    cast(sessions.page_views as bigint) as page_views,
    cast(sessions.product_views as bigint) as product_views,
    cast(sessions.products_viewed as bigint) as products_viewed,
    cast(sessions.categories_explored as bigint) as categories_explored,
    cast(sessions.searches as bigint) as searches,
    cast(sessions.source as text) as source,
    cast(sessions.medium as text) as medium,
    cast(sessions.campaign as text) as campaign,
    cast(sessions.channel as text) as channel,
    cast(sessions.referrer as text) as referrer,
    cast(sessions.referrer_type as text) as referrer_type,
    cast(sessions.landing_page as text) as landing_page,
    cast(sessions.exit_page as text) as exit_page,
    cast(sessions.device_type as text) as device_type,
    cast(sessions.browser as text) as browser,
    -- that a visit bought, and which order, are known each by itself
    cast(case when orders.orders is not null then orders.orders when sessions.first_purchase_at is null then 0 end as bigint) as orders,
    cast(coalesce(orders.uncounted_orders, 0) as bigint) as uncounted_orders,
    {{ fit_money(
        'case when orders.orders > 0 then orders.revenue when orders.orders = 0 or sessions.first_purchase_at is null then 0 end'
    ) }} as revenue,
    cast(sessions.first_cart_at is not null as boolean) as has_cart,
    cast(sessions.first_checkout_at is not null as boolean) as has_checkout,
    cast(sessions.first_purchase_at is not null or coalesce(orders.orders, 0) > 0 as boolean) as has_purchase,
    cast(sessions.is_engaged as boolean) as is_engaged,
    cast(not sessions.is_engaged as boolean) as is_bounce,
    cast(sessions.is_quarantined as boolean) as is_quarantined,
    cast(sessions.has_events as boolean) as has_events
from {{ ref('int_sessions') }} as sessions
left join {{ ref('customer_identities') }} as identities on {{ same_person('sessions') }}
left join orders on sessions.store_id = orders.store_id and sessions.session_key = orders.session_key
