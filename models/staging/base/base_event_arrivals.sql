{{ config(materialized='view') }}

with judged as (

    select
        *,
        {{ event_rejection() }} as rejection,
        lower({{ clean_text('event_type') }}) as raw_event_type,
        lower({{ clean_text('channel') }}) as raw_channel,
        position('utm_' in page_url) > 0 as has_utm,
        {{ known_id('anon', 'anonymous_id') }} as known_anonymous_id,
        {{ known_id('customer', 'customer_id') }} as known_customer_id,
        {{ known_id('email', 'email') }} as known_email
    from {{ source('input', 'events') }}

)

select
    judged.store_id,
    judged.event_id,
    coalesce(event_types.event_type, 'other') as event_type,
    judged.raw_event_type,
    judged.raw_event_type is not null and event_types.event_type is null as is_unknown_event_type,
    judged.event_name,
    judged.occurred_at,
    judged.received_at,
    judged.customer_id,
    judged.anonymous_id,
    judged.email,
    judged.session_id,
    case
        when judged.known_anonymous_id is not null then 'anon:' || judged.known_anonymous_id
        when judged.known_customer_id is not null then 'customer:' || judged.known_customer_id
        when judged.known_email is not null then 'email:' || judged.known_email
        when judged.session_id is not null then 'session:' || judged.session_id
        else 'event:' || judged.event_id
    end as device_id,
    judged.page_url,
    judged.page_title,
    judged.page_type,
    judged.referrer,
    judged.content_id,
    lower(judged.content_type) as content_type,
    judged.vertical,
    judged.product_id,
    judged.variant_id,
    judged.product_name,
    judged.product_category,
    judged.collection_id,
    judged.search_query,
    judged.order_id,
    judged.event_value,
    case
        when channels.channel is not null then channels.channel
        when judged.raw_channel is not null then judged.raw_channel
        when split_part(event_types.event_type, '_', 1) = 'email' then 'email'
        when split_part(event_types.event_type, '_', 1) = 'sms' then 'sms'
        when event_types.event_type = 'social_click' then 'social_media'
        when event_types.event_type = 'ad_click' then 'ads'
        else 'website'
    end as channel,
    coalesce(lower(judged.source), case when judged.has_utm then lower({{ url_parameter('judged.page_url', 'utm_source') }}) end) as source,
    coalesce(lower(judged.medium), case when judged.has_utm then lower({{ url_parameter('judged.page_url', 'utm_medium') }}) end) as medium,
    coalesce(judged.campaign, case when judged.has_utm then {{ url_parameter('judged.page_url', 'utm_campaign') }} end) as campaign,
    lower(judged.device_type) as device_type,
    judged.browser,
    judged.os,
    judged.country,
    judged.city,
    judged.latitude,
    judged.longitude,
    {{ network_part('judged.ip_address') }} as ip_address,
    judged.user_agent,
    judged.view_duration,
    judged.properties,
    judged.loaded_at,
    judged.arrived_at,
    judged.rejection,
    judged.broken_columns
from judged
left join {{ ref('event_types') }} as event_types on judged.raw_event_type = event_types.raw_name
left join {{ ref('channels') }} as channels on judged.raw_channel = channels.raw_name
