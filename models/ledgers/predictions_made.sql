{{ config(post_hook="{{ ensure_index(['store_id', 'customer_id']) }}") }}

with fitted_tonight as (

    select distinct store_id from {{ ref('ltv_models') }}
    where as_of = {{ as_of() }}

),

kinds as (

    {%- for kind in prediction_kinds() %}
        select
            store_id,
            customer_id,
            '{{ kind.type }}' as prediction_type,
            cast({{ kind.value }} as double precision) as predicted_value,
            {{ kind.model }} as model_version,
            {{ kind.days }} as horizon_days
        from {{ ref('int_predictions') }}
        where {{ kind.value }} is not null and (has_ordered or '{{ kind.type }}' = 'next_purchase')
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
