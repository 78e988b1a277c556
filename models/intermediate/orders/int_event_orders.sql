{{ config(post_hook="{{ ensure_index(['store_id', 'order_id']) }}") }}

{%- set by_time = 'occurred_at asc, ' ~ byte_order('event_id') ~ ' asc' %}

with stores_with_orders as (

    {{ stores_that_land('orders', 'order_id') | indent(4) }}

),

purchases as (

    select
        events.store_id,
        events.event_id,
        events.source_customer_id,
        events.person_identifier,
        events.session_id,
        events.session_key,
        events.occurred_at,
        events.event_value,
        {{ given_id('order', 'events.order_id') }} as given_order_id,
        events.order_id is null and events.product_id is not null as is_line,
        coalesce(events.person_identifier, 'visit:' || events.session_id, 'event:' || events.event_id) as buyer
    from {{ ref('int_events_enriched') }} as events
    left join stores_with_orders on events.store_id = stores_with_orders.store_id
    where
        events.fate = 'accepted'
        and events.event_type = 'purchase'
        -- a value below zero takes another purchase back (int_refunds)
        and coalesce(events.event_value, 0) >= 0
        and stores_with_orders.store_id is null

),

lagged as (

    select
        *,
        lag(occurred_at) over (partition by store_id, buyer order by {{ by_time }}) as previous_at
    from purchases

),

checkouts as (

    select
        *,
        sum(case when occurred_at <= previous_at + interval '5 minutes' then 0 else 1 end) over (
            partition by store_id, buyer order by {{ by_time }} rows between unbounded preceding and current row
        ) as checkout
    from lagged

),

orders as (

    -- an event that names no order tells of the first that its checkout names, else of one with all others
    select
        *,
        coalesce(
            given_order_id,
            first_value(given_order_id) over (
                partition by store_id, buyer, checkout
                order by case when given_order_id is null then 1 else 0 end asc, {{ by_time }}
            ),
            'event:' || first_value(event_id) over (partition by store_id, buyer, checkout order by {{ by_time }})
        ) as order_id
    from checkouts

),

in_orders as (

    -- the first sum that is told; where each event tells of one product, all of them
    select
        *,
        sum(event_value) over (partition by store_id, order_id) as value_of_all,
        row_number() over (
            partition by store_id, order_id
            order by case when event_value is null then 2 when is_line then 1 else 0 end asc, {{ by_time }}
        ) as value_rank
    from orders

)

select
    store_id,
    order_id,
    source_customer_id,
    person_identifier,
    session_id,
    session_key,
    occurred_at as ordered_at,
    cast(case when is_line then {{ fit_money('value_of_all') }} else event_value end as numeric(18, 2)) as gross_revenue
from in_orders
where value_rank = 1
