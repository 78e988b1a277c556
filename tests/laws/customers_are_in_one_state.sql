-- If this fails, states of customers on the last day of daily_metrics are others than those that their last activity and first order make.
with people as (

    select
        totals.store_id,
        totals.orders > 0 as has_ordered,
        {{ last_begun_date('stores.timezone') }}
        - ({{ as_of_date('stores.timezone') }} - cast(totals.days_since_seen as integer)) as days_since_seen
    from {{ ref('int_activity_totals') }} as totals
    inner join {{ ref('int_customers') }} as customers
        on totals.store_id = customers.store_id and totals.customer_id = customers.customer_id
    inner join {{ ref('stg_stores') }} as stores on totals.store_id = stores.store_id
    where (customers.is_identified or totals.orders > 0) and totals.days_since_seen is not null

),

states as (

    select
        store_id,
        count(*) as total_customers,
        sum(case when days_since_seen < 30 then 1 else 0 end) as active_customers,
        sum(case when has_ordered and days_since_seen between 30 and 59 then 1 else 0 end) as lapsing_customers,
        sum(case when has_ordered and days_since_seen between 60 and 180 then 1 else 0 end) as at_risk_customers,
        sum(case when has_ordered and days_since_seen > 180 then 1 else 0 end) as churned_customers,
        sum(case when not has_ordered and days_since_seen >= 30 then 1 else 0 end) as prospect_customers
    from people
    group by store_id

),

days as (

    select
        *,
        row_number() over (partition by store_id order by activity_date desc) as recency_rank
    from {{ ref('daily_metrics') }}
    where is_store

)

select
    days.store_id,
    days.activity_date,
    days.total_customers,
    states.total_customers as total_customers_that_are
from days
left join states on days.store_id = states.store_id
where
    days.recency_rank = 1
    and (
        days.total_customers <> coalesce(states.total_customers, 0)
        or days.active_customers <> coalesce(states.active_customers, 0)
        or days.lapsing_customers <> coalesce(states.lapsing_customers, 0)
        or days.at_risk_customers <> coalesce(states.at_risk_customers, 0)
        or days.churned_customers <> coalesce(states.churned_customers, 0)
        or days.prospect_customers <> coalesce(states.prospect_customers, 0)
    )
