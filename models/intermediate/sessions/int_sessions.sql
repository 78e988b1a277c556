{{ config(materialized='view') }}

with given as (

    -- nobody comes to a shop from the shop
    select
        reported.*,
        own_source.host_name is not null as is_from_shop
    from {{ ref('int_reported_sessions') }} as reported
    left join {{ ref('int_store_hosts') }} as own_source
        on reported.store_id = own_source.store_id and {{ url_host('reported.source') }} = own_source.host_name

),

untracked as (

    {{ untracked_identifiers() | indent(4) }}

),

own_referrers as (

    {{ visits_from_own_hosts('referrer') | indent(4) }}

),

own_sources as (

    {{ visits_from_own_hosts('source') | indent(4) }}

),

tracked as (

    -- sessions that events tell of; what the shop says of the same visit fills what they leave open
    select
        events.store_id,
        events.session_key,
        events.session_id,
        events.device_id,
        events.visitor_key,
        events.source_customer_id,
        events.person_identifier,
        events.started_at,
        events.started_at_local,
        case
            when
                given.ended_at > events.ended_at
                and coalesce(given.source_customer_id = events.source_customer_id, true)
                and {{ elapsed_seconds('events.ended_at', 'given.ended_at') }} <= 3600 * {{ var('session_max_gap_hours') }}
                then given.ended_at
            else {{ reached('events.ended_at') }}
        end as ended_at,
        events.total_events,
        events.page_views,
        events.product_views,
        events.products_viewed,
        events.categories_explored,
        events.searches,
        events.key_events,
        events.first_product_view_at,
        events.first_cart_at,
        events.first_checkout_at,
        events.first_purchase_at,
        events.purchase_events,
        events.landing_page,
        events.exit_page,
        case when own_referrers.referrer is null then events.referrer end as referrer,
        given.referrer_type,
        -- one of the two says where the visit came from, never a part of each
        {%- for column in ['source', 'medium', 'campaign'] %}
            case
                when own_sources.source is null and coalesce(events.source, events.medium, events.campaign) is not null
                    then events.{{ column }}
                when not given.is_from_shop then given.{{ column }}
            end as {{ column }},
        {%- endfor %}
        events.channel,
        coalesce(events.device_type, given.device_type) as device_type,
        coalesce(events.browser, given.browser) as browser,
        true as has_events
    from {{ ref('int_event_sessions') }} as events
    left join given on events.store_id = given.store_id and events.session_key = given.session_key and given.match_rank = 1
    left join own_sources on events.store_id = own_sources.store_id and events.source = own_sources.source
    left join own_referrers on events.store_id = own_referrers.store_id and events.referrer = own_referrers.referrer

),

reported_only as (

    -- sessions that only the shop tells of
    select
        given.store_id,
        -- without a first event: no session of events has this key
        md5({{ composed_key(['given.store_id', 'given.device_id', 'given.session_id', 'cast(null as text)']) }}) as session_key,
        given.session_id,
        given.device_id,
        md5({{ composed_key(['given.store_id', 'given.device_id', 'given.source_customer_id']) }}) as visitor_key,
        given.source_customer_id,
        {{ identifier_of({'customer': 'given.source_customer_id', 'anon': 'given.anonymous_id'}) }} as person_identifier,
        given.started_at,
        {{ local_time('given.started_at', 'stores.timezone') }} as started_at_local,
        greatest(given.started_at, coalesce(given.ended_at, given.started_at)) as ended_at,
        cast(0 as bigint) as total_events,
        cast(0 as bigint) as page_views,
        cast(0 as bigint) as product_views,
        cast(0 as bigint) as products_viewed,
        cast(0 as bigint) as categories_explored,
        cast(0 as bigint) as searches,
        cast(0 as bigint) as key_events,
        cast(null as timestamp) as first_product_view_at,
        cast(null as timestamp) as first_cart_at,
        cast(null as timestamp) as first_checkout_at,
        cast(null as timestamp) as first_purchase_at,
        cast(0 as bigint) as purchase_events,
        cast(null as text) as landing_page,
        cast(null as text) as exit_page,
        cast(null as text) as referrer,
        given.referrer_type,
        case when not given.is_from_shop then given.source end as source,
        case when not given.is_from_shop then given.medium end as medium,
        case when not given.is_from_shop then given.campaign end as campaign,
        cast(null as text) as channel,
        given.device_type,
        given.browser,
        false as has_events
    from given
    inner join {{ ref('stg_stores') }} as stores on given.store_id = stores.store_id
    where
        given.session_key is null
        and not {{ is_untracked('given.store_id', identifier_of({'customer': 'given.source_customer_id'}, 'given.device_id')) }}

)

select
    sessions.*,
    {{ elapsed_seconds('sessions.started_at', 'sessions.ended_at') }} as duration_seconds,
    sessions.key_events > 0
    or sessions.page_views >= 2
    or {{ elapsed_seconds('sessions.started_at', 'sessions.ended_at') }} > {{ var('engaged_session_seconds') }} as is_engaged,
    sessions.total_events > {{ var('quarantine_session_events') }}
    or {{ elapsed_seconds('sessions.started_at', 'sessions.ended_at') }} > 3600 * {{ var('quarantine_session_hours') }} as is_quarantined
from (
    select * from tracked
    union all
    select * from reported_only
) as sessions
