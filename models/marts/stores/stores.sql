select
    cast(store_id as text) as store_id,
    cast(domain as text) as domain,
    cast(name as text) as name,
    cast(email as text) as email,
    cast(timezone as text) as timezone,
    cast(currency as text) as currency,
    cast(created_at as timestamp) as created_at,
    {{ as_of() }} as updated_at
from {{ ref('stg_stores') }}
