select
    store_id,
    refund_id,
    refunded_at,
    amount,
    order_id,
    line_id,
    {{ known_id('customer', 'customer_id') }} as source_customer_id,
    abs(quantity) as quantity,
    loaded_at
from {{ ref('base_refunds') }}
where fate = 'accepted'
