with sold as (

    select
        items.store_id,
        items.product_id,
        count(*) as order_lines,
        sum(case when items.price > 0 then 1 else 0 end) as paid_lines
    from {{ ref('int_order_items') }} as items
    inner join {{ ref('int_orders') }} as orders on items.store_id = orders.store_id and items.order_id = orders.order_id
    where items.product_id is not null and orders.is_counted
    group by items.store_id, items.product_id

),

-- a store that lands no prices of lines gives nothing away
stores as (

    select store_id
    from sold
    group by store_id
    having sum(paid_lines) > 0

)

select
    sold.store_id,
    sold.product_id
from sold
inner join stores on sold.store_id = stores.store_id
where 2 * sold.paid_lines < sold.order_lines
