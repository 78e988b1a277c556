with refund_rows as (

    select
        store_id,
        order_id,
        line_id,
        amount,
        quantity,
        source_customer_id,
        refunded_at,
        'refund:' || refund_id as refund_key
    from {{ ref('stg_refunds') }}
    where refunded_at < {{ as_of() }}

),

orders_with_rows as (

    select distinct
        store_id,
        order_id
    from refund_rows

),

line_refunds as (

    -- refunds that the shop writes onto the order line; without a date they count on the order's
    select
        items.store_id,
        items.order_id,
        items.line_id,
        items.refund_amount as amount,
        items.refunded_quantity as quantity,
        cast(null as text) as source_customer_id,
        coalesce(items.refunded_at, orders.ordered_at) as refunded_at,
        'line:' || {{ composed_key(['items.order_id', 'items.line_key']) }} as refund_key
    from {{ ref('stg_order_items') }} as items
    inner join {{ ref('stg_orders') }} as orders on items.store_id = orders.store_id and items.order_id = orders.order_id
    left join orders_with_rows
        on items.store_id = orders_with_rows.store_id and items.order_id = orders_with_rows.order_id
    where
        items.refund_amount <> 0
        and orders_with_rows.order_id is null
        and coalesce(items.refunded_at, orders.ordered_at) < {{ as_of() }}

),

refunds as (

    select * from refund_rows
    union all
    select * from line_refunds

)

select
    refunds.store_id,
    refunds.refund_key,
    refunds.order_id,
    refunds.line_id,
    coalesce(orders.source_customer_id, refunds.source_customer_id) as source_customer_id,
    case
        when coalesce(orders.source_customer_id, refunds.source_customer_id) is not null
            then 'customer:' || coalesce(orders.source_customer_id, refunds.source_customer_id)
        when orders.email is not null then 'email:' || orders.email
    end as person_identifier,
    -- nothing is paid back before it is paid
    greatest(refunds.refunded_at, orders.ordered_at) as refunded_at,
    cast({{ local_time('greatest(refunds.refunded_at, orders.ordered_at)', 'stores.timezone') }} as date) as refund_date,
    {{ converted('refunds.amount', 'coalesce(orders.exchange_rate, 1)') }} as amount,
    refunds.quantity,
    orders.order_id is not null as has_order,
    -- refunds of test and cancelled orders count for nothing, as the orders do
    coalesce(orders.cancelled_at is null and not orders.is_test, true) as is_counted
from refunds
left join {{ ref('stg_orders') }} as orders on refunds.store_id = orders.store_id and refunds.order_id = orders.order_id
left join {{ ref('stg_stores') }} as stores on refunds.store_id = stores.store_id
