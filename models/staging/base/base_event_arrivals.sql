{{ config(materialized='view') }}

{#- A broken id (undefined) is one of somebody, whom it does not tell; none at all is nobody's, as where consent was denied. #}
{%- set wrote_somebody = 'coalesce(decoded.anonymous_id, decoded.customer_id, decoded.email, decoded.session_id) is not null' %}

with judged as (

    select
        *,
        {{ event_rejection() }} as rejection,
        {{ lower_letters('event_type') }} as raw_event_type,
        {{ lower_letters('channel') }} as raw_channel,
        position('utm_' in lower(page_url)) > 0 as has_utm,
        {{ known_id('anon', 'anonymous_id') }} as known_anonymous_id,
        {{ known_id('customer', 'customer_id') }} as known_customer_id,
        {{ known_id('email', 'email') }} as known_email,
        {{ known_id('session', 'session_id') }} as known_session_id
    from {{ source('input', 'events') }}

),

tagged as (

    select
        *,
        case when has_utm then {{ url_parameter('page_url', 'utm_source') }} end as encoded_source,
        case when has_utm then {{ url_parameter('page_url', 'utm_medium') }} end as encoded_medium,
        case when has_utm then {{ url_parameter('page_url', 'utm_campaign') }} end as encoded_campaign
    from judged

),

parameters as (

    select
        *,
        {{ url_decoded('encoded_source') }} as utm_source,
        {{ url_decoded('encoded_medium') }} as utm_medium,
        {{ url_decoded('encoded_campaign') }} as utm_campaign
    from tagged

),

cleaned as (

    select
        *,
        {{ lower_letters('source') }} as own_source,
        {{ lower_letters('medium') }} as own_medium,
        {{ lower_letters(clean_text('utm_source')) }} as tagged_source,
        {{ lower_letters(clean_text('utm_medium')) }} as tagged_medium,
        {{ clean_text('utm_campaign') }} as tagged_campaign
    from parameters

),

known as (

    -- a word that says only that nothing is known says no more than none
    select
        *,
        {{ known_origin('source', 'own_source') }} as given_source,
        {{ known_origin('medium', 'own_medium') }} as given_medium,
        {{ known_origin('campaign', 'campaign') }} as given_campaign,
        {{ known_origin('source', 'tagged_source') }} as utm_known_source,
        {{ known_origin('medium', 'tagged_medium') }} as utm_known_medium,
        {{ known_origin('campaign', 'tagged_campaign') }} as utm_known_campaign
    from ({{ computed_once() }} select * from cleaned) as cleaned

),

decoded as (

    -- an address that says another source, medium or campaign than the event does tells of another hit: it fills nothing
    select
        *,
        coalesce(given_source <> utm_known_source, false)
        or coalesce(given_medium <> utm_known_medium, false)
        or coalesce(given_campaign <> utm_known_campaign, false) as is_tagged_otherwise
    from known

)

select
    decoded.store_id,
    decoded.event_id,
    coalesce(event_types.event_type, 'other') as event_type,
    decoded.raw_event_type,
    decoded.raw_event_type is not null and event_types.event_type is null as is_unknown_event_type,
    decoded.event_name,
    decoded.occurred_at,
    decoded.received_at,
    decoded.customer_id,
    decoded.anonymous_id,
    decoded.email,
    decoded.known_session_id as session_id,
    {{ identifier_of({
        'anon': 'decoded.known_anonymous_id',
        'customer': 'decoded.known_customer_id',
        'email': 'decoded.known_email',
        'session': 'decoded.known_session_id',
        'event': 'case when ' ~ wrote_somebody ~ ' then decoded.event_id end',
        'nobody': 'decoded.event_id'
    }) }} as device_id,
    decoded.page_url,
    decoded.page_title,
    decoded.page_type,
    decoded.referrer,
    decoded.content_id,
    {{ lower_letters('decoded.content_type') }} as content_type,
    decoded.vertical,
    decoded.product_id,
    decoded.variant_id,
    decoded.product_name,
    decoded.product_category,
    decoded.collection_id,
    decoded.search_query,
    decoded.order_id,
    decoded.event_value,
    case
        when channels.channel is not null then channels.channel
        when decoded.raw_channel is not null then decoded.raw_channel
        else {{ channel_of_event_type('event_types.event_type') }}
    end as channel,
    coalesce(decoded.given_source, case when not decoded.is_tagged_otherwise then decoded.utm_known_source end) as source,
    coalesce(decoded.given_medium, case when not decoded.is_tagged_otherwise then decoded.utm_known_medium end) as medium,
    coalesce(decoded.given_campaign, case when not decoded.is_tagged_otherwise then decoded.utm_known_campaign end) as campaign,
    {{ device_class('decoded.device_type') }} as device_type,
    decoded.browser,
    decoded.os,
    decoded.country,
    decoded.city,
    decoded.latitude,
    decoded.longitude,
    {{ network_part('decoded.ip_address') }} as ip_address,
    decoded.user_agent,
    decoded.view_duration,
    decoded.properties,
    decoded.loaded_at,
    decoded.arrived_at,
    decoded.rejection,
    decoded.broken_columns
from decoded
left join {{ ref('stg_event_types') }} as event_types on {{ name_key('decoded.raw_event_type') }} = event_types.name_key
left join {{ ref('stg_channels') }} as channels on {{ name_key('decoded.raw_channel') }} = channels.name_key
