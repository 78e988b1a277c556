select
    cast(store_id as text) as store_id,
    cast(customer_id as text) as customer_id,
    cast(previous_stage as text) as from_stage,
    stage,
    cast(next_stage as text) as to_stage,
    cast(entered_at as timestamp) as entered_at,
    cast(left_at as timestamp) as left_at,
    {{ round_to(elapsed_seconds('entered_at', 'coalesce(left_at, ' ~ as_of() ~ ')') ~ ' / 86400', 4) }} as days_in_stage
from {{ ref('int_journey_stages') }}
