select
    store_id,
    customer_id,
    bool_or(identifier_type <> 'anon') as is_identified,
    count(*) as identifier_count
from {{ ref('customer_identities') }}
group by store_id, customer_id
