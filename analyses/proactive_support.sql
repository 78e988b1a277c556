-- Proactive support: who is more than half in the segment of declining loyalty and has spent more than 500
select
    memberships.customer_id,
    profiles.lifetime_value,
    memberships.membership as churn_risk,
    'We noticed you haven''t ordered recently. How can we help?' as message
from {{ ref('axis_memberships') }} as memberships
inner join {{ ref('dim_segment_master') }} as segments
    on memberships.store_id = segments.store_id and memberships.segment_id = segments.segment_id
inner join {{ ref('customer_profiles') }} as profiles
    on memberships.store_id = profiles.store_id and memberships.customer_id = profiles.customer_id
where
    memberships.store_id = {{ sql_text(var('store_id', 'store_1')) }}
    and memberships.axis_name = 'loyalty_trajectory'
    and segments.segment_number = 1
    and memberships.membership > 0.5
    and profiles.lifetime_value > 500
order by memberships.membership desc, {{ byte_order('memberships.customer_id') }}
limit {{ var('page_size', 100) }}
