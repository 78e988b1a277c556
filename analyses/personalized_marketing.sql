-- Personalised marketing: which campaign a customer's price sensitivity calls for
select
    memberships.customer_id,
    memberships.segment_name,
    memberships.membership,
    case when segments.segment_number = 1 then 'new_premium_collection' else 'flash_sale_20pct_off' end as campaign
from {{ ref('axis_memberships') }} as memberships
inner join {{ ref('dim_segment_master') }} as segments
    on memberships.store_id = segments.store_id and memberships.segment_id = segments.segment_id
where
    memberships.store_id = {{ sql_text(var('store_id', 'store_1')) }}
    and memberships.axis_name = 'price_sensitivity'
    and memberships.is_dominant
    and segments.segment_number in (1, segments.segment_count)
order by memberships.membership desc, {{ byte_order('memberships.customer_id') }}
limit {{ var('page_size', 100) }}
