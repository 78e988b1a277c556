{{ config(post_hook="{{ ensure_index(['store_id', 'customer_id']) }}") }}

select
    cast(store_id as text) as store_id,
    cast(customer_id as text) as customer_id,
    cast(net_revenue as numeric(18, 2)) as current_ltv,
    cast(predicted_ltv_1year as numeric(18, 2)) as predicted_ltv_1year,
    cast(predicted_ltv_3year as numeric(18, 2)) as predicted_ltv_3year,
    cast(predicted_ltv_5year as numeric(18, 2)) as predicted_ltv_5year,
    cast(predicted_ltv_low as numeric(18, 2)) as predicted_ltv_low,
    cast(predicted_ltv_high as numeric(18, 2)) as predicted_ltv_high,
    cast(outcome_p10 as numeric(18, 2)) as outcome_p10,
    cast(outcome_p90 as numeric(18, 2)) as outcome_p90,
    cast(churn_probability as double precision) as churn_probability,
    cast(alive_probability as double precision) as alive_probability,
    cast(next_purchase_probability as double precision) as next_purchase_probability,
    cast({{ as_of() }} + expected_next_order_days * interval '1 day' as timestamp) as expected_next_order_at,
    cast(expected_orders_90days as double precision) as expected_orders_90days,
    cast(expected_orders_1year as double precision) as expected_orders_1year,
    cast(orders_low_1year as double precision) as orders_low_1year,
    cast(orders_high_1year as double precision) as orders_high_1year,
    cast(orders_p10_1year as double precision) as orders_outcome_p10,
    cast(orders_p90_1year as double precision) as orders_outcome_p90,
    {{ money('expected_order_value') }} as expected_order_value,
    cast(growth_potential as text) as growth_potential,
    cast(growth_ratio as double precision) as growth_ratio,
    cast(value_confidence as double precision) as confidence_score,
    cast(churn_model as text) as churn_model,
    cast(value_model as text) as value_model,
    {{ as_of() }} as prediction_date,
    {{ as_of() }} + interval '30 days' as valid_until
from {{ ref('int_predictions') }}
where has_ordered
