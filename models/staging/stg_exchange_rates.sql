select
    store_id,
    currency,
    rate_date,
    rate,
    loaded_at,
    lead(rate_date, 1, cast('9999-12-31' as timestamp)) over (
        partition by store_id, currency
        order by rate_date
    ) as next_rate_date
from {{ ref('base_exchange_rates') }}
where fate = 'accepted'
