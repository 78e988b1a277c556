{#- 80% of a normal distribution lie within so many standard deviations -#}
{%- set within = 1.2815515655446004 -%}

with forecasts as (

    select
        store_id,
        model,
        reason,
        history_days,
        cuts,
        cut_days,
        relative_error,
        mase,
        total_spread,
        count(forecast_date) > 0 as is_forecast,
        sum(revenue) as forecast_revenue
    from {{ ref('int_revenue_forecasts') }}
    group by store_id, model, reason, history_days, cuts, cut_days, relative_error, mase, total_spread

),

people as (

    select
        store_id,
        sum(expected_orders_90days * expected_order_value) as customers_revenue,
        {{ ratio('sum(expected_orders_90days * expected_order_value)', 'sum(expected_orders_90days)') }} as order_value
    from {{ ref('ltv_predictions') }}
    where has_ordered
    group by store_id

),

-- of the last half year, what came of first orders and of those of nobody: no person is there of whom they could be expected
recent as (

    select
        orders.store_id,
        {{ ratio(
            'sum(case when orders.customer_id is null or orders.order_sequence = 1 then orders.gross_revenue else 0 end)',
            'sum(orders.gross_revenue)'
        ) }} as share_of_new
    from {{ ref('int_orders') }} as orders
    inner join {{ ref('stg_stores') }} as stores on orders.store_id = stores.store_id
    where orders.is_counted and orders.order_date >= {{ as_of_date('stores.timezone') }} - 182
    group by orders.store_id

),

compared as (

    select
        forecasts.*,
        people.customers_revenue,
        coalesce(newcomers.newcomer_orders * people.order_value, 0) + coalesce(recent.share_of_new, 0) * forecasts.forecast_revenue
            as newcomers_revenue
    from forecasts
    left join people on forecasts.store_id = people.store_id
    left join recent on forecasts.store_id = recent.store_id
    left join {{ ref('ltv_forecasts') }} as newcomers on forecasts.store_id = newcomers.store_id

)

select
    cast(store_id as text) as store_id,
    cast(is_forecast as boolean) as is_forecast,
    cast(model as text) as forecast_model,
    cast(reason as text) as reason,
    cast(history_days as bigint) as history_days,
    cast(cuts as bigint) as cuts,
    cast(cut_days as bigint) as cut_days,
    {{ round_to('relative_error', 6) }} as relative_error,
    cast(relative_error < 1 as boolean) as beats_seasonal_naive,
    {{ round_to('mase', 6) }} as mase,
    {{ money('forecast_revenue') }} as forecast_revenue,
    {{ money('forecast_revenue * exp(-' ~ within ~ ' * total_spread)') }} as forecast_revenue_low,
    {{ money('forecast_revenue * exp(' ~ within ~ ' * total_spread)') }} as forecast_revenue_high,
    {{ money('customers_revenue') }} as customers_revenue,
    {{ money('newcomers_revenue') }} as newcomers_revenue,
    {{ money('customers_revenue + newcomers_revenue') }} as people_revenue,
    {{ round_to(ratio('customers_revenue + newcomers_revenue', 'forecast_revenue'), 6) }} as forecast_ratio,
    {{ as_of() }} as predicted_at
from compared
