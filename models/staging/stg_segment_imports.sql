select
    store_id,
    segment_slug,
    customer_id as source_customer_id,
    added_at,
    removed_at,
    expires_at,
    score,
    source,
    loaded_at
from {{ ref('base_segment_imports') }}
where fate = 'accepted'
