{{ config(materialized='view') }}

with made_at as (

    select distinct
        store_id,
        as_of
    from {{ ref('predictions_made') }}

),

-- few times, each converted once and not for every prediction
nights as (

    select
        made_at.store_id,
        made_at.as_of,
        cast({{ local_time('made_at.as_of', 'stores.timezone') }} as date) as made_date,
        {{ as_of_date('stores.timezone') }} as today
    from made_at
    inner join {{ ref('stg_stores') }} as stores on made_at.store_id = stores.store_id

),

-- predictions whose horizon is over; as_of's own day has only begun
due as (

    select
        made.*,
        nights.made_date,
        coalesce(persons.customer_id, made.customer_id) as person_id
    from {{ ref('predictions_made') }} as made
    inner join nights
        on
            made.store_id = nights.store_id
            and made.as_of = nights.as_of
            and nights.today - nights.made_date > made.horizon_days
    left join {{ ref('int_person_ids') }} as persons
        on made.store_id = persons.store_id and made.customer_id = persons.earlier_id

),

windows as (

    select distinct
        store_id,
        person_id,
        made_date,
        horizon_days
    from due

),

spent as (

    select
        windows.store_id,
        windows.person_id,
        windows.made_date,
        windows.horizon_days,
        sum(days.gross_revenue - days.refunded_amount) as spent_by_then,
        sum(case when days.activity_date > windows.made_date then days.orders else 0 end) as orders_since
    from windows
    inner join {{ ref('int_customer_days') }} as days
        on
            windows.store_id = days.store_id
            and windows.person_id = days.customer_id
            and days.activity_date <= windows.made_date + cast(windows.horizon_days as integer)
    group by windows.store_id, windows.person_id, windows.made_date, windows.horizon_days

),

next_orders as (

    select
        windows.store_id,
        windows.person_id,
        windows.made_date,
        windows.horizon_days,
        orders.net_revenue as next_value,
        row_number() over (
            partition by windows.store_id, windows.person_id, windows.made_date, windows.horizon_days
            order by orders.order_sequence
        ) as order_rank
    from windows
    inner join {{ ref('int_orders') }} as orders
        on
            windows.store_id = orders.store_id
            and windows.person_id = orders.customer_id
            and windows.made_date < orders.order_date
            and windows.made_date + cast(windows.horizon_days as integer) >= orders.order_date
    where orders.is_counted

),

own_orders as (

    select
        windows.store_id,
        windows.person_id,
        windows.made_date,
        windows.horizon_days,
        count(orders.net_revenue) as order_count,
        sum(orders.net_revenue) as order_value
    from windows
    inner join {{ ref('int_orders') }} as orders
        on windows.store_id = orders.store_id and windows.person_id = orders.customer_id and windows.made_date >= orders.order_date
    where orders.is_counted
    group by windows.store_id, windows.person_id, windows.made_date, windows.horizon_days

),

known as (

    select
        due.*,
        next_orders.next_value,
        own_orders.order_count,
        own_orders.order_value,
        coalesce(spent.spent_by_then, 0) as spent_by_then,
        coalesce(spent.orders_since, 0) as orders_since
    from due
    left join spent
        on
            due.store_id = spent.store_id
            and due.person_id = spent.person_id
            and due.made_date = spent.made_date
            and due.horizon_days = spent.horizon_days
    left join own_orders
        on
            due.store_id = own_orders.store_id
            and due.person_id = own_orders.person_id
            and due.made_date = own_orders.made_date
            and due.horizon_days = own_orders.horizon_days
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
        when 'ltv' then cast(spent_by_then as double precision)
        -- a quarter above the mean, in whole numbers of cents; without another order nothing can be said
        when 'upgrade' then case
            when cast(next_value as numeric(19, 2)) * 4 * order_count >= order_value * 5 then 1
            when next_value is not null then 0
        end
    end as actual_value
from known
