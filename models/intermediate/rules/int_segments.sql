{%- set columns %}
    segment_id, name, description, segment_type, status, business_unit, use_cases, store_id, model_id, model_threshold, expires_after_days
{%- endset %}

-- what is in seeds/custom replaces what came with the project
with united as (

    select
        {{ columns }},
        refresh_days,
        auto_refresh,
        true as is_custom
    from {{ ref('custom_segment_definitions') }}
    union all
    select
        {{ columns }},
        refresh_days,
        auto_refresh,
        false as is_custom
    from {{ ref('segment_definitions') }}
    where segment_id not in (
        select custom.segment_id from {{ ref('custom_segment_definitions') }} as custom
        where custom.segment_id is not null
    )

)

-- what is left blank is every night
select
    {{ columns }},
    coalesce(refresh_days, '1') as refresh_days,
    coalesce(auto_refresh, 'true') as auto_refresh,
    is_custom
from united
