{{ config(**by_person(models=['int_daily_activity'])) }}

with changed as (

    {{ changed_people(is_incremental()) | indent(4) }}

),

days as (

    select
        store_id,
        customer_id,
        activity_date,
        is_active,
        orders,
        cast(gross_revenue - refunded_amount as numeric(38, 2)) as net_revenue,
        min(case when orders > 0 then activity_date end) over (partition by store_id, customer_id) as first_order_date
    from {{ ref('int_daily_activity') }}
    where
        customer_id <> ''
        and (is_active or orders > 0 or refunds > 0)
        and {{ is_of_changed(is_incremental(), 'store_id', 'customer_id') }}

),

active_days as (

    select
        store_id,
        customer_id,
        activity_date,
        coalesce(first_order_date <= activity_date, false) as has_ordered,
        {{ days_between('lag(activity_date) over by_day', 'activity_date') }} as days_before,
        coalesce({{ days_between('activity_date', 'lead(activity_date) over by_day') }}, 1000000) as days_to_next
    from days
    where is_active
    window by_day as (partition by store_id, customer_id order by activity_date)

),

-- what a buyer is from so many days after the last activity on
pauses as (

    select
        30 as days_after,
        'lapsing' as state
    union all
    select
        60 as days_after,
        'at_risk' as state
    union all
    select
        181 as days_after,
        'churned' as state

),

-- a day on which a person becomes something else, or on which what is known of their money changes
edges as (

    select
        store_id,
        customer_id,
        activity_date as from_date,
        'active' as state,
        0 as net_revenue,
        0 as orders_30d
    from active_days
    where days_before is null or days_before > 30
    union all
    select
        active_days.store_id,
        active_days.customer_id,
        active_days.activity_date + pauses.days_after as from_date,
        case when active_days.has_ordered then pauses.state else 'prospect' end as state,
        0 as net_revenue,
        0 as orders_30d
    from active_days
    inner join pauses on active_days.days_to_next > pauses.days_after and (active_days.has_ordered or pauses.days_after = 30)
    union all
    select
        store_id,
        customer_id,
        activity_date as from_date,
        cast(null as text) as state,
        net_revenue,
        orders as orders_30d
    from days
    where orders > 0 or net_revenue <> 0
    union all
    select
        store_id,
        customer_id,
        activity_date + 30 as from_date,
        cast(null as text) as state,
        0 as net_revenue,
        -orders as orders_30d
    from days
    where orders > 0

),

dated as (

    select
        store_id,
        customer_id,
        from_date,
        max(state) as state,
        sum(net_revenue) as net_revenue,
        sum(orders_30d) as orders_30d
    from edges
    group by store_id, customer_id, from_date

),

spans as (

    select
        store_id,
        customer_id,
        from_date,
        -- who became something is it until the next such day: the last one so far, with its day in front
        max(case when state is not null then cast(from_date as text) || state end) over so_far as dated_state,
        sum(net_revenue) over so_far as net_revenue,
        sum(orders_30d) over so_far as orders_30d,
        max(orders_30d) over so_far > 0 as has_ordered,
        lead(from_date) over (partition by store_id, customer_id order by from_date) as until_date
    from dated
    window so_far as (
        partition by store_id, customer_id order by from_date rows between unbounded preceding and current row
    )

)

select
    spans.store_id,
    spans.customer_id,
    people.is_identified or spans.has_ordered as is_customer,
    spans.from_date,
    spans.until_date,
    substr(spans.dated_state, 11) as state,
    {{ fit_money('spans.net_revenue') }} as net_revenue,
    cast(spans.orders_30d as bigint) as orders_30d,
    coalesce(changed.person_version, '') as person_version
from spans
inner join {{ ref('int_customers') }} as people on spans.store_id = people.store_id and spans.customer_id = people.customer_id
left join changed on spans.store_id = changed.store_id and spans.customer_id = changed.customer_id
where spans.dated_state is not null
