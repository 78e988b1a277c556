-- getSegmentMembers, GET /api/segments/:segmentId/customers: a segment's members now, a page after the customer in the var after
select
    memberships.customer_id,
    profiles.email,
    profiles.first_name,
    profiles.last_name,
    profiles.total_orders,
    profiles.total_revenue,
    memberships.score,
    memberships.joined_at,
    memberships.expires_at
from {{ ref('segment_memberships') }} as memberships
inner join {{ ref('audience_profiles') }} as profiles
    on memberships.store_id = profiles.store_id and memberships.customer_id = profiles.customer_id
where
    memberships.store_id = {{ sql_text(var('store_id', 'store_1')) }}
    and memberships.segment_id = {{ sql_text(var('segment_id', 'champions')) }}
    and memberships.left_at is null
    and {{ byte_order('memberships.customer_id') }} > {{ sql_text(var('after', '')) }}
order by {{ byte_order('memberships.customer_id') }}
limit {{ var('page_size', 100) }}
