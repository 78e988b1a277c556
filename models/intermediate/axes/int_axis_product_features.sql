with items as (

    select
        store_id,
        customer_id,
        order_sequence,
        product_id,
        order_sequence > min(order_sequence) over (partition by store_id, customer_id, product_id) as is_repeat
    from {{ ref('int_axis_items') }}
    where product_id is not null

),

orders as (

    select
        store_id,
        customer_id,
        order_sequence,
        count(*) as items,
        sum(case when is_repeat then 1 else 0 end) as repeats
    from items
    group by store_id, customer_id, order_sequence

),

repeats as (

    select
        store_id,
        customer_id,
        sum(items) as items,
        sum(repeats) as repeats,
        min(order_sequence) as first_order,
        count(*) - 1 as later_orders,
        sum(case when repeats > 0 then 1 else 0 end) as repeat_orders
    from orders
    group by store_id, customer_id

),

products as (

    select
        store_id,
        customer_id,
        product_id,
        count(*) as items
    from items
    group by store_id, customer_id, product_id

),

favourites as (

    select
        store_id,
        customer_id,
        count(*) as products,
        max(items) as top_items,
        sum(items * items) as sum_squared_items
    from products
    group by store_id, customer_id

)

select
    repeats.store_id,
    repeats.customer_id,
    cast(repeats.items - orders.items as bigint) as later_items,
    repeats.later_orders,
    {{ round_to(ratio('favourites.products', 'repeats.items'), 6) }} as exploration_breadth,
    {{ round_to(ratio('repeats.repeats', 'repeats.items - orders.items'), 6) }} as repeat_rate,
    {{ round_to(ratio('favourites.top_items', 'repeats.items'), 6) }} as loyalty_index,
    {{ round_to(ratio('repeats.repeat_orders', 'repeats.later_orders'), 6) }} as repeat_order_ratio,
    {{ round_to(ratio('favourites.sum_squared_items', 'repeats.items * repeats.items'), 6) }} as product_concentration
from repeats
inner join favourites on repeats.store_id = favourites.store_id and repeats.customer_id = favourites.customer_id
inner join orders
    on
        repeats.store_id = orders.store_id
        and repeats.customer_id = orders.customer_id
        and repeats.first_order = orders.order_sequence
-- one order shows no habit
where repeats.later_orders >= 1
