-- calculate_customer_profile: one customer's memberships, dominant segments, features and interpretation
select
    customer_id,
    archetype_id,
    interpretation,
    dominant_segments,
    membership_strength,
    segment_memberships,
    feature_vectors,
    lifetime_value
from {{ ref('customer_profiles') }}
where store_id = {{ sql_text(var('store_id', 'store_1')) }} and customer_id = {{ sql_text(var('customer_id', 'c1000023')) }}
