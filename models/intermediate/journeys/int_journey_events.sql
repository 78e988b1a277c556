{{ config(**by_person(seeds=['journey_rules'])) }}

with changed as (

    {{ changed_people(is_incremental()) | indent(4) }}

),

people as (

    {{ identifiers_of_changed(is_incremental()) | indent(4) }}

),

rules as (

    select * from {{ ref('journey_rules') }}

),

events as (

    select
        enriched.store_id,
        identities.customer_id,
        identities.person_version,
        enriched.event_type,
        enriched.occurred_at
    from {{ ref('int_events_enriched') }} as enriched
    inner join people as identities on {{ same_person('enriched') }}
    left join {{ ref('int_low_ratings') }} as low_ratings
        on enriched.store_id = low_ratings.store_id and enriched.event_id = low_ratings.event_id
    where enriched.fate = 'accepted' and enriched.is_own_act and low_ratings.event_id is null

),

first_of_person as (

    select
        store_id,
        customer_id,
        person_version,
        event_type,
        min(occurred_at) as first_at
    from events
    where
        event_type in (
            select rules.value from rules
            where rules.criterion in ('event', 'event_after_order')
        )
    group by store_id, customer_id, person_version, event_type

),

first_after_order as (

    select
        events.store_id,
        events.customer_id,
        events.event_type,
        min(events.occurred_at) as first_after_order_at
    from events
    inner join {{ ref('int_orders') }} as orders
        on events.store_id = orders.store_id and events.customer_id = orders.customer_id
    where
        events.event_type in (
            select rules.value from rules
            where rules.criterion = 'event_after_order'
        )
        and orders.is_counted
        and orders.order_sequence = 1
        and events.occurred_at > orders.ordered_at
    group by events.store_id, events.customer_id, events.event_type

)

select
    first_of_person.store_id,
    first_of_person.customer_id,
    first_of_person.event_type,
    first_of_person.first_at,
    first_after_order.first_after_order_at,
    first_of_person.person_version
from first_of_person
left join first_after_order
    on
        first_of_person.store_id = first_after_order.store_id
        and first_of_person.customer_id = first_after_order.customer_id
        and first_of_person.event_type = first_after_order.event_type
