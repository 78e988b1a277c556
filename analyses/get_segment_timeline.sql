-- Membership timeline: who joined and left a segment, the latest first
select
    customer_id,
    joined_at,
    left_at,
    joined_reason,
    left_reason
from {{ ref('segment_memberships') }}
where
    store_id = {{ sql_text(var('store_id', 'store_1')) }}
    and segment_id = {{ sql_text(var('segment_id', 'champions')) }}
order by joined_at desc, {{ byte_order('customer_id') }}
limit {{ var('page_size', 100) }}
