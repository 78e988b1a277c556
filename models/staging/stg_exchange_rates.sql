select
    store_id,
    currency,
    rate_date as valid_from,
    rate,
    loaded_at,
    lead(rate_date, 1, cast('9999-12-31' as timestamp)) over (
        partition by store_id, currency
        order by rate_date
    ) as valid_until
from {{ ref('base_exchange_rates') }}
where fate = 'accepted'
