with stores as (

    -- the day of the night once a store: converting it for each of three million members took most of the time
    select
        store_id,
        {{ as_of_date('timezone') }} as today
    from {{ ref('stg_stores') }}

),

unvalued as (

    -- stores that have orders and know the value of none
    select store_id
    from {{ ref('int_cohort_activity') }}
    group by store_id
    having sum(orders) > 0 and sum(orders) = sum(unvalued_orders)

),

members as (

    -- age: the number of the period that is running for the member
    select
        members.store_id,
        members.cohort_key,
        members.cohort_id,
        members.customer_id,
        members.joined_date,
        members.period_start,
        definitions.cohort_period,
        {{ period_index('members.joined_date', 'definitions.cohort_period') }} as joined_index,
        {{ period_index('stores.today', 'definitions.cohort_period') }}
        - {{ period_index('members.joined_date', 'definitions.cohort_period') }} as age
    from {{ ref('int_cohort_members') }} as members
    inner join {{ ref('int_cohort_definitions') }} as definitions on members.cohort_id = definitions.cohort_id
    inner join stores on members.store_id = stores.store_id

),

ages as (

    -- one row in a cohort by period, where all members have one age
    select
        store_id,
        cohort_key,
        cohort_id,
        cohort_period,
        period_start as cohort_start,
        age,
        count(*) as customers,
        min(age) over (partition by store_id, cohort_key) as youngest_age
    from members
    group by store_id, cohort_key, cohort_id, cohort_period, period_start, age

),

periods as (

    select
        *,
        {{ series_to_rows(0, 'age') }} as period_number
    from ages

),

member_days as (

    select
        members.store_id,
        members.cohort_key,
        members.customer_id,
        members.age,
        activity.is_active,
        activity.orders,
        activity.gross_revenue - activity.refunded_amount as net_revenue,
        {{ period_index('activity.activity_date', 'members.cohort_period') }} - members.joined_index as period_number
    from members
    inner join {{ ref('int_cohort_activity') }} as activity
        on
            members.store_id = activity.store_id
            and members.customer_id = activity.customer_id
            and members.joined_date <= activity.activity_date

),

active_members as (

    select
        store_id,
        cohort_key,
        customer_id,
        age,
        period_number,
        bool_or(is_active) as is_active,
        sum(orders) as orders,
        sum(net_revenue) as net_revenue
    from member_days
    group by store_id, cohort_key, customer_id, age, period_number

),

activity as (

    select
        store_id,
        cohort_key,
        age,
        period_number,
        count(case when is_active then 1 end) as active_customers,
        sum(orders) as orders,
        sum(net_revenue) as net_revenue
    from active_members
    group by store_id, cohort_key, age, period_number

),

cumulated as (

    select
        periods.*,
        activity.active_customers,
        activity.orders,
        activity.net_revenue,
        sum(activity.net_revenue) over (
            partition by periods.store_id, periods.cohort_key, periods.age
            order by periods.period_number
        ) as cumulative_revenue
    from periods
    left join activity
        on
            periods.store_id = activity.store_id
            and periods.cohort_key = activity.cohort_key
            and periods.age = activity.age
            and periods.period_number = activity.period_number

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
