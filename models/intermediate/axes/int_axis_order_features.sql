with stores as (

    -- one conversion of time zones a store, not one a row
    select
        store_id,
        {{ as_of_date('timezone') }} as today
    from {{ ref('stg_stores') }}

),

recent as (

    select
        orders.store_id,
        orders.customer_id,
        count(*) as orders
    from {{ ref('int_orders') }} as orders
    inner join stores on orders.store_id = stores.store_id
    where orders.is_counted and stores.today - orders.order_date < 90
    group by orders.store_id, orders.customer_id

),

people as (

    select
        sums.*,
        cast(sums.orders as double precision) as order_count,
        greatest(stores.today - sums.first_order_date, 0) as tenure_days,
        coalesce(recent.orders, 0) as recent_orders
    from {{ ref('int_axis_order_sums') }} as sums
    inner join stores on sums.store_id = stores.store_id
    left join recent on sums.store_id = recent.store_id and sums.customer_id = recent.customer_id

),

longest as (

    -- where the store's most experienced tenth begins
    select
        store_id,
        percentile_cont(0.9) within group (order by cast(tenure_days as double precision)) as tenure_days,
        percentile_cont(0.9) within group (order by order_count) as orders
    from people
    group by store_id

)

select
    people.store_id,
    people.customer_id,
    people.orders,
    people.order_days,
    people.effective_orders,
    purchases.purchase_frequency_days as avg_days_between_orders,
    purchases.purchase_consistency,
    people.lifetime_value,
    people.avg_order_value,
    people.value_trend,
    cast(people.tenure_days as double precision) as tenure_days,
    {{ round_to(
        "(least(coalesce(" ~ ratio('people.tenure_days', 'longest.tenure_days') ~ ", 0), 1) + least(people.order_count / longest.orders, 1)) / 2", 6
    ) }} as maturity_score,
    -- orders of the last 90 days over what the own daily rate since the first order gives for 90, each with two prior orders, less 1
    case
        when people.order_count >= 3 and people.tenure_days >= 120 then {{ round_to(
            'least((people.recent_orders + 2) / (90 * (people.order_count - 1) / people.tenure_days + 2) - 1, 5)', 6
        ) }}
    end as acceleration,
    purchases.loyalty_trend as frequency_trend,
    purchases.days_since_purchase as days_since_last_order,
    people.spend_consistency,
    people.refund_rate
from people
inner join {{ ref('int_purchase_features') }} as purchases
    on people.store_id = purchases.store_id and people.customer_id = purchases.customer_id
inner join longest on people.store_id = longest.store_id
