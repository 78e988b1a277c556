select
    store_id,
    customer_id,
    cast(sum(events) as bigint) as total_events,
    cast(sum(sessions) as bigint) as total_sessions,
    cast(sum(page_view) as bigint) as total_page_views,
    cast(sum(product_view) as bigint) as total_product_views,
    cast(sum(add_to_cart) as bigint) as total_add_to_cart,
    cast(sum(search) as bigint) as total_searches,
    cast(sum(orders) as bigint) as total_purchases,
    cast(sum(revenue) as numeric(18, 2)) as gross_revenue,
    cast(sum(refunded_amount) as numeric(18, 2)) as refunded_amount,
    cast(sum(revenue) - sum(refunded_amount) as numeric(18, 2)) as total_spent,
    min(first_activity_at) as first_seen_at,
    max(last_activity_at) as last_seen_at,
    count(first_activity_at) as active_days
from {{ ref('int_customer_days') }}
group by store_id, customer_id
