{#- What is predicted: each type's column of int_predictions, its confidence and model, the ends of its interval where it has
    one, and how many days it looks ahead. Example: {% for kind in prediction_kinds() %}{{ kind.value }}{% endfor %} -#}
{% macro prediction_kinds() -%}
    {{- return([
        {'type': 'churn', 'value': 'churn_probability', 'confidence': 'churn_confidence', 'model': 'churn_model',
         'low': 'null', 'high': 'null', 'days': var('churn_window_days')},
        {'type': 'ltv', 'value': 'predicted_ltv_1year', 'confidence': 'value_confidence', 'model': 'value_model',
         'low': 'predicted_ltv_low', 'high': 'predicted_ltv_high', 'days': 365},
        {'type': 'next_purchase', 'value': 'next_purchase_probability', 'confidence': 'next_purchase_confidence',
         'model': 'next_purchase_model', 'low': 'null', 'high': 'null', 'days': var('next_purchase_days')},
        {'type': 'upgrade', 'value': 'upgrade_probability', 'confidence': 'value_confidence', 'model': 'value_model',
         'low': 'null', 'high': 'null', 'days': 365},
    ]) -}}
{%- endmacro %}
