{{ config(materialized='view') }}

with stores as (

    -- the day of the night once a store: converting it for each of three million members took most of the time
    select
        store_id,
        {{ as_of_date('timezone') }} as today
    from {{ ref('stg_stores') }}

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
    inner join {{ ref('int_order_days') }} as activity
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

)

select
    periods.store_id,
    periods.cohort_key,
    periods.cohort_id,
    periods.cohort_period,
    periods.cohort_start,
    periods.age,
    periods.youngest_age,
    periods.period_number,
    periods.customers,
    activity.active_customers,
    activity.orders,
    activity.net_revenue
from periods
left join activity
    on
        periods.store_id = activity.store_id
        and periods.cohort_key = activity.cohort_key
        and periods.age = activity.age
        and periods.period_number = activity.period_number
