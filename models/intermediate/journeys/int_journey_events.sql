with rules as (

    select * from {{ ref('journey_rules') }}

),

events as (

    select
        enriched.store_id,
        enriched.person_identifier,
        enriched.event_type,
        enriched.occurred_at
    from {{ ref('int_events_enriched') }} as enriched
    left join {{ ref('int_low_ratings') }} as low_ratings
        on enriched.store_id = low_ratings.store_id and enriched.event_id = low_ratings.event_id
    where enriched.fate = 'accepted' and enriched.is_own_act and enriched.person_identifier is not null and low_ratings.event_id is null

),

first_events as (

    -- first of each identifier, so that persons are joined to few rows and not to every event
    select
        store_id,
        person_identifier,
        event_type,
        min(occurred_at) as first_at
    from events
    where
        event_type in (
            select rules.value from rules
            where rules.criterion in ('event', 'event_after_order')
        )
    group by store_id, person_identifier, event_type

),

first_of_person as (

    select
        first_events.store_id,
        identities.customer_id,
        first_events.event_type,
        min(first_events.first_at) as first_at
    from first_events
    inner join {{ ref('customer_identities') }} as identities on {{ same_person('first_events') }}
    group by first_events.store_id, identities.customer_id, first_events.event_type

),

first_after_order as (

    select
        events.store_id,
        identities.customer_id,
        events.event_type,
        min(events.occurred_at) as first_after_order_at
    from events
    inner join {{ ref('customer_identities') }} as identities on {{ same_person('events') }}
    inner join {{ ref('int_orders') }} as orders
        on identities.store_id = orders.store_id and identities.customer_id = orders.customer_id
    where
        events.event_type in (
            select rules.value from rules
            where rules.criterion = 'event_after_order'
        )
        and orders.is_counted
        and orders.order_sequence = 1
        and events.occurred_at > orders.ordered_at
    group by events.store_id, identities.customer_id, events.event_type

)

select
    first_of_person.store_id,
    first_of_person.customer_id,
    first_of_person.event_type,
    first_of_person.first_at,
    first_after_order.first_after_order_at
from first_of_person
left join first_after_order
    on
        first_of_person.store_id = first_after_order.store_id
        and first_of_person.customer_id = first_after_order.customer_id
        and first_of_person.event_type = first_after_order.event_type
