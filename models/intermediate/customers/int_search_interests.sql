{{ config(materialized='view') }}

with terms as (

    select
        interest,
        min_count,
        unnest(string_to_array(terms, ' ')) as term
    from {{ ref('interest_rules') }}
    where basis = 'search_terms' and status = 'active'

),

searches as (

    select
        store_id,
        event_id,
        ' ' || {{ replace_all(
            "lower(coalesce(search_query, '') || ' ' || coalesce(collection_id, ''))", '[^a-z0-9]+', ' '
        ) }} || ' ' as search_text
    from {{ ref('stg_events') }}
    where fate = 'accepted' and event_type in ('search', 'collection_view')

),

matched as (

    select distinct
        searches.store_id,
        searches.event_id,
        terms.interest,
        terms.min_count
    from searches
    inner join terms on position(' ' || terms.term || ' ' in searches.search_text) > 0

),

earned as (

    select
        matched.store_id,
        identities.customer_id,
        matched.interest
    from matched
    inner join {{ ref('int_events_enriched') }} as events on matched.store_id = events.store_id and matched.event_id = events.event_id
    inner join {{ ref('stg_stores') }} as stores on matched.store_id = stores.store_id
    inner join {{ ref('customer_identities') }} as identities on {{ same_person('events') }}
    where events.fate = 'accepted' and events.occurred_at >= {{ window_start(var('interest_days'), 'stores.timezone') }}
    group by matched.store_id, identities.customer_id, matched.interest, matched.min_count
    having count(*) >= matched.min_count

)

-- two rules may give one interest
select distinct
    store_id,
    customer_id,
    interest
from earned
