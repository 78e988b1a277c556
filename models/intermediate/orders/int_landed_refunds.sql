{{ config(materialized='view') }}

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

orders_with_lines as (

    select distinct
        store_id,
        order_id
    from line_refunds

)

select *
from refund_rows
union all
select *
from line_refunds
union all
-- an order whose status says that it was paid back, and nothing else does: all of it was, when the order last changed
select
    orders.store_id,
    orders.order_id,
    cast(null as text) as line_id,
    orders.total_price as amount,
    cast(null as bigint) as quantity,
    cast(null as text) as source_customer_id,
    coalesce(orders.updated_at, orders.ordered_at) as refunded_at,
    'order:' || orders.order_id as refund_key
from {{ ref('stg_orders') }} as orders
left join orders_with_rows
    on orders.store_id = orders_with_rows.store_id and orders.order_id = orders_with_rows.order_id
left join orders_with_lines
    on orders.store_id = orders_with_lines.store_id and orders.order_id = orders_with_lines.order_id
where
    orders.is_refunded
    and orders.total_price > 0
    and orders_with_rows.order_id is null
    and orders_with_lines.order_id is null
