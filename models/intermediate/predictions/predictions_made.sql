{{ config(
    materialized='incremental',
    incremental_strategy='replace',
    full_refresh=false,
    on_schema_change='append_new_columns',
    meta={'replaces': 'night', 'is_ledger': true},
    post_hook="{{ ensure_index(['store_id', 'customer_id']) }}"
) }}

{%- set kinds = [
    ('churn', 'churn_probability', 'churn_model', var('churn_window_days')),
    ('ltv', 'predicted_ltv_1year', 'value_model', 365),
    ('next_purchase', 'next_purchase_probability', 'next_purchase_model', var('next_purchase_days')),
    ('upgrade', 'upgrade_probability', 'value_model', 365)
] %}

with fitted_tonight as (

    select distinct store_id from {{ ref('ltv_models') }}
    where as_of = {{ as_of() }}

),

kinds as (

    {%- for kind, value, model, days in kinds %}
        select
            store_id,
            customer_id,
            '{{ kind }}' as prediction_type,
            cast({{ value }} as double precision) as predicted_value,
            {{ model }} as model_version,
            {{ days }} as horizon_days
        from {{ ref('int_predictions') }}
        where {{ value }} is not null and (has_ordered or '{{ kind }}' = 'next_purchase')
        {% if not loop.last %}union all{% endif %}
    {%- endfor %}

)

-- kept on the nights of a fit: every night would be everybody every night
select
    kinds.store_id,
    kinds.customer_id,
    kinds.prediction_type,
    kinds.predicted_value,
    kinds.model_version,
    cast(kinds.horizon_days as bigint) as horizon_days,
    {{ as_of() }} as as_of
from kinds
inner join fitted_tonight on kinds.store_id = fitted_tonight.store_id
