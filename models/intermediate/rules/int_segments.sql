{%- set columns %}
    segment_id, name, description, segment_type, status, business_unit, use_cases, store_id, model_id, model_threshold,
    refresh_days, auto_refresh, expires_after_days
{%- endset %}

-- what is in seeds/custom replaces what came with the project
with united as (

    select
        {{ columns }},
        true as is_custom
    from {{ ref('custom_segment_definitions') }}
    union all
    select
        {{ columns }},
        false as is_custom
    from {{ ref('segment_definitions') }}
    where segment_id not in (
        select custom.segment_id from {{ ref('custom_segment_definitions') }} as custom
        where custom.segment_id is not null
    )

)

select
    {{ columns }},
    is_custom
from united
