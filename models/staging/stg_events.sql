with untracked as (

    select
        store_id,
        source_customer_id
    from {{ ref('stg_customers') }}
    where do_not_track

)

select
    events.store_id,
    events.event_id,
    events.event_type,
    events.raw_event_type,
    events.is_unknown_event_type,
    events.event_name,
    events.occurred_at,
    events.received_at,
    {{ known_id('customer', 'events.customer_id') }} as source_customer_id,
    {{ known_id('anon', 'events.anonymous_id') }} as anonymous_id,
    {{ known_id('email', 'events.email') }} as email,
    events.session_id,
    events.device_id,
    events.page_url,
    events.page_title,
    events.page_type,
    events.referrer,
    events.content_id,
    events.content_type,
    events.vertical,
    events.product_id,
    events.variant_id,
    events.product_name,
    events.product_category,
    events.collection_id,
    events.search_query,
    events.order_id,
    events.event_value,
    events.channel,
    events.source,
    events.medium,
    events.campaign,
    events.device_type,
    events.browser,
    events.os,
    events.country,
    events.city,
    events.latitude,
    events.longitude,
    events.ip_address,
    events.user_agent,
    events.view_duration,
    events.properties,
    events.loaded_at,
    events.batch_id,
    events.arrived_at,
    events.fact_at,
    events.repeated_at,
    {{ event_fate('events', 'untracked.source_customer_id is not null') }} as fate
from {{ ref('base_events') }} as events
left join untracked
    on events.store_id = untracked.store_id and events.customer_id = untracked.source_customer_id
where events.fate <> 'rejected'
