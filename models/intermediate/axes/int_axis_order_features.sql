with stores as (

    -- one conversion of time zones a store, not one a row
    select
        store_id,
        {{ as_of_date('timezone') }} as today
    from {{ ref('stg_stores') }}

),

orders as (

    select
        orders.store_id,
        orders.customer_id,
        orders.order_sequence,
        orders.gross_revenue,
        orders.order_date,
        stores.today,
        coalesce(refunds.refunded_amount, 0) as refunded_amount
    from {{ ref('int_orders') }} as orders
    inner join stores on orders.store_id = stores.store_id
    left join {{ ref('int_order_refunds') }} as refunds on orders.store_id = refunds.store_id and orders.order_id = refunds.order_id
    where orders.is_counted and orders.customer_id is not null

),

unmatched_refunds as (

    -- what was paid back without naming an order that is known
    select
        refunds.store_id,
        identities.customer_id,
        sum(refunds.amount) as refunded_amount
    from {{ ref('int_refunds') }} as refunds
    inner join {{ ref('customer_identities') }} as identities on {{ same_person('refunds') }}
    where not refunds.has_order
    group by refunds.store_id, identities.customer_id

),

sums as (

    -- whole cents, because sums of doubles depend on the order of the rows
    select
        store_id,
        customer_id,
        cast(count(*) as double precision) as orders,
        cast(count(distinct order_date) as bigint) as order_days,
        cast(count(gross_revenue) as double precision) as valued_orders,
        cast(sum(gross_revenue) as double precision) as spend,
        cast(sum(order_sequence * gross_revenue) as double precision) as sum_sequence_x_value,
        -- an order of more than a trillion counts as one of a trillion where values are squared, so that squares can be added up
        cast(sum(least(gross_revenue, 1000000000000)) as double precision) as sum_values,
        cast(sum(
            least(cast(gross_revenue as numeric(19, 2)), 1000000000000) * least(gross_revenue, 1000000000000)
        ) as double precision) as sum_squared_values,
        sum(refunded_amount) as refunded_amount,
        sum(gross_revenue) - sum(refunded_amount) as net_revenue,
        greatest(max(today) - min(order_date), 0) as tenure_days,
        sum(case when today - order_date < 90 then 1 else 0 end) as recent_orders
    from orders
    group by store_id, customer_id

),

longest as (

    -- where the store's most experienced tenth begins
    select
        store_id,
        percentile_cont(0.9) within group (order by cast(tenure_days as double precision)) as tenure_days,
        percentile_cont(0.9) within group (order by orders) as orders
    from sums
    group by store_id

)

select
    sums.store_id,
    sums.customer_id,
    cast(sums.orders as bigint) as orders,
    sums.order_days,
    -- orders of one size that would say as much of a share of the money (Kish)
    {{ round_to(ratio('sums.sum_values * sums.sum_values', 'sums.sum_squared_values'), 6) }} as effective_orders,
    purchases.purchase_frequency_days as avg_days_between_orders,
    purchases.purchase_consistency,
    case
        when sums.valued_orders > 0
            then cast(greatest(sums.net_revenue - coalesce(unmatched_refunds.refunded_amount, 0), 0) as double precision)
    end as lifetime_value,
    {{ round_to(ratio('sums.spend', 'sums.valued_orders'), 6) }} as avg_order_value,
    -- slope of the least-squares line through the values of orders 1 to n, over their mean
    case
        when sums.orders >= 3 and sums.valued_orders = sums.orders then {{ round_to(ratio(
            '12 * sums.sum_sequence_x_value - 6 * (sums.orders + 1) * sums.spend',
            '(sums.orders * sums.orders - 1) * sums.spend'
        ), 6) }}
    end as value_trend,
    cast(sums.tenure_days as double precision) as tenure_days,
    {{ round_to(
        "(least(coalesce(" ~ ratio('sums.tenure_days', 'longest.tenure_days') ~ ", 0), 1) + least(sums.orders / longest.orders, 1)) / 2", 6
    ) }} as maturity_score,
    -- orders of the last 90 days over what the own daily rate since the first order gives for 90, each with two prior orders, less 1
    case
        when sums.orders >= 3 and sums.tenure_days >= 120 then {{ round_to(
            'least((sums.recent_orders + 2) / (90 * (sums.orders - 1) / sums.tenure_days + 2) - 1, 5)', 6
        ) }}
    end as acceleration,
    purchases.loyalty_trend as frequency_trend,
    purchases.days_since_purchase as days_since_last_order,
    -- 1 / (1 + standard deviation of the order values / their mean)
    case
        when sums.orders >= 2 and sums.valued_orders = sums.orders and sums.sum_values > 0 then {{ round_to(
            '1 / (1 + sqrt(greatest(sums.orders * sums.sum_squared_values - sums.sum_values * sums.sum_values, 0)) / sums.sum_values)', 6
        ) }}
    end as spend_consistency,
    -- least() would take a share that nobody knows for 1
    case
        when sums.spend > 0 then {{ round_to(
            'least(' ~ ratio('sums.refunded_amount + coalesce(unmatched_refunds.refunded_amount, 0)', 'sums.spend') ~ ', 1)', 6
        ) }}
    end as refund_rate
from sums
inner join {{ ref('int_purchase_features') }} as purchases
    on sums.store_id = purchases.store_id and sums.customer_id = purchases.customer_id
inner join longest on sums.store_id = longest.store_id
left join unmatched_refunds on sums.store_id = unmatched_refunds.store_id and sums.customer_id = unmatched_refunds.customer_id
