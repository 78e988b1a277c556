select
    cast(store_id as text) as store_id,
    cast(forecast_date as date) as forecast_date,
    cast(row_number() over (partition by store_id order by forecast_date) as bigint) as days_ahead,
    {{ money('revenue') }} as expected_revenue,
    {{ money('revenue_low') }} as revenue_low,
    {{ money('revenue_high') }} as revenue_high,
    cast(model as text) as forecast_model,
    cuts > 0 as is_judged,
    {{ as_of() }} as predicted_at
from {{ ref('int_revenue_forecasts') }}
where forecast_date is not null
