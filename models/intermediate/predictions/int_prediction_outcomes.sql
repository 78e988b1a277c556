{{ config(materialized='view') }}

with due as (

    select * from {{ ref('int_due_predictions') }}

),

windows as (

    select distinct
        store_id,
        person_id,
        made_date,
        horizon_days
    from due

),

revenue as (

    select
        windows.store_id,
        windows.person_id,
        windows.made_date,
        windows.horizon_days,
        sum(days.gross_revenue - days.refunded_amount) as net_revenue,
        sum(case when days.activity_date > windows.made_date then days.orders else 0 end) as orders_since
    from windows
    inner join {{ ref('int_order_days') }} as days
        on
            windows.store_id = days.store_id
            and windows.person_id = days.customer_id
            and days.activity_date <= windows.made_date + cast(windows.horizon_days as integer)
    group by windows.store_id, windows.person_id, windows.made_date, windows.horizon_days

),

orders as (

    select
        orders.store_id,
        orders.customer_id,
        orders.order_date,
        orders.order_sequence,
        orders.gross_revenue - coalesce(refunds.refunded_amount, 0) as net_revenue
    from {{ ref('int_orders') }} as orders
    left join {{ ref('int_order_refunds') }} as refunds on orders.store_id = refunds.store_id and orders.order_id = refunds.order_id
    where orders.is_counted

),

next_orders as (

    select
        windows.store_id,
        windows.person_id,
        windows.made_date,
        windows.horizon_days,
        orders.net_revenue as next_order_value,
        row_number() over (
            partition by windows.store_id, windows.person_id, windows.made_date, windows.horizon_days
            order by orders.order_sequence
        ) as order_rank
    from windows
    inner join orders
        on
            windows.store_id = orders.store_id
            and windows.person_id = orders.customer_id
            and windows.made_date < orders.order_date
            and windows.made_date + cast(windows.horizon_days as integer) >= orders.order_date

),

earlier_orders as (

    select
        windows.store_id,
        windows.person_id,
        windows.made_date,
        windows.horizon_days,
        count(orders.net_revenue) as order_count,
        sum(orders.net_revenue) as order_value
    from windows
    inner join orders
        on windows.store_id = orders.store_id and windows.person_id = orders.customer_id and windows.made_date >= orders.order_date
    group by windows.store_id, windows.person_id, windows.made_date, windows.horizon_days

),

outcomes as (

    select
        due.*,
        next_orders.next_order_value,
        earlier_orders.order_count,
        earlier_orders.order_value,
        coalesce(revenue.net_revenue, 0) as net_revenue,
        coalesce(revenue.orders_since, 0) as orders_since
    from due
    left join revenue
        on
            due.store_id = revenue.store_id
            and due.person_id = revenue.person_id
            and due.made_date = revenue.made_date
            and due.horizon_days = revenue.horizon_days
    left join earlier_orders
        on
            due.store_id = earlier_orders.store_id
            and due.person_id = earlier_orders.person_id
            and due.made_date = earlier_orders.made_date
            and due.horizon_days = earlier_orders.horizon_days
    left join next_orders
        on
            due.store_id = next_orders.store_id
            and due.person_id = next_orders.person_id
            and due.made_date = next_orders.made_date
            and due.horizon_days = next_orders.horizon_days
            and next_orders.order_rank = 1

)

select
    store_id,
    customer_id,
    person_id,
    prediction_type,
    as_of,
    horizon_days,
    predicted_value,
    model_version,
    case prediction_type
        when 'churn' then case when orders_since = 0 then 1 else 0 end
        when 'next_purchase' then case when orders_since > 0 then 1 else 0 end
        when 'ltv' then cast(net_revenue as double precision)
        -- a quarter above the mean, in whole numbers of cents; without another order nothing can be said
        when 'upgrade' then case
            when cast(next_order_value as numeric(19, 2)) * 4 * order_count >= order_value * 5 then 1
            when next_order_value is not null then 0
        end
    end as actual_value
from outcomes
