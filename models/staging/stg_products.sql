select
    store_id,
    product_id,
    title,
    category,
    product_type,
    vendor,
    vertical,
    price,
    {{ past('created_at') }} as created_at,
    loaded_at
from {{ ref('base_products') }}
where fate = 'accepted'
