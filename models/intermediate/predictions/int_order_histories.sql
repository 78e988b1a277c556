{%- set repeat_spend = 'case when order_date > first_order_date then day_spend end' -%}
with refunds as (

    select
        refunds.*,
        cutoffs.cutoff
    from {{ ref('int_refunds') }} as refunds
    inner join {{ ref('int_prediction_cutoffs') }} as cutoffs
        on refunds.store_id = cutoffs.store_id and refunds.refund_date <= cutoffs.cutoff_date

),

order_refunds as (

    select
        store_id,
        order_id,
        cutoff,
        sum(amount) as refunded_amount
    from refunds
    where has_order
    group by store_id, order_id, cutoff

),

-- orders of one day are one purchase, net of what was refunded of them by then; its value is known where that of every order is
order_days as (

    select
        orders.store_id,
        orders.customer_id,
        cutoffs.cutoff,
        cutoffs.cutoff_date,
        orders.order_date,
        case
            when count(*) = count(orders.gross_revenue) then sum(orders.gross_revenue - coalesce(order_refunds.refunded_amount, 0))
        end as day_spend,
        max(case when orders.discount_amount > 0 then 1 else 0 end) as is_discounted
    from {{ ref('int_orders') }} as orders
    inner join {{ ref('int_prediction_cutoffs') }} as cutoffs
        on orders.store_id = cutoffs.store_id and orders.order_date <= cutoffs.cutoff_date
    left join order_refunds
        on
            orders.store_id = order_refunds.store_id
            and orders.order_id = order_refunds.order_id
            and cutoffs.cutoff = order_refunds.cutoff
    where orders.is_counted and orders.customer_id is not null
    group by orders.store_id, orders.customer_id, cutoffs.cutoff, cutoffs.cutoff_date, orders.order_date

),

unnamed_refunds as (

    select
        refunds.store_id,
        identities.customer_id,
        refunds.cutoff,
        refunds.refund_date,
        sum(refunds.amount) as amount
    from refunds
    inner join {{ ref('customer_identities') }} as identities on {{ same_person('refunds') }}
    where not refunds.has_order and refunds.is_counted
    group by refunds.store_id, identities.customer_id, refunds.cutoff, refunds.refund_date

),

payments as (

    select
        store_id,
        customer_id,
        cutoff,
        order_date as paid_on,
        0 as is_refund,
        greatest(coalesce(day_spend, 0), 0) as amount
    from order_days
    where (store_id, customer_id, cutoff) in (
        select
            unnamed_refunds.store_id,
            unnamed_refunds.customer_id,
            unnamed_refunds.cutoff
        from unnamed_refunds
    )
    union all
    select
        store_id,
        customer_id,
        cutoff,
        refund_date as paid_on,
        1 as is_refund,
        -amount as amount
    from unnamed_refunds

),

-- a refund that names no order is of the last that the person had placed, and of those before it as far as it is more
kept as (

    {{ left_of_payments('payments') | indent(4) }}

),

placed as (

    select
        order_days.store_id,
        order_days.customer_id,
        order_days.cutoff,
        order_days.cutoff_date,
        order_days.order_date,
        order_days.is_discounted,
        case when order_days.day_spend > 0 then coalesce(kept.amount_left, order_days.day_spend) else order_days.day_spend end as day_spend
    from order_days
    left join kept
        on
            order_days.store_id = kept.store_id
            and order_days.customer_id = kept.customer_id
            and order_days.cutoff = kept.cutoff
            and order_days.order_date = kept.paid_on

),

-- a history begins where the store began again, of those who have ordered since
counted as (

    {{ days_since_selling('placed') | indent(4) }}

)

select
    store_id,
    customer_id,
    cutoff,
    count(*) - 1 as frequency,
    {{ round_to("(max(order_date) - min(first_order_date)) / cast(7 as double precision)", 9) }} as recency_weeks,
    {{ round_to("(min(cutoff_date) - min(first_order_date)) / cast(7 as double precision)", 9) }} as age_weeks,
    {{ round_to(ratio('sum(' ~ repeat_spend ~ ')', 'count(' ~ repeat_spend ~ ')'), 6) }} as repeat_spend,
    {{ round_to(ratio('sum(day_spend)', 'count(day_spend)'), 6) }} as mean_spend,
    count(day_spend) as valued_orders,
    count({{ repeat_spend }}) as valued_repeats,
    cast(sum(case when cutoff_date - order_date < 90 then 1 else 0 end) as bigint) as orders_90,
    cast(sum(case when cutoff_date - order_date < 365 then 1 else 0 end) as bigint) as orders_365,
    {{ round_to(ratio('sum(is_discounted)', 'count(*)'), 6) }} as discounted_share,
    {{ round_to('coalesce(max(earlier_spend), 0)', 6) }} as earlier_spend
from counted
where not is_earlier
group by store_id, customer_id, cutoff
