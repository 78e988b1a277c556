with opted_out as (

    -- who asks once is not tracked, under none of the ids that turned out to be theirs: what is tied together is one person
    select distinct
        records.store_id,
        coalesce(components.component, {{ identifier_of({'customer': 'records.source_customer_id'}) }}) as component
    from {{ ref('stg_customers') }} as records
    left join {{ ref('identity_components') }} as components
        on
            records.store_id = components.store_id
            and {{ identifier_of({'customer': 'records.source_customer_id'}) }} = components.identifier
    where records.do_not_track

),

opted_out_ids as (

    -- a component is called after one of its identifiers, and an identifier that is tied to none is its own
    select
        store_id,
        component as identifier
    from opted_out
    union
    select
        components.store_id,
        components.identifier
    from {{ ref('identity_components') }} as components
    inner join opted_out on components.store_id = opted_out.store_id and components.component = opted_out.component

),

visits as (

    -- an event may name a visit alone: it is theirs where the shop or another event says whose the visit was
    select
        store_id,
        session_id,
        {{ identifier_of({'customer': 'source_customer_id', 'anon': 'anonymous_id'}) }} as identifier
    from {{ ref('stg_sessions') }}
    union all
    select
        store_id,
        session_id,
        {{ identifier_of({'customer': 'source_customer_id', 'email': 'email'}, 'device_id') }} as identifier
    from {{ ref('int_event_links') }}
    where session_id is not null and first_at is not null

)

select
    store_id,
    identifier
from opted_out_ids
union all
select distinct
    visits.store_id,
    'session:' || visits.session_id as identifier
from visits
inner join opted_out_ids on visits.store_id = opted_out_ids.store_id and visits.identifier = opted_out_ids.identifier
