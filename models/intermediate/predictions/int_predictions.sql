{#- what is money, or rests on it: null for whom nobody knows what any order was worth -#}
{%- set money_columns = [
    'expected_order_value', 'predicted_value_1year', 'predicted_value_3year', 'predicted_value_5year', 'value_low_1year',
    'value_high_1year', 'value_p10_1year', 'value_p90_1year', 'upgrade_probability', 'value_confidence'
] -%}

with people as (

    select
        predictions.store_id,
        predictions.customer_id,
        predictions.has_ordered,
        predictions.churn_probability,
        predictions.alive_probability,
        predictions.next_purchase_probability,
        predictions.expected_next_order_days,
        predictions.expected_orders_90days,
        predictions.expected_orders_1year,
        predictions.orders_low_1year,
        predictions.orders_high_1year,
        predictions.orders_p10_1year,
        predictions.orders_p90_1year,
        predictions.churn_confidence,
        predictions.next_purchase_confidence,
        predictions.churn_model,
        predictions.value_model,
        predictions.next_purchase_model,
        {%- for column in money_columns %}
            case when {{ known_money('net_revenue', 'totals') }} is not null then predictions.{{ column }} end as {{ column }},
        {%- endfor %}
        histories.age_weeks,
        coalesce(histories.earlier_spend, 0) as earlier_spend,
        {{ known_money('net_revenue', 'totals') }} as net_revenue
    from {{ ref('ltv_predictions') }} as predictions
    left join {{ ref('int_activity_totals') }} as totals
        on predictions.store_id = totals.store_id and predictions.customer_id = totals.customer_id
    left join {{ ref('int_order_histories') }} as histories
        on
            predictions.store_id = histories.store_id
            and predictions.customer_id = histories.customer_id
            and histories.cutoff = 'now'

),

valued as (

    select
        *,
        {%- for years in [1, 3, 5] %}
            {{ money("net_revenue + predicted_value_" ~ years ~ "year") }} as predicted_ltv_{{ years }}year,
        {%- endfor %}
        {{ money('net_revenue + value_low_1year') }} as predicted_ltv_low,
        {{ money('net_revenue + value_high_1year') }} as predicted_ltv_high,
        {{ money('net_revenue + value_p10_1year') }} as outcome_p10,
        {{ money('net_revenue + value_p90_1year') }} as outcome_p90,
        -- what a year brought so far: of customers of less than a year all that they spent
        {{ ratio('(net_revenue - earlier_spend)', 'greatest(age_weeks * 7 / 365, 1)') }} as past_yearly_value
    from people

),

compared as (

    select
        *,
        case
            when past_yearly_value > 0 then {{ round_to(ratio('predicted_value_1year', 'past_yearly_value'), 6) }}
        end as growth_ratio
    from valued

)

select
    store_id,
    customer_id,
    has_ordered,
    churn_probability,
    alive_probability,
    next_purchase_probability,
    expected_next_order_days,
    expected_orders_90days,
    expected_orders_1year,
    expected_order_value,
    predicted_value_1year,
    predicted_value_3year,
    predicted_value_5year,
    value_low_1year,
    value_high_1year,
    orders_low_1year,
    orders_high_1year,
    orders_p10_1year,
    orders_p90_1year,
    upgrade_probability,
    churn_confidence,
    value_confidence,
    next_purchase_confidence,
    churn_model,
    value_model,
    next_purchase_model,
    net_revenue,
    age_weeks,
    predicted_ltv_1year,
    predicted_ltv_3year,
    predicted_ltv_5year,
    predicted_ltv_low,
    predicted_ltv_high,
    outcome_p10,
    outcome_p90,
    past_yearly_value,
    growth_ratio,
    -- who is not expected once in the year does not grow, whatever little the past brought
    case
        when growth_ratio is not null and expected_orders_1year < 1 then 'low'
        when growth_ratio >= 1.2 then 'high'
        when growth_ratio >= 0.8 then 'medium'
        when growth_ratio < 0.8 then 'low'
    end as growth_potential
from compared
