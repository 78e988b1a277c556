select
    store_id,
    order_id,
    product_id,
    attribution_type,
    attribution_source,
    attribution_medium,
    attribution_value,
    created_at,
    loaded_at
from {{ ref('base_purchase_attributions') }}
where fate = 'accepted'
