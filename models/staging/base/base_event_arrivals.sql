{{ config(materialized='view') }}

with judged as (

    select
        *,
        {{ event_rejection() }} as rejection,
        lower(event_type) as raw_event_type,
        lower(channel) as raw_channel,
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
        case when has_utm then {{ url_parameter('page_url', 'utm_source') }} end as utm_source,
        case when has_utm then {{ url_parameter('page_url', 'utm_medium') }} end as utm_medium,
        case when has_utm then {{ url_parameter('page_url', 'utm_campaign') }} end as utm_campaign
    from judged

)

select
    tagged.store_id,
    tagged.event_id,
    coalesce(event_types.event_type, 'other') as event_type,
    tagged.raw_event_type,
    tagged.raw_event_type is not null and event_types.event_type is null as is_unknown_event_type,
    tagged.event_name,
    tagged.occurred_at,
    tagged.received_at,
    tagged.customer_id,
    tagged.anonymous_id,
    tagged.email,
    tagged.known_session_id as session_id,
    case
        when tagged.known_anonymous_id is not null then 'anon:' || tagged.known_anonymous_id
        when tagged.known_customer_id is not null then 'customer:' || tagged.known_customer_id
        when tagged.known_email is not null then 'email:' || tagged.known_email
        when tagged.known_session_id is not null then 'session:' || tagged.known_session_id
        else 'event:' || tagged.event_id
    end as device_id,
    tagged.page_url,
    tagged.page_title,
    tagged.page_type,
    tagged.referrer,
    tagged.content_id,
    lower(tagged.content_type) as content_type,
    tagged.vertical,
    tagged.product_id,
    tagged.variant_id,
    tagged.product_name,
    tagged.product_category,
    tagged.collection_id,
    tagged.search_query,
    tagged.order_id,
    tagged.event_value,
    case
        when channels.channel is not null then channels.channel
        when tagged.raw_channel is not null then tagged.raw_channel
        else {{ channel_of_event_type('event_types.event_type') }}
    end as channel,
    coalesce(lower(tagged.source), lower({{ clean_text(url_decoded('tagged.utm_source')) }})) as source,
    coalesce(lower(tagged.medium), lower({{ clean_text(url_decoded('tagged.utm_medium')) }})) as medium,
    coalesce(tagged.campaign, {{ clean_text(url_decoded('tagged.utm_campaign')) }}) as campaign,
    lower(tagged.device_type) as device_type,
    tagged.browser,
    tagged.os,
    tagged.country,
    tagged.city,
    tagged.latitude,
    tagged.longitude,
    {{ network_part('tagged.ip_address') }} as ip_address,
    tagged.user_agent,
    tagged.view_duration,
    tagged.properties,
    tagged.loaded_at,
    tagged.arrived_at,
    tagged.rejection,
    tagged.broken_columns
from tagged
left join {{ ref('event_types') }} as event_types on tagged.raw_event_type = event_types.raw_name
left join {{ ref('channels') }} as channels on tagged.raw_channel = channels.raw_name
