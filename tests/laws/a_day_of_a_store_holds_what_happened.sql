-- If this fails, a day of daily_metrics says something else than the visits, orders, refunds and page loads of that day.
with visits as (

    select
        sessions.store_id,
        cast({{ local_time('sessions.started_at', 'stores.timezone') }} as date) as activity_date,
        count(*) as visits,
        0 as orders,
        0 as revenue,
        0 as refunded_amount,
        0 as page_views
    from {{ ref('sessions') }} as sessions
    inner join {{ ref('stg_stores') }} as stores on sessions.store_id = stores.store_id
    group by sessions.store_id, cast({{ local_time('sessions.started_at', 'stores.timezone') }} as date)

),

orders as (

    select
        orders.store_id,
        cast({{ local_time('orders.ordered_at', 'stores.timezone') }} as date) as activity_date,
        0 as visits,
        count(*) as orders,
        sum(orders.gross_revenue) as revenue,
        0 as refunded_amount,
        0 as page_views
    from {{ ref('int_orders') }} as orders
    inner join {{ ref('stg_stores') }} as stores on orders.store_id = stores.store_id
    where orders.is_counted
    group by orders.store_id, cast({{ local_time('orders.ordered_at', 'stores.timezone') }} as date)

),

refunds as (

    select
        refunds.store_id,
        cast({{ local_time('refunds.refunded_at', 'stores.timezone') }} as date) as activity_date,
        0 as visits,
        0 as orders,
        0 as revenue,
        sum(refunds.amount) as refunded_amount,
        0 as page_views
    from {{ ref('int_refunds') }} as refunds
    inner join {{ ref('stg_stores') }} as stores on refunds.store_id = stores.store_id
    where refunds.is_counted
    group by refunds.store_id, cast({{ local_time('refunds.refunded_at', 'stores.timezone') }} as date)

),

page_views as (

    select
        events.store_id,
        cast({{ local_time('events.occurred_at', 'stores.timezone') }} as date) as activity_date,
        0 as visits,
        0 as orders,
        0 as revenue,
        0 as refunded_amount,
        count(*) as page_views
    from {{ ref('int_events_enriched') }} as events
    inner join {{ ref('stg_stores') }} as stores on events.store_id = stores.store_id
    where events.fate = 'accepted' and events.is_page_load
    group by events.store_id, cast({{ local_time('events.occurred_at', 'stores.timezone') }} as date)

),

happened as (

    select
        told.store_id,
        told.activity_date,
        sum(told.visits) as visits,
        sum(told.orders) as orders,
        {{ fit_money('coalesce(sum(told.revenue), 0)') }} as revenue,
        {{ fit_money('coalesce(sum(told.refunded_amount), 0)') }} as refunded_amount,
        sum(told.page_views) as page_views
    from (
        select * from visits
        union all
        select * from orders
        union all
        select * from refunds
        union all
        select * from page_views
    ) as told
    inner join {{ ref('stg_stores') }} as stores on told.store_id = stores.store_id
    where told.activity_date > {{ last_begun_date('stores.timezone') }} - {{ var('daily_history_days') }}
    group by told.store_id, told.activity_date

),

days as (

    select * from {{ ref('daily_metrics') }}
    where is_store

)

select
    days.visits,
    happened.visits as visits_that_were,
    days.orders,
    happened.orders as orders_that_were,
    days.gross_revenue,
    happened.revenue as gross_revenue_that_was,
    days.refunded_amount,
    happened.refunded_amount as refunded_amount_that_was,
    days.page_views,
    happened.page_views as page_views_that_were,
    coalesce(days.store_id, happened.store_id) as store_id,
    coalesce(days.activity_date, happened.activity_date) as activity_date
from days
full outer join happened on days.store_id = happened.store_id and days.activity_date = happened.activity_date
where
    days.store_id is null
    or days.visits <> coalesce(happened.visits, 0)
    or days.orders <> coalesce(happened.orders, 0)
    or days.gross_revenue <> coalesce(happened.revenue, 0)
    or days.refunded_amount <> coalesce(happened.refunded_amount, 0)
    or days.page_views <> coalesce(happened.page_views, 0)
