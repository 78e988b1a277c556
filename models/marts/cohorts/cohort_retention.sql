with unvalued as (

    -- stores that have orders and know the value of none
    select store_id
    from {{ ref('int_order_days') }}
    group by store_id
    having sum(orders) > 0 and sum(orders) = sum(unvalued_orders)

),

cumulated as (

    select
        *,
        sum(net_revenue) over (partition by store_id, cohort_key, age order by period_number) as cumulative_revenue
    from {{ ref('int_cohort_periods') }}

),

totals as (

    select
        store_id,
        cohort_key,
        cohort_id,
        cohort_period,
        cohort_start,
        period_number,
        sum(customers) as customers,
        coalesce(sum(active_customers), 0) as active_customers,
        coalesce(sum(orders), 0) as orders,
        coalesce(sum(net_revenue), 0) as net_revenue,
        coalesce(sum(cumulative_revenue), 0) as cumulative_revenue,
        min(youngest_age) > period_number as is_complete
    from cumulated
    group by store_id, cohort_key, cohort_id, cohort_period, cohort_start, period_number

)

select
    cast(totals.store_id as text) as store_id,
    cast(totals.cohort_key as text) as cohort_key,
    cast(totals.period_number as bigint) as period_number,
    cast(totals.cohort_id as text) as cohort_id,
    {{ later_period('totals.cohort_start', 'totals.cohort_period', 'totals.period_number') }} as period_start,
    cast({{ later_period('totals.cohort_start', 'totals.cohort_period', 'totals.period_number + 1') }} - 1 as date) as period_end,
    cast(totals.customers as bigint) as customers,
    cast(totals.active_customers as bigint) as active_customers,
    {{ round_to(ratio('totals.active_customers', 'totals.customers'), 6) }} as retention_rate,
    cast(totals.orders as bigint) as orders,
    case when unvalued.store_id is null then {{ fit_money('totals.net_revenue') }} end as revenue,
    case when unvalued.store_id is null then {{ fit_money('totals.cumulative_revenue') }} end as cumulative_revenue,
    case
        when unvalued.store_id is null then {{ money(ratio('totals.cumulative_revenue', 'totals.customers')) }}
    end as cumulative_value_per_customer,
    cast(totals.is_complete as boolean) as is_complete,
    cast(not totals.is_complete as boolean) as is_running
from totals
left join unvalued on totals.store_id = unvalued.store_id
