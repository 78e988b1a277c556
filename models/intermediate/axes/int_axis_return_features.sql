with items as (

    select
        orders.store_id,
        orders.customer_id,
        orders.ordered_at,
        orders.order_sequence,
        items.order_id,
        items.line_id,
        items.product_id,
        items.category,
        items.quantity
    from {{ ref('int_order_items') }} as items
    inner join {{ ref('int_orders') }} as orders on items.store_id = orders.store_id and items.order_id = orders.order_id
    where orders.is_counted and orders.customer_id is not null

),

bought as (

    select
        store_id,
        customer_id,
        sum(quantity) as pieces,
        count(*) as order_lines
    from items
    group by store_id, customer_id

),

refunds as (

    select
        refunds.store_id,
        orders.customer_id,
        refunds.order_id,
        refunds.line_id,
        refunds.refunded_at,
        -- a line without a number of pieces is one
        abs(cast(coalesce(refunds.quantity, case when refunds.line_id is not null then 1 else 0 end) as numeric(19, 0))) as pieces
    from {{ ref('int_refunds') }} as refunds
    inner join {{ ref('int_orders') }} as orders on refunds.store_id = orders.store_id and refunds.order_id = orders.order_id
    where orders.is_counted and orders.customer_id is not null

),

returned as (

    select
        store_id,
        customer_id,
        sum(pieces) as pieces
    from refunds
    group by store_id, customer_id

),

returned_lines as (

    select
        items.store_id,
        items.customer_id,
        items.order_id,
        items.line_id,
        items.product_id,
        items.category,
        min(refunds.refunded_at) as refunded_at
    from refunds
    inner join items
        on refunds.store_id = items.store_id and refunds.order_id = items.order_id and refunds.line_id = items.line_id
    group by items.store_id, items.customer_id, items.order_id, items.line_id, items.product_id, items.category

),

switches as (

    -- lines sent back, and another product of the category bought within 30 days
    select distinct
        returned_lines.store_id,
        returned_lines.customer_id,
        returned_lines.order_id,
        returned_lines.line_id
    from returned_lines
    inner join items
        on
            returned_lines.store_id = items.store_id
            and returned_lines.customer_id = items.customer_id
            and returned_lines.category = items.category
            and returned_lines.product_id <> items.product_id
            and returned_lines.refunded_at < items.ordered_at
            and {{ shift_time('returned_lines.refunded_at', 30, 'day') }} >= items.ordered_at

),

switched as (

    select
        store_id,
        customer_id,
        count(*) as order_lines
    from switches
    group by store_id, customer_id

)

select
    bought.store_id,
    bought.customer_id,
    case
        when bought.pieces > 0 then {{ round_to('least(' ~ ratio('coalesce(returned.pieces, 0)', 'bought.pieces') ~ ', 1)', 6) }}
    end as items_returned_pct,
    {{ round_to(ratio('coalesce(switched.order_lines, 0)', 'bought.order_lines'), 6) }} as product_switching
from bought
left join returned on bought.store_id = returned.store_id and bought.customer_id = returned.customer_id
left join switched on bought.store_id = switched.store_id and bought.customer_id = switched.customer_id
