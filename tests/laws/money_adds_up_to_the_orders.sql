-- If this fails, money was lost or counted twice between the orders and the people: what every person paid and was paid back is
-- the sum of their orders and refunds, or the most that the column holds where the sum is more (see fit_money).
with orders as (

    select
        store_id,
        customer_id,
        -- null where the value of none is known
        {{ fit_money('sum(gross_revenue)') }} as gross_revenue
    from {{ ref('int_orders') }}
    where is_counted and customer_id is not null
    group by store_id, customer_id

),

refunds as (

    select
        refunds.store_id,
        identities.customer_id,
        {{ fit_money('sum(refunds.amount)') }} as refunded_amount
    from {{ ref('int_refunds') }} as refunds
    inner join {{ ref('customer_identities') }} as identities
        on refunds.store_id = identities.store_id and refunds.person_identifier = identities.identifier
    where refunds.is_counted
    group by refunds.store_id, identities.customer_id

),

paid as (

    select
        coalesce(orders.store_id, refunds.store_id) as store_id,
        coalesce(orders.customer_id, refunds.customer_id) as customer_id,
        case when orders.store_id is null then 0 else orders.gross_revenue end as gross_revenue,
        coalesce(refunds.refunded_amount, 0) as refunded_amount
    from orders
    full outer join refunds on orders.store_id = refunds.store_id and orders.customer_id = refunds.customer_id

)

select
    paid.gross_revenue,
    people.gross_revenue as gross_revenue_of_person,
    paid.refunded_amount,
    people.refunded_amount as refunded_amount_of_person,
    coalesce(paid.store_id, people.store_id) as store_id,
    coalesce(paid.customer_id, people.customer_id) as customer_id
from paid
full outer join {{ ref('customer_behavior_summary') }} as people
    on paid.store_id = people.store_id and paid.customer_id = people.customer_id
where
    people.customer_id is null
    or people.gross_revenue is distinct from (case when paid.store_id is null then 0 else paid.gross_revenue end)
    or people.refunded_amount <> coalesce(paid.refunded_amount, 0)
    or people.total_spent <> people.gross_revenue - people.refunded_amount
