{{ config(materialized='view') }}

select
    cast(events.store_id as text) as store_id,
    cast(events.event_id as text) as event_id,
    cast(identities.customer_id as text) as customer_id,
    cast(events.customer_id as text) as source_customer_id,
    cast(events.anonymous_id as text) as anonymous_id,
    cast(enriched.session_key as text) as session_key,
    cast(enriched.session_id as text) as session_id,
    cast(enriched.session_sequence as bigint) as session_sequence,
    cast(events.event_type as text) as event_type,
    cast(events.raw_event_type as text) as raw_event_type,
    cast(events.event_name as text) as event_name,
    cast(events.channel as text) as event_category,
    cast(events.page_url as text) as page_url,
    cast(events.page_title as text) as page_title,
    cast(events.referrer as text) as referrer_url,
    cast(events.content_id as text) as content_id,
    cast(events.content_type as text) as content_type,
    cast(events.vertical as text) as vertical,
    cast(events.product_id as text) as product_id,
    cast(events.variant_id as text) as variant_id,
    cast(events.product_name as text) as product_name,
    cast(events.product_category as text) as product_category,
    cast(events.collection_id as text) as collection_id,
    cast(events.search_query as text) as search_query,
    cast(events.order_id as text) as order_id,
    cast(events.source as text) as source,
    cast(events.medium as text) as medium,
    cast(events.campaign as text) as campaign,
    cast(events.device_type as text) as device_type,
    cast(events.browser as text) as browser,
    cast(events.os as text) as os,
    cast(events.country as text) as country,
    cast(events.city as text) as city,
    cast(events.ip_address as text) as ip_address,
    cast(events.user_agent as text) as user_agent,
    cast(events.latitude as double precision) as latitude,
    cast(events.longitude as double precision) as longitude,
    cast(events.view_duration as double precision) as view_duration,
    cast(enriched.time_spent_seconds as double precision) as time_spent_seconds,
    cast(events.event_value as numeric(18, 2)) as event_value,
    cast(events.properties as {{ json_type() }}) as event_properties,
    cast(events.is_unknown_event_type as boolean) as is_unknown_event_type,
    cast(enriched.is_page_load as boolean) as is_page_load,
    cast(events.occurred_at as timestamp) as occurred_at,
    cast(events.loaded_at as timestamp) as loaded_at
from {{ ref('int_events_enriched') }} as enriched
inner join {{ ref('base_events') }} as events
    on enriched.store_id = events.store_id and enriched.event_id = events.event_id and {{ event_fate('events') }} = 'accepted'
left join {{ ref('customer_identities') }} as identities
    on enriched.store_id = identities.store_id and enriched.person_identifier = identities.identifier
where enriched.fate = 'accepted'
