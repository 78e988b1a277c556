select
    cast(weeks.store_id as text) as store_id,
    cast(weeks.week_number as bigint) as week_number,
    cast(weeks.week_end as date) as week_end,
    cast(weeks.actual_orders as bigint) as actual_orders,
    {{ round_to('expectations.expected_orders', 6) }} as expected_orders
from {{ ref('int_purchase_weeks') }} as weeks
inner join {{ ref('ltv_expectations') }} as expectations
    on weeks.store_id = expectations.store_id and weeks.week_number = expectations.week_number
