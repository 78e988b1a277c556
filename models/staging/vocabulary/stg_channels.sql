{%- set columns %}
    raw_name, channel, description
{%- endset %}

-- a row of the shop's own takes the place of one that came with the project
with united as (

    select {{ columns }}
    from {{ ref('custom_channels') }}
    union all
    select {{ columns }}
    from {{ ref('channels') }}
    where {{ name_key('raw_name') }} not in (
        select {{ name_key('custom.raw_name') }} from {{ ref('custom_channels') }} as custom
        where custom.raw_name is not null
    )

)

select
    {{ columns }},
    {{ name_key('raw_name') }} as name_key
from united
