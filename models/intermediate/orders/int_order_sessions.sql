{{ config(post_hook="{{ ensure_index(['store_id', 'session_key']) }}") }}

with orders as (

    select
        orders.store_id,
        orders.order_id,
        orders.customer_id,
        orders.session_id,
        orders.ordered_at,
        orders.gross_revenue,
        orders.is_counted,
        orders.is_landed,
        coalesce(channels.channel = 'store', false) as is_in_store
    from {{ ref('int_orders') }} as orders
    left join {{ ref('stg_channels') }} as channels on {{ name_key('orders.source') }} = channels.name_key

),

visits as (

    select
        sessions.store_id,
        sessions.session_key,
        sessions.session_id,
        sessions.started_at,
        sessions.ended_at,
        sessions.first_purchase_at,
        identities.customer_id,
        coalesce(sessions.channel = 'store', false) as is_in_store
    from {{ ref('int_sessions') }} as sessions
    left join {{ ref('customer_identities') }} as identities on {{ same_person('sessions') }}

),

named as (

    -- the visit that the order names: of its own person, else on a device that is nobody's, never another person's
    select
        orders.store_id,
        orders.order_id,
        visits.session_key,
        visits.customer_id as visitor_customer_id,
        visits.started_at,
        'session_id' as linked_by,
        1 as link_priority,
        case when visits.customer_id = orders.customer_id then 0 else 1 end as penalty,
        -- one given id may name several visits, on two devices or two days: the one that had begun last when it was ordered
        case when visits.started_at <= orders.ordered_at then 0 else 1 end as distance
    from orders
    inner join visits on orders.store_id = visits.store_id and orders.session_id = visits.session_id
    where visits.customer_id like 'anon:%' or coalesce(visits.customer_id = orders.customer_id, true)

),

purchases as (

    select
        orders.store_id,
        orders.order_id,
        visits.session_key,
        visits.customer_id as visitor_customer_id,
        visits.started_at,
        'purchase_event' as linked_by,
        2 as link_priority,
        case when visits.customer_id = orders.customer_id then 0 else 1 end as penalty,
        abs({{ elapsed_seconds('orders.ordered_at', 'purchase_events.occurred_at') }}) as distance
    from {{ ref('int_purchase_events') }} as purchase_events
    inner join orders
        on
            purchase_events.store_id = orders.store_id
            and purchase_events.order_id = orders.order_id
            and purchase_events.is_landed = orders.is_landed
    inner join visits on purchase_events.store_id = visits.store_id and purchase_events.session_key = visits.session_key

),

unlinked as (

    select orders.*
    from orders
    left join named on orders.store_id = named.store_id and orders.order_id = named.order_id
    left join purchases on orders.store_id = purchases.store_id and orders.order_id = purchases.order_id
    where named.order_id is null and purchases.order_id is null

),

nearby_visits as (

    -- the person's visit during which it was ordered, or within the pause that ends a visit; what is sold over a counter is
    -- sold in no visit to the site
    select
        unlinked.store_id,
        unlinked.order_id,
        visits.session_key,
        visits.customer_id as visitor_customer_id,
        visits.started_at,
        'moment' as linked_by,
        3 as link_priority,
        case when visits.first_purchase_at is null then 1 else 0 end as penalty,
        greatest(
            {{ elapsed_seconds('visits.ended_at', 'unlinked.ordered_at') }},
            {{ elapsed_seconds('unlinked.ordered_at', 'visits.started_at') }},
            0
        ) as distance
    from unlinked
    inner join visits on unlinked.store_id = visits.store_id and unlinked.customer_id = visits.customer_id
    where
        unlinked.ordered_at >= {{ shift_time('visits.started_at', -var('session_timeout_minutes'), 'minute') }}
        and unlinked.ordered_at <= {{ shift_time('visits.ended_at', var('session_timeout_minutes'), 'minute') }}
        and (visits.is_in_store or not unlinked.is_in_store)

),

ranked as (

    select
        *,
        row_number() over (
            partition by store_id, order_id
            order by link_priority asc, penalty asc, distance asc, started_at desc, session_key asc
        ) as link_rank
    from (
        select * from named
        union all
        select * from purchases
        union all
        select * from nearby_visits
    ) as candidates

)

select
    orders.store_id,
    orders.order_id,
    ranked.session_key,
    ranked.visitor_customer_id,
    ranked.linked_by,
    orders.ordered_at,
    orders.is_counted,
    orders.gross_revenue
from ranked
inner join orders on ranked.store_id = orders.store_id and ranked.order_id = orders.order_id
where ranked.link_rank = 1
