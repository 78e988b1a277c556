select
    store_id,
    identified_at,
    {{ known_id('anon', 'anonymous_id') }} as anonymous_id,
    {{ known_id('customer', 'customer_id') }} as source_customer_id,
    {{ known_id('email', 'email') }} as email,
    {{ known_id('phone', 'phone') }} as phone,
    {{ null_if_placeholder('first_name') }} as first_name,
    {{ null_if_placeholder('last_name') }} as last_name,
    loaded_at
from {{ ref('base_identities') }}
where fate = 'accepted'
