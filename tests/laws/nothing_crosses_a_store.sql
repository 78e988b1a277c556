-- If this fails, one store's data shows in another's: a person, session or order stands in a store in which none of its
-- identifiers was ever seen.
with events as (

    select distinct
        store_id,
        session_key
    from {{ ref('int_events_enriched') }}
    where fate = 'accepted'

),

strangers as (

    select
        sessions.store_id,
        'session' as kind,
        sessions.session_key as id
    from {{ ref('int_event_sessions') }} as sessions
    left join events on sessions.store_id = events.store_id and sessions.session_key = events.session_key
    where events.session_key is null
    union all
    select
        summary.store_id,
        'customer' as kind,
        summary.customer_id as id
    from {{ ref('customer_behavior_summary') }} as summary
    left join {{ ref('customer_identities') }} as identities
        on summary.store_id = identities.store_id and summary.customer_id = identities.customer_id
    where identities.customer_id is null
    union all
    select
        orders.store_id,
        'order' as kind,
        orders.order_id as id
    from {{ ref('int_orders') }} as orders
    left join {{ ref('stg_orders') }} as landed on orders.store_id = landed.store_id and orders.order_id = landed.order_id
    where orders.is_landed and landed.order_id is null

)

select * from strangers
