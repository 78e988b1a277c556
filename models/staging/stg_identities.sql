select
    store_id,
    identified_at,
    anonymous_id,
    customer_id as source_customer_id,
    email,
    phone,
    first_name,
    last_name,
    loaded_at
from {{ ref('base_identities') }}
where fate = 'accepted'
