select
    store_id,
    order_id,
    {{ known_id('customer', 'customer_id') }} as source_customer_id,
    {{ known_id('email', 'email') }} as email,
    ordered_at,
    total_price,
    -- what was taken off is taken off, with whichever sign it is written
    cast(abs(coalesce(discount_amount, 0)) as numeric(18, 2)) as discount_amount,
    currency,
    exchange_rate,
    lower(source) as source,
    lower(financial_status) as financial_status,
    {{ past('cancelled_at') }} as cancelled_at,
    coalesce(is_test, false) as is_test,
    {{ known_id('session', 'session_id') }} as session_id,
    {{ past('updated_at') }} as updated_at,
    loaded_at
from {{ ref('base_orders') }}
where fate = 'accepted'
