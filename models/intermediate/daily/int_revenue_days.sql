{{ config(materialized='view') }}

with stores as (

    select
        store_id,
        {{ as_of_date('timezone') }} as as_of_date
    from {{ ref('stg_stores') }}

)

select
    activity.store_id,
    activity.activity_date,
    stores.as_of_date,
    cast({{ fit_money('sum(activity.gross_revenue - activity.refunded_amount)') }} as double precision) as net_revenue
from {{ ref('int_daily_activity') }} as activity
inner join stores on activity.store_id = stores.store_id
where activity.activity_date < stores.as_of_date
group by activity.store_id, activity.activity_date, stores.as_of_date
