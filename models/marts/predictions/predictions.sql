{%- set kinds = [
    ('churn', 'churn_probability', 'churn_confidence', 'churn_model', 'null', 'null', var('churn_window_days')),
    ('ltv', 'predicted_ltv_1year', 'value_confidence', 'value_model', 'predicted_ltv_low', 'predicted_ltv_high', 365),
    ('next_purchase', 'next_purchase_probability', 'next_purchase_confidence', 'next_purchase_model', 'null', 'null', var('next_purchase_days')),
    ('upgrade', 'upgrade_probability', 'value_confidence', 'value_model', 'null', 'null', 365)
] %}

with kinds as (

    {%- for kind, value, confidence, model, low, high, days in kinds %}
        select
            store_id,
            customer_id,
            '{{ kind }}' as prediction_type,
            cast({{ value }} as double precision) as predicted_value,
            cast({{ low }} as double precision) as interval_low,
            cast({{ high }} as double precision) as interval_high,
            cast({{ confidence }} as double precision) as confidence,
            {{ model }} as model_version,
            {{ days }} as horizon_days
        from {{ ref('int_predictions') }}
        where {{ value }} is not null
        {% if not loop.last %}union all{% endif %}
    {%- endfor %}

)

select
    cast(kinds.store_id as text) as store_id,
    cast(kinds.customer_id as text) as customer_id,
    cast(kinds.prediction_type as text) as prediction_type,
    cast(kinds.predicted_value as double precision) as predicted_value,
    cast(kinds.interval_low as double precision) as interval_low,
    cast(kinds.interval_high as double precision) as interval_high,
    cast(kinds.confidence as double precision) as confidence,
    cast(kinds.model_version as text) as model_version,
    cast(kinds.horizon_days as bigint) as horizon_days,
    cast({{ json_object({
        'frequency': 'features.frequency', 'recency_weeks': 'features.recency_weeks', 'age_weeks': 'features.age_weeks',
        'mean_spend': 'features.mean_spend', 'days_since_seen': 'features.days_since_seen', 'sessions_90': 'features.sessions_90'
    }) }} as {{ json_type() }}) as features_used,
    {{ as_of() }} as predicted_at,
    {{ as_of() }} + interval '30 days' as valid_until
from kinds
inner join {{ ref('int_prediction_features') }} as features
    on kinds.store_id = features.store_id and kinds.customer_id = features.customer_id and features.moment = 'now'
