{{ config(**by_person(versions='int_order_versions')) }}

with changed as (

    {{ changed_people(is_incremental(), 'int_order_versions') | indent(4) }}

),

orders as (

    select
        orders.store_id,
        orders.customer_id,
        orders.order_weekday,
        orders.order_hour,
        orders.gross_revenue,
        orders.discount_amount,
        coalesce(refunds.refunded_amount, 0) as refunded_amount
    from {{ ref('int_orders') }} as orders
    left join {{ ref('int_order_refunds') }} as refunds on orders.store_id = refunds.store_id and orders.order_id = refunds.order_id
    where
        orders.is_counted
        and orders.customer_id is not null
        and {{ is_of_changed(is_incremental(), 'orders.store_id', 'orders.customer_id') }}

),

times as (

    -- the week in 28 boxes: weekday and six hours of the day
    select
        store_id,
        customer_id,
        order_weekday,
        floor(order_hour / 6) as quarter_of_day,
        count(*) as orders
    from orders
    group by store_id, customer_id, order_weekday, floor(order_hour / 6)

),

regularity as (

    select
        store_id,
        customer_id,
        1 - {{ entropy('orders') }} / ln(cast(28 as double precision)) as timing_consistency
    from times
    group by store_id, customer_id

),

sums as (

    select
        store_id,
        customer_id,
        count(*) as orders,
        sum(gross_revenue) as spend,
        sum(discount_amount) as discount,
        sum(case when discount_amount > 0 then gross_revenue else 0 end) as discounted_spend,
        sum(case when order_weekday >= 5 then 1 else 0 end) as weekend_orders,
        sum(case when order_weekday < 5 and order_hour between 9 and 16 then 1 else 0 end) as office_orders,
        sum(case when order_hour >= 18 then 1 else 0 end) as evening_orders,
        sum(case when refunded_amount > 0 then 1 else 0 end) as refunded_orders
    from orders
    group by store_id, customer_id

)

select
    sums.store_id,
    sums.customer_id,
    purchases.discounted_orders,
    cast(sums.refunded_orders as bigint) as refunded_orders,
    -- unknown in a shop that does not tell of discounts
    case
        when purchases.discounted_orders is not null then {{ round_to(ratio('sums.discount', 'sums.spend + sums.discount'), 6) }}
    end as discount_rate,
    {{ round_to(ratio('purchases.discounted_orders', 'sums.orders'), 6) }} as discounted_order_ratio,
    case
        when purchases.discounted_orders is not null then {{ round_to(ratio('sums.discounted_spend', 'sums.spend'), 6) }}
    end as discount_dependency,
    {{ round_to(ratio('sums.weekend_orders', 'sums.orders'), 6) }} as weekend_ratio,
    {{ round_to(ratio('sums.office_orders', 'sums.orders'), 6) }} as business_hours_ratio,
    {{ round_to(ratio('sums.evening_orders', 'sums.orders'), 6) }} as evening_ratio,
    -- one order is always in one box
    case when sums.orders >= 2 then {{ round_to('regularity.timing_consistency', 6) }} end as timing_consistency,
    {{ round_to(ratio('sums.refunded_orders', 'sums.orders'), 6) }} as refunded_order_ratio,
    coalesce(changed.person_version, '') as person_version
from sums
left join changed on sums.store_id = changed.store_id and sums.customer_id = changed.customer_id
inner join regularity on sums.store_id = regularity.store_id and sums.customer_id = regularity.customer_id
inner join {{ ref('int_purchase_features') }} as purchases
    on sums.store_id = purchases.store_id and sums.customer_id = purchases.customer_id
