with activity as (

    select
        store_id,
        customer_id,
        order_date as activity_date,
        ordered_at,
        1 as orders,
        case when gross_revenue is null then 1 else 0 end as unvalued_orders,
        coalesce(gross_revenue, 0) as gross_revenue,
        0 as refunds,
        cast(0 as numeric(18, 2)) as refunded_amount,
        true as is_active
    from {{ ref('int_orders') }}
    where is_counted and customer_id is not null
    union all
    select
        refunds.store_id,
        identities.customer_id,
        refunds.refund_date as activity_date,
        cast(null as timestamp) as ordered_at,
        0 as orders,
        0 as unvalued_orders,
        cast(0 as numeric(18, 2)) as gross_revenue,
        1 as refunds,
        refunds.amount as refunded_amount,
        {{ is_return_activity() }} as is_active
    from {{ ref('int_refunds') }} as refunds
    inner join {{ ref('customer_identities') }} as identities on {{ same_person('refunds') }}
    where refunds.is_counted

)

select
    store_id,
    customer_id,
    activity_date,
    min(ordered_at) as first_order_at,
    max(ordered_at) as last_order_at,
    cast(sum(orders) as bigint) as orders,
    cast(sum(unvalued_orders) as bigint) as unvalued_orders,
    {{ fit_money('sum(gross_revenue)') }} as gross_revenue,
    cast(sum(refunds) as bigint) as refunds,
    {{ fit_money('sum(refunded_amount)') }} as refunded_amount,
    bool_or(is_active) as is_active
from activity
group by store_id, customer_id, activity_date
