{#- of pauses of less than two weeks chance makes too many alike; two of a year have been kept for two years -#}
{%- set least_days, days_of_month, days_of_year = 14, 30.4375, 360 -%}
with order_days as (

    select
        orders.store_id,
        orders.customer_id,
        cutoffs.cutoff_date,
        orders.order_date,
        max(orders.ordered_at) as ordered_at
    from {{ ref('int_orders') }} as orders
    inner join {{ ref('int_prediction_cutoffs') }} as cutoffs
        on orders.store_id = cutoffs.store_id and cutoffs.cutoff = 'now' and orders.order_date <= cutoffs.cutoff_date
    where orders.is_counted and orders.customer_id is not null
    group by orders.store_id, orders.customer_id, cutoffs.cutoff_date, orders.order_date

),

pauses as (

    select
        *,
        {{ days_between('previous_date', 'order_date') }} as pause_days,
        cast(round({{ days_between('previous_date', 'order_date') }} / {{ days_of_month }}) as integer) as pause_months
    from (
        select
            *,
            lag(order_date) over (partition by store_id, customer_id order by order_date) as previous_date,
            row_number() over (partition by store_id, customer_id order by order_date desc) as last_number
        from order_days
    ) as numbered
    where last_number <= 3

),

rhythms as (

    select
        store_id,
        customer_id,
        min(cutoff_date) as cutoff_date,
        max(order_date) as last_date,
        max(ordered_at) as last_ordered_at,
        count(previous_date) as pause_count,
        min(pause_days) as shortest_days,
        max(pause_days) as longest_days,
        cast(round(avg(pause_days)) as integer) as mean_days,
        min(pause_months) as fewest_months,
        max(pause_months) as most_months,
        max(abs({{ days_between("cast(previous_date + pause_months * interval '1 month' as date)", 'order_date') }})) as days_off_months
    from pauses
    group by store_id, customer_id

),

due as (

    select
        *,
        case
            when fewest_months >= 1 and days_off_months <= least(longest_days - shortest_days, 1)
                then cast(last_date + fewest_months * interval '1 month' as date)
            when longest_days - shortest_days <= 1 then last_date + mean_days
        end as due_date
    from rhythms
    where (pause_count = 3 or (pause_count = 2 and shortest_days >= {{ days_of_year }})) and shortest_days >= {{ least_days }}

)

select
    store_id,
    customer_id,
    due_date,
    {{ elapsed_seconds(as_of(), 'last_ordered_at') }} / 86400 + {{ days_between('last_date', 'due_date') }} as due_days
from due
-- who let the day pass, and one more, has left the rhythm
where {{ days_between('due_date', 'cutoff_date') }} <= 1
