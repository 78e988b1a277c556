-- If this fails, a model of attribution credits other returns to the orders of a day than have come back of them.
with came_back as (

    select
        orders.store_id,
        orders.order_date as activity_date,
        sum(refunds.amount) as amount
    from {{ ref('int_orders') }} as orders
    inner join {{ ref('int_refunds') }} as refunds on orders.store_id = refunds.store_id and orders.order_id = refunds.order_id
    where orders.is_counted and refunds.is_counted and refunds.has_order
    group by orders.store_id, orders.order_date

),

credited as (

    select
        store_id,
        activity_date,
        attribution_model,
        sum(returned_amount) as returned_amount
    from {{ ref('campaign_performance') }}
    where is_store
    group by store_id, activity_date, attribution_model

)

select
    credited.*,
    came_back.amount
from credited
left join came_back on credited.store_id = came_back.store_id and credited.activity_date = came_back.activity_date
where credited.returned_amount <> coalesce(came_back.amount, 0)
