{#- 80% of a normal distribution lie within so many standard deviations -#}
{%- set within = 1.2815515655446004 -%}

with people as (

    select
        store_id,
        count(*) as customers,
        sum(expected_orders_90days) as expected_orders,
        sum(predicted_value_1year) as expected_value_1year
    from {{ ref('ltv_predictions') }}
    where has_ordered
    group by store_id

),

totals as (

    select
        people.*,
        forecasts.newcomer_orders,
        forecasts.forecast_orders,
        forecasts.past_windows,
        people.expected_orders + forecasts.newcomer_orders as total_orders,
        -- chance alone moves a total of n by the root of n
        {{ within }} * sqrt(forecasts.window_spread * forecasts.window_spread + 1 / greatest(people.expected_orders, 1)) as spread
    from people
    inner join {{ ref('ltv_forecasts') }} as forecasts on people.store_id = forecasts.store_id

)

select
    cast(store_id as text) as store_id,
    cast(customers as bigint) as customers,
    {{ round_to('expected_orders', 6) }} as expected_orders,
    {{ round_to('expected_orders * exp(-spread)', 6) }} as expected_orders_low,
    {{ round_to('expected_orders * exp(spread)', 6) }} as expected_orders_high,
    {{ round_to('newcomer_orders', 6) }} as newcomer_orders,
    {{ round_to('total_orders', 6) }} as total_orders,
    {{ round_to('forecast_orders', 6) }} as forecast_orders,
    {{ round_to(ratio('total_orders', 'forecast_orders'), 6) }} as forecast_ratio,
    {{ money('expected_value_1year') }} as expected_value_1year,
    cast(past_windows as bigint) as past_windows,
    {{ as_of() }} as predicted_at
from totals
