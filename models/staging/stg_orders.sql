with orders as (

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
        {{ lower_letters('source') }} as source,
        lower(financial_status) as financial_status,
        {{ name_key('financial_status') }} as status_key,
        {{ past('cancelled_at') }} as cancelled_at,
        coalesce(is_test, false) as is_test,
        {{ known_id('session', 'session_id') }} as session_id,
        {{ past('updated_at') }} as updated_at,
        loaded_at
    from {{ ref('base_orders') }}
    where fate = 'accepted'

)

select
    orders.store_id,
    orders.order_id,
    orders.source_customer_id,
    orders.email,
    orders.ordered_at,
    orders.total_price,
    orders.discount_amount,
    orders.currency,
    orders.exchange_rate,
    orders.source,
    orders.financial_status,
    orders.cancelled_at,
    orders.is_test,
    orders.session_id,
    orders.updated_at,
    orders.loaded_at,
    -- a status that nobody has described says nothing against the order
    not orders.is_test and orders.cancelled_at is null and coalesce(statuses.is_counted, true) as is_counted,
    coalesce(statuses.is_refunded, false) as is_refunded,
    orders.status_key is not null and statuses.name_key is null as has_unknown_status
from orders
left join {{ ref('stg_order_statuses') }} as statuses on orders.status_key = statuses.name_key
