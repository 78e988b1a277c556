select
    store_id,
    order_id,
    line_key,
    line_id,
    product_id,
    variant_id,
    {{ null_if_placeholder('product_name') }} as product_name,
    {{ null_if_placeholder('category') }} as category,
    {{ null_if_placeholder('product_type') }} as product_type,
    quantity,
    price,
    {{ past('refunded_at') }} as refunded_at,
    {{ past('updated_at') }} as updated_at,
    loaded_at,
    -- what was taken off or paid back is so, with whichever sign it is written; what is still to be paid back is not
    cast(abs(coalesce(discount_amount, 0)) as numeric(18, 2)) as discount_amount,
    case when refunded_at >= {{ as_of() }} then null else abs(refunded_quantity) end as refunded_quantity,
    cast(case when refunded_at >= {{ as_of() }} then 0 else abs(coalesce(refund_amount, 0)) end as numeric(18, 2)) as refund_amount
from {{ ref('base_order_items') }}
where fate = 'accepted'
