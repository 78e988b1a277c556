-- If this fails, somebody came or ordered before they are said to have been won.
select
    store_id,
    customer_id,
    acquisition_date,
    first_seen_at
from {{ ref('int_profile_facts') }}
where acquisition_date > first_seen_at
