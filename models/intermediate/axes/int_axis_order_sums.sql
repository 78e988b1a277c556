{{ config(**by_person(versions='int_order_versions')) }}

with changed as (

    {{ changed_people(is_incremental(), 'int_order_versions') | indent(4) }}

),

orders as (

    select
        orders.store_id,
        orders.customer_id,
        orders.order_sequence,
        orders.gross_revenue,
        orders.order_date,
        coalesce(refunds.refunded_amount, 0) as refunded_amount
    from {{ ref('int_orders') }} as orders
    left join {{ ref('int_order_refunds') }} as refunds on orders.store_id = refunds.store_id and orders.order_id = refunds.order_id
    where
        orders.is_counted
        and orders.customer_id is not null
        and {{ is_of_changed(is_incremental(), 'orders.store_id', 'orders.customer_id') }}

),

unmatched_refunds as (

    -- what was paid back without naming an order that is known
    select
        refunds.store_id,
        identities.customer_id,
        sum(refunds.amount) as refunded_amount
    from {{ ref('int_refunds') }} as refunds
    inner join {{ ref('customer_identities') }} as identities on {{ same_person('refunds') }}
    where not refunds.has_order and {{ is_of_changed(is_incremental(), 'identities.store_id', 'identities.customer_id') }}
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
        min(order_date) as first_order_date
    from orders
    group by store_id, customer_id

)

select
    sums.store_id,
    sums.customer_id,
    cast(sums.orders as bigint) as orders,
    sums.order_days,
    sums.first_order_date,
    -- orders of one size that would say as much of a share of the money (Kish)
    {{ round_to(ratio('sums.sum_values * sums.sum_values', 'sums.sum_squared_values'), 6) }} as effective_orders,
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
    end as refund_rate,
    coalesce(changed.person_version, '') as person_version
from sums
left join changed on sums.store_id = changed.store_id and sums.customer_id = changed.customer_id
left join unmatched_refunds on sums.store_id = unmatched_refunds.store_id and sums.customer_id = unmatched_refunds.customer_id
