with stores_with_rows as (

    {{ stores_that_land('orders', 'order_id') | indent(4) }}
    union
    {{ stores_that_land('refunds', 'refund_id') | indent(4) }}

),

refund_events as (

    -- where a store has neither orders nor refunds, events tell of refunds, and so does a purchase below zero
    select
        events.store_id,
        events.event_id,
        events.source_customer_id,
        events.person_identifier,
        {{ given_id('order', 'events.order_id') }} as order_id,
        abs(events.event_value) as amount,
        events.occurred_at,
        lag(events.occurred_at) over (
            partition by
                events.store_id,
                coalesce(events.order_id, events.person_identifier, events.event_id),
                case when events.order_id is null then 0 else 1 end,
                abs(events.event_value)
            order by events.occurred_at asc, {{ byte_order('events.event_id') }} asc
        ) as previous_at
    from {{ ref('int_events_enriched') }} as events
    left join stores_with_rows on events.store_id = stores_with_rows.store_id
    where
        events.fate = 'accepted'
        and (events.event_type = 'refund' or (events.event_type = 'purchase' and events.event_value < 0))
        and stores_with_rows.store_id is null

),

event_refunds as (

    -- a refund that names no order is of the last that its person had placed; of all of it, where it names no amount
    select
        refund_events.store_id,
        refund_events.event_id,
        refund_events.source_customer_id,
        refund_events.person_identifier,
        refund_events.occurred_at,
        coalesce(refund_events.amount, named.gross_revenue, latest.gross_revenue) as amount,
        coalesce(refund_events.order_id, latest.order_id) as order_id,
        row_number() over (
            partition by refund_events.store_id, refund_events.event_id
            order by latest.ordered_at desc nulls last, {{ byte_order('latest.order_id') }} desc
        ) as order_rank
    from refund_events
    left join {{ ref('int_event_orders') }} as named on refund_events.store_id = named.store_id and refund_events.order_id = named.order_id
    left join {{ ref('int_event_orders') }} as latest
        on
            refund_events.store_id = latest.store_id
            and case when refund_events.order_id is null then refund_events.person_identifier end = latest.person_identifier
            and refund_events.occurred_at >= latest.ordered_at
    -- two tools tell of one refund within minutes
    where refund_events.occurred_at > refund_events.previous_at + interval '5 minutes' or refund_events.previous_at is null

),

refunds as (

    select
        store_id,
        order_id,
        line_id,
        amount,
        quantity,
        source_customer_id,
        cast(null as text) as person_identifier,
        refunded_at,
        refund_key
    from {{ ref('int_landed_refunds') }}
    union all
    select
        store_id,
        order_id,
        cast(null as text) as line_id,
        amount,
        cast(null as bigint) as quantity,
        source_customer_id,
        person_identifier,
        occurred_at as refunded_at,
        'event:' || event_id as refund_key
    from event_refunds
    where order_rank = 1 and amount > 0

),

orders as (

    select
        store_id,
        order_id,
        ordered_at,
        exchange_rate,
        is_counted,
        source_customer_id,
        {{ identifier_of({'email': 'email'}) }} as person_identifier
    from {{ ref('stg_orders') }}
    union all
    select
        store_id,
        order_id,
        ordered_at,
        1 as exchange_rate,
        true as is_counted,
        source_customer_id,
        person_identifier
    from {{ ref('int_event_orders') }}

)

select
    refunds.store_id,
    refunds.refund_key,
    refunds.order_id,
    refunds.line_id,
    coalesce(orders.source_customer_id, refunds.source_customer_id) as source_customer_id,
    -- who has the purchases of a device has what is paid back of them, where nobody is named and no order is known
    {{ identifier_of(
        {'customer': 'coalesce(orders.source_customer_id, refunds.source_customer_id)'},
        'coalesce(orders.person_identifier, refunds.person_identifier)'
    ) }} as person_identifier,
    -- nothing is paid back before it is paid
    greatest(refunds.refunded_at, orders.ordered_at) as refunded_at,
    cast({{ local_time('greatest(refunds.refunded_at, orders.ordered_at)', 'stores.timezone') }} as date) as refund_date,
    {{ converted('refunds.amount', 'coalesce(orders.exchange_rate, 1)') }} as amount,
    refunds.quantity,
    orders.order_id is not null as has_order,
    -- refunds of orders that do not count (test, cancelled, failed) count for nothing, as the orders do
    coalesce(orders.is_counted, true) as is_counted
from refunds
left join orders on refunds.store_id = orders.store_id and refunds.order_id = orders.order_id
left join {{ ref('stg_stores') }} as stores on refunds.store_id = stores.store_id
