select
    store_id,
    product_id,
    {{ told('title') }} as title,
    {{ told('category') }} as category,
    {{ told('product_type') }} as product_type,
    {{ told('vendor') }} as vendor,
    vertical,
    price,
    {{ past('created_at') }} as created_at,
    loaded_at
from {{ ref('base_products') }}
where fate = 'accepted'
