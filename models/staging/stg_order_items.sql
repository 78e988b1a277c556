select
    store_id,
    order_id,
    line_key,
    line_id,
    product_id,
    variant_id,
    product_name,
    category,
    product_type,
    quantity,
    price,
    coalesce(discount_amount, 0) as discount_amount,
    coalesce(refund_amount, 0) as refund_amount,
    refunded_quantity,
    refunded_at,
    updated_at,
    loaded_at
from {{ ref('base_order_items') }}
where fate = 'accepted'
