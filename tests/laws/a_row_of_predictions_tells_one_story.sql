-- Fails where the predictions of a person contradict each other: an estimate outside of its interval, fewer orders than the chance of
-- one, a date for who is not likely to order. A marketer who sees one of these trusts none.
select
    store_id,
    customer_id
from {{ ref('customer_ltv_predictions') }}
where
    predicted_ltv_1year not between predicted_ltv_low and predicted_ltv_high
    or expected_orders_1year not between orders_low_1year and orders_high_1year
    or outcome_p10 > outcome_p90
    or orders_outcome_p10 > orders_outcome_p90
    or expected_orders_90days > expected_orders_1year + 1e-8
    {%- if var('churn_window_days') <= 90 %}
        or 1 - churn_probability > expected_orders_90days + 1e-8
    {%- endif %}
    or 1 - churn_probability > alive_probability + 1e-8
    or expected_next_order_at > prediction_date + interval '731 days'
