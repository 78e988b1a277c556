{{ config(post_hook="{{ ensure_index(['store_id', 'order_id']) }}") }}

select
    items.store_id,
    items.order_id,
    items.line_key,
    items.line_id,
    items.product_id,
    items.variant_id,
    coalesce(items.product_name, products.title) as product_name,
    coalesce(items.category, products.category) as category,
    coalesce(items.product_type, products.product_type) as product_type,
    products.vertical,
    items.quantity,
    {{ converted('items.price', 'orders.exchange_rate') }} as price,
    {{ converted('items.discount_amount', 'orders.exchange_rate') }} as discount_amount,
    {{ converted('(items.price * items.quantity - items.discount_amount)', 'orders.exchange_rate') }} as line_total
from {{ ref('stg_order_items') }} as items
inner join {{ ref('stg_orders') }} as orders on items.store_id = orders.store_id and items.order_id = orders.order_id
left join {{ ref('stg_products') }} as products on items.store_id = products.store_id and items.product_id = products.product_id
