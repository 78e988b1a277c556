{%- set columns %}
    raw_name, event_type, is_page, is_engagement, is_key, is_content, is_message, is_own_act, funnel_step, interaction_type,
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

),

known as (

    -- what a row means that does not say whether the person did it: what the type that it names means
    select
        event_type as known_type,
        bool_or(is_own_act) as has_own_act
    from {{ ref('event_types') }}
    group by event_type

)

select
    united.raw_name,
    united.event_type,
    united.is_page,
    united.is_engagement,
    united.is_key,
    united.is_content,
    united.is_message,
    united.funnel_step,
    united.interaction_type,
    united.description,
    coalesce(united.is_own_act, known.has_own_act, true)
    {%- if not var('opens_are_activity') %}
        and united.event_type not in {{ sql_list(opened_message_types()) }}
    {%- endif %} as is_own_act,
    {{ name_key('united.raw_name') }} as name_key
from united
left join known on united.event_type = known.known_type
