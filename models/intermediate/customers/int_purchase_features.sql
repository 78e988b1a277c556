with stores as (

    -- one conversion of time zones a store, not one a row
    select
        store_id,
        {{ as_of_date('timezone') }} as today
    from {{ ref('stg_stores') }}

),

orders as (

    select
        orders.*,
        -- the days before as_of in which orders may tell of a trend: as many as the person is a customer, at most 360
        least(
            stores.today - min(orders.order_date) over (partition by orders.store_id, orders.customer_id), 360
        ) as trend_days,
        cast(extract(month from orders.order_date) as integer) as order_month,
        -- whole seconds, because sums of doubles depend on the order of the rows
        cast({{ round_to('orders.days_since_previous_order * 86400', 0) }} as bigint) as gap_seconds,
        stores.today
    from {{ ref('int_orders') }} as orders
    inner join stores on orders.store_id = stores.store_id
    where orders.is_counted and orders.customer_id is not null

),

months as (

    select
        store_id,
        customer_id,
        order_month,
        count(*) as orders
    from orders
    group by store_id, customer_id, order_month

),

discounts as (

    -- a shop of which no order has a discount does not tell of them
    select
        store_id,
        max(discount_amount) > 0 as are_known
    from orders
    group by store_id

),

seasons as (

    select
        store_id,
        customer_id,
        {{ seasonality('orders') }} as seasonal_purchase_pattern
    from months
    group by store_id, customer_id

),

totals as (

    select
        store_id,
        customer_id,
        cast(sum(gap_seconds) as double precision) as sum_gaps,
        cast(sum(cast(gap_seconds as numeric(19, 0)) * gap_seconds) as double precision) as sum_squared_gaps,
        count(*) as orders,
        min(ordered_at) as first_order_at,
        max(ordered_at) as last_order_at,
        min(order_date) as first_order_date,
        greatest(max(today) - max(order_date), 0) as days_since_purchase,
        greatest(max(today) - min(order_date), 0) as days_since_first_purchase,
        count(gap_seconds) as gaps,
        sum(case when discount_amount > 0 then 1 else 0 end) as discounted_orders,
        sum(case when 2 * (today - order_date) < trend_days then 1 else 0 end) as orders_later_half,
        sum(case when today - order_date < trend_days and 2 * (today - order_date) >= trend_days then 1 else 0 end) as orders_earlier_half
    from orders
    group by store_id, customer_id

)

select
    totals.store_id,
    totals.customer_id,
    totals.orders,
    totals.first_order_at,
    totals.last_order_at,
    totals.first_order_date,
    case when discounts.are_known then cast(totals.discounted_orders as bigint) end as discounted_orders,
    cast(totals.days_since_purchase as bigint) as days_since_purchase,
    cast(totals.days_since_first_purchase as bigint) as days_since_first_purchase,
    {{ round_to(ratio('totals.sum_gaps', 'totals.gaps * 86400'), 4) }} as purchase_frequency_days,
    -- 1 / (1 + standard deviation of the gaps / their mean)
    case
        when totals.orders >= 3 and totals.sum_gaps > 0 then {{ round_to(
            '1 / (1 + sqrt(greatest(totals.gaps * totals.sum_squared_gaps - totals.sum_gaps * totals.sum_gaps, 0)) / totals.sum_gaps)', 6
        ) }}
        when totals.orders >= 3 then 1
    end as purchase_consistency,
    {{ round_to('seasons.seasonal_purchase_pattern', 6) }} as seasonal_purchase_pattern,
    -- three orders in 120 days are the least that shows one
    case
        when totals.orders >= 3 and totals.days_since_first_purchase >= 120 then {{ round_to(ratio(
            'totals.orders_later_half - totals.orders_earlier_half', 'totals.orders_later_half + totals.orders_earlier_half + 2'
        ), 6) }}
    end as loyalty_trend
from totals
inner join seasons on totals.store_id = seasons.store_id and totals.customer_id = seasons.customer_id
inner join discounts on totals.store_id = discounts.store_id
