with lines as (

    select
        orders.store_id,
        orders.customer_id,
        orders.order_sequence,
        items.category,
        items.quantity,
        -- wider by a digit, because DuckDB multiplies narrow numerics as 64 bits
        cast(items.discount_amount as numeric(19, 2)) as discount_amount,
        cast(orders.discount_amount as numeric(19, 2)) as order_discount,
        -- a line that names no product is a product of its own, bought once
        coalesce(
            {{ given_id('product', 'items.product_id') }}, 'line:' || {{ composed_key(['items.order_id', 'items.line_key']) }}
        ) as product_id,
        -- a price below zero, or a cent of discount too much, make a line worth nothing and not less
        greatest(items.price * items.quantity, 0) as list_total,
        greatest(items.line_total, 0) as line_total,
        cast(orders.gross_revenue as numeric(19, 2)) + orders.discount_amount as order_list_total,
        sum(items.discount_amount) over (partition by items.store_id, items.order_id) as line_discounts
    from {{ ref('int_order_items') }} as items
    inner join {{ ref('int_orders') }} as orders on items.store_id = orders.store_id and items.order_id = orders.order_id
    where orders.is_counted and orders.customer_id is not null

),

discounted as (

    -- a discount is on the line, or on an order whose lines carry none
    select
        *,
        case when line_discounts = 0 then order_discount else discount_amount end = 0 as is_full_price,
        case
            when line_discounts = 0 then order_discount * 5 >= order_list_total and order_discount > 0
            else discount_amount * 5 >= list_total and discount_amount > 0
        end as is_bargain
    from lines

)

select
    store_id,
    customer_id,
    order_sequence,
    product_id,
    min({{ byte_order('category') }}) as category,
    count(*) as order_lines,
    {{ fit_bigint('sum(quantity)') }} as pieces,
    {{ fit_money('sum(list_total)') }} as list_total,
    {{ fit_money('sum(line_total)') }} as spend,
    cast(sum(case when is_full_price then 1 else 0 end) as bigint) as full_price_lines,
    {{ fit_money('sum(case when is_bargain then line_total else 0 end)') }} as bargain_spend
from discounted
group by store_id, customer_id, order_sequence, product_id
