{{ config(post_hook=[
    "{{ ensure_index(['store_id', 'customer_id']) }}",
    "{{ ensure_index(['store_id', 'prediction_type', 'predicted_value']) }}"
]) }}

with kinds as (

    {%- for kind in prediction_kinds() %}
        select
            store_id,
            customer_id,
            '{{ kind.type }}' as prediction_type,
            cast({{ kind.value }} as double precision) as predicted_value,
            cast({{ kind.low }} as double precision) as interval_low,
            cast({{ kind.high }} as double precision) as interval_high,
            cast({{ kind.p10 }} as double precision) as outcome_p10,
            cast({{ kind.p90 }} as double precision) as outcome_p90,
            cast({{ kind.confidence }} as double precision) as confidence,
            {{ kind.model }} as model_version,
            {{ kind.days }} as horizon_days
        from {{ ref('int_predictions') }}
        where {{ kind.value }} is not null
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
    cast(kinds.outcome_p10 as double precision) as outcome_p10,
    cast(kinds.outcome_p90 as double precision) as outcome_p90,
    cast(kinds.confidence as double precision) as confidence,
    cast(kinds.model_version as text) as model_version,
    cast(kinds.horizon_days as bigint) as horizon_days,
    case
        {%- for kind in features_of_models() %}
            when {{ kind.models }} then cast({{ json_object(kind.features) }} as {{ json_type() }})
        {%- endfor %}
    end as features_used,
    {{ as_of() }} as predicted_at,
    {{ as_of() }} + interval '30 days' as valid_until
from kinds
inner join {{ ref('int_prediction_features') }} as features
    on kinds.store_id = features.store_id and kinds.customer_id = features.customer_id and features.cutoff = 'now'
