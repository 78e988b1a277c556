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
        total_low,
        total_high,
        count(forecast_date) > 0 as is_forecast,
        sum(revenue) as forecast_revenue
    from {{ ref('int_revenue_forecasts') }}
    group by store_id, model, reason, history_days, cuts, cut_days, relative_error, mase, total_low, total_high

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

revenue as (

    select
        store_id,
        as_of_date,
        sum(case when activity_date >= as_of_date - 182 then net_revenue else 0 end) as half_year
    from {{ ref('int_revenue_days') }}
    group by store_id, as_of_date

),

orders as (

    select
        orders.store_id,
        orders.gross_revenue,
        revenue.as_of_date - orders.order_date as days_ago,
        -- no person is there of whom these could have been expected
        orders.customer_id is null or orders.order_sequence = 1 as is_new
    from {{ ref('int_orders') }} as orders
    inner join revenue on orders.store_id = revenue.store_id
    where orders.is_counted and orders.order_date < revenue.as_of_date

),

-- of the last half year, and a year before of as many days and of the 90 after them
recent as (

    select
        store_id,
        {{ ratio(
            'sum(case when days_ago <= 182 and is_new then gross_revenue else 0 end)',
            'sum(case when days_ago <= 182 then gross_revenue else 0 end)'
        ) }} as share_of_new,
        count(case when is_new and days_ago between 366 and 547 then 1 end) as new_before,
        count(case when is_new and days_ago between 276 and 365 then 1 end) as new_after
    from orders
    group by store_id

),

-- what newcomers brought of the half year, not of the forecast, which is held against it; by how many of them came a year before
first_orders as (

    select
        forecasts.store_id,
        recent.share_of_new
        * case when revenue.half_year > 0 then revenue.half_year else 0 end
        * {{ ratio('90', 'case when forecasts.history_days < 182 then forecasts.history_days else 182 end') }}
        * case when forecasts.history_days < 547 then 1 else {{ ratio('recent.new_after + 30', 'recent.new_before * 90 / 182.0 + 30') }} end
            as revenue
    from forecasts
    inner join recent on forecasts.store_id = recent.store_id
    inner join revenue on forecasts.store_id = revenue.store_id

),

compared as (

    select
        forecasts.*,
        people.customers_revenue,
        coalesce(newcomers.newcomer_orders * people.order_value, 0) + coalesce(first_orders.revenue, 0) as newcomers_revenue
    from forecasts
    left join people on forecasts.store_id = people.store_id
    left join first_orders on forecasts.store_id = first_orders.store_id
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
    {{ money('total_low') }} as forecast_revenue_low,
    {{ money('total_high') }} as forecast_revenue_high,
    {{ money('customers_revenue') }} as customers_revenue,
    {{ money('newcomers_revenue') }} as newcomers_revenue,
    {{ money('customers_revenue + newcomers_revenue') }} as people_revenue,
    {{ round_to(ratio('customers_revenue + newcomers_revenue', 'forecast_revenue'), 6) }} as forecast_ratio,
    {{ as_of() }} as predicted_at
from compared
