-- Churn prevention: whose loyalty declines most, and who is more than half a top spender
select
    loyalty.customer_id,
    profiles.lifetime_value,
    spending.membership as top_spender_membership,
    loyalty.membership as declining_membership,
    'personal_call_with_20pct_discount' as recommended_action
from {{ ref('axis_memberships') }} as loyalty
inner join {{ ref('dim_segment_master') }} as lowest
    on loyalty.store_id = lowest.store_id and loyalty.segment_id = lowest.segment_id and lowest.segment_number = 1
inner join {{ ref('axis_memberships') }} as spending
    on loyalty.store_id = spending.store_id and loyalty.customer_id = spending.customer_id
inner join {{ ref('dim_segment_master') }} as highest
    on spending.store_id = highest.store_id and spending.segment_id = highest.segment_id and highest.segment_number = highest.segment_count
inner join {{ ref('customer_profiles') }} as profiles
    on loyalty.store_id = profiles.store_id and loyalty.customer_id = profiles.customer_id
where
    loyalty.store_id = {{ sql_text(var('store_id', 'store_1')) }}
    and loyalty.axis_name = 'loyalty_trajectory'
    and loyalty.is_dominant
    and spending.axis_name = 'purchase_value'
    and spending.membership > 0.5
order by profiles.lifetime_value desc, {{ byte_order('loyalty.customer_id') }}
limit {{ var('page_size', 100) }}
