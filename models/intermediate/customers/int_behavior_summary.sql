{{ config(materialized='view') }}

select
    customers.store_id,
    customers.customer_id,
    customers.is_identified,
    totals.first_seen_at,
    totals.last_seen_at,
    {{ money(average_order_value('totals')) }} as avg_order_value,
    purchases.first_order_at,
    purchases.last_order_at,
    purchases.days_since_purchase,
    purchases.purchase_frequency_days,
    favorites.favorite_categories,
    favorites.favorite_products,
    favorites.preferred_category,
    favorites.price_range_low,
    favorites.price_range_high,
    preferences.preferred_device,
    preferences.preferred_source,
    sessions.average_session_seconds,
    sessions.page_views_per_session,
    coalesce(totals.active_days, 0) as active_days,
    coalesce(totals.total_events, 0) as total_events,
    coalesce(totals.total_sessions, 0) as total_sessions,
    coalesce(totals.total_page_views, 0) as total_page_views,
    coalesce(totals.total_product_views, 0) as total_product_views,
    coalesce(totals.total_add_to_cart, 0) as total_add_to_cart,
    coalesce(totals.orders, 0) as orders,
    {{ known_money('gross_revenue', 'totals') }} as gross_revenue,
    cast(coalesce(totals.refunded_amount, 0) as numeric(18, 2)) as refunded_amount,
    {{ known_money('net_revenue', 'totals') }} as net_revenue
from {{ ref('int_customers') }} as customers
left join {{ ref('int_activity_totals') }} as totals
    on customers.store_id = totals.store_id and customers.customer_id = totals.customer_id
left join {{ ref('int_purchase_features') }} as purchases
    on customers.store_id = purchases.store_id and customers.customer_id = purchases.customer_id
left join {{ ref('int_favorites') }} as favorites
    on customers.store_id = favorites.store_id and customers.customer_id = favorites.customer_id
left join {{ ref('int_preferences') }} as preferences
    on customers.store_id = preferences.store_id and customers.customer_id = preferences.customer_id
left join {{ ref('int_session_features') }} as sessions
    on customers.store_id = sessions.store_id and customers.customer_id = sessions.customer_id
