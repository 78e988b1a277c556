with selling_since as (

    {{ selling_since() | indent(4) }}

),

purchases as (

    -- orders of one day are one purchase, as in int_order_histories
    select distinct
        orders.store_id,
        orders.customer_id,
        orders.order_date
    from {{ ref('int_orders') }} as orders
    inner join {{ ref('int_prediction_cutoffs') }} as cutoffs
        on orders.store_id = cutoffs.store_id and orders.order_date <= cutoffs.cutoff_date
    left join selling_since on orders.store_id = selling_since.store_id
    where
        orders.is_counted
        and orders.customer_id is not null
        and cutoffs.cutoff = 'now'
        and (selling_since.since is null or orders.order_date >= selling_since.since)

),

placed as (

    select
        *,
        min(order_date) over (partition by store_id, customer_id) as first_order_date
    from purchases

)

select
    store_id,
    order_date as purchase_date,
    cast(sum(case when order_date = first_order_date then 1 else 0 end) as bigint) as first_purchases,
    cast(sum(case when order_date > first_order_date then 1 else 0 end) as bigint) as repeat_purchases
from placed
group by store_id, order_date
