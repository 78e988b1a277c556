-- getBehaviorSummary: what one customer did
select
    customer_id,
    total_events,
    total_page_views,
    total_product_views,
    total_add_to_cart,
    total_purchases,
    total_spent,
    avg_order_value,
    last_purchase_date,
    first_purchase_date,
    days_since_purchase,
    purchase_frequency_days,
    preferred_category,
    preferred_device,
    preferred_source
from {{ ref('customer_behavior_summary') }}
where
    store_id = {{ sql_text(var('store_id', 'store_1')) }}
    and customer_id = {{ sql_text(var('customer_id', 'c1000023')) }}
