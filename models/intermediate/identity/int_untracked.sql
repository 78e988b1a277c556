with people as (

    -- who asks once is not tracked, under none of the ids that turned out to be theirs
    select distinct
        identities.store_id,
        identities.customer_id
    from {{ ref('stg_customers') }} as records
    inner join {{ ref('customer_identities') }} as identities
        on {{ same_person('records', identifier_of({'customer': 'records.source_customer_id'})) }}
    where records.do_not_track

),

theirs as (

    select
        identities.store_id,
        identities.identifier,
        identities.customer_id
    from {{ ref('customer_identities') }} as identities
    inner join people on identities.store_id = people.store_id and identities.customer_id = people.customer_id

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
    identifier,
    customer_id
from theirs
union all
select
    visits.store_id,
    'session:' || visits.session_id as identifier,
    min(theirs.customer_id) as customer_id
from visits
inner join theirs on visits.store_id = theirs.store_id and visits.identifier = theirs.identifier
group by visits.store_id, visits.session_id
