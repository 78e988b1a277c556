-- If this fails, money was lost or counted twice between the orders and the people: the sums over customers, with what no
-- customer can be named for, must be those of the orders and refunds.
with orders as (

    select
        store_id,
        sum(gross_revenue) as gross_revenue,
        sum(case when customer_id is null then gross_revenue else 0 end) as without_customer
    from {{ ref('int_orders') }}
    where is_counted
    group by store_id

),

refunds as (

    select
        store_id,
        sum(amount) as refunded_amount,
        sum(case when person_identifier is null then amount else 0 end) as without_customer
    from {{ ref('int_refunds') }}
    where is_counted
    group by store_id

),

people as (

    select
        store_id,
        sum(gross_revenue) as gross_revenue,
        sum(refunded_amount) as refunded_amount,
        sum(total_spent) as total_spent
    from {{ ref('customer_behavior_summary') }}
    group by store_id

)

select
    orders.store_id,
    orders.gross_revenue,
    people.gross_revenue as gross_revenue_of_people,
    refunds.refunded_amount,
    people.refunded_amount as refunded_amount_of_people
from orders
left join refunds on orders.store_id = refunds.store_id
left join people on orders.store_id = people.store_id
where
    coalesce(people.gross_revenue, 0) <> orders.gross_revenue - orders.without_customer
    or coalesce(people.refunded_amount, 0) <> coalesce(refunds.refunded_amount - refunds.without_customer, 0)
    or people.total_spent <> people.gross_revenue - people.refunded_amount
