{%- set columns %}
    raw_name, event_type, is_page, is_engagement, is_key, is_content, is_message, funnel_step, interaction_type,
    description
{%- endset %}

-- a row of the shop's own takes the place of one that came with the project
with united as (

    select {{ columns }}
    from {{ ref('custom_event_types') }}
    union all
    select {{ columns }}
    from {{ ref('event_types') }}
    where {{ name_key('raw_name') }} not in (
        select {{ name_key('custom.raw_name') }} from {{ ref('custom_event_types') }} as custom
        where custom.raw_name is not null
    )

)

select
    {{ columns }},
    {{ name_key('raw_name') }} as name_key
from united
