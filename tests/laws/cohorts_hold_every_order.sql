-- If this fails, an order or its customer is missing from retention, or is in it twice: by period of acquisition every
-- customer with an order is in one cohort, so the cohorts of each such definition hold all orders of customers.
with orders as (

    select
        store_id,
        count(*) as orders
    from {{ ref('int_orders') }}
    where is_counted and customer_id is not null
    group by store_id

),

definitions as (

    select cohort_id from {{ ref('int_cohort_definitions') }}
    where is_periodic and is_active

),

retention as (

    select
        store_id,
        cohort_id,
        sum(orders) as orders
    from {{ ref('cohort_retention') }}
    group by store_id, cohort_id

)

select
    orders.store_id,
    definitions.cohort_id,
    orders.orders,
    retention.orders as orders_of_cohorts
from orders
cross join definitions
left join retention on orders.store_id = retention.store_id and definitions.cohort_id = retention.cohort_id
where coalesce(retention.orders, 0) <> orders.orders
