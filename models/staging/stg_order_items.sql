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
    refunded_quantity,
    refunded_at,
    updated_at,
    loaded_at,
    -- what was taken off or paid back is so, with whichever sign it is written
    cast(abs(coalesce(discount_amount, 0)) as numeric(18, 2)) as discount_amount,
    cast(abs(coalesce(refund_amount, 0)) as numeric(18, 2)) as refund_amount
from {{ ref('base_order_items') }}
where fate = 'accepted'
