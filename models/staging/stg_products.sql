select
    store_id,
    product_id,
    {{ null_if_placeholder('title') }} as title,
    {{ null_if_placeholder('category') }} as category,
    {{ null_if_placeholder('product_type') }} as product_type,
    {{ null_if_placeholder('vendor') }} as vendor,
    vertical,
    price,
    is_available,
    {{ past('created_at') }} as created_at,
    loaded_at
from {{ ref('base_products') }}
where fate = 'accepted'
