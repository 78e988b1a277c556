select
    cast(store_id as text) as store_id,
    cast(cohort_key as text) as cohort_key,
    cast(customer_id as text) as customer_id,
    cast(cohort_id as text) as cohort_id,
    cast(joined_at as timestamp) as joined_at,
    cast(left_at as timestamp) as left_at
from {{ ref('int_cohort_members') }}
