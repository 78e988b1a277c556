select
    store_id,
    session_id,
    {{ known_id('customer', 'customer_id') }} as source_customer_id,
    {{ known_id('anon', 'anonymous_id') }} as anonymous_id,
    started_at,
    {{ past('ended_at') }} as ended_at,
    {{ device_class('device_type') }} as device_type,
    browser,
    referrer_type,
    {{ known_origin('source', 'source') }} as source,
    {{ known_origin('medium', 'medium') }} as medium,
    {{ known_origin('campaign', 'campaign') }} as campaign,
    loaded_at
from {{ ref('base_sessions') }}
where fate = 'accepted'
