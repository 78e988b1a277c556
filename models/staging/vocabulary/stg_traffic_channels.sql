{%- set columns %}
    field, value, traffic_channel, description
{%- endset %}

-- a row of the shop's own takes the place of one that came with the project
with united as (

    select {{ columns }}
    from {{ ref('custom_traffic_channels') }}
    union all
    select {{ columns }}
    from {{ ref('traffic_channels') }}
    where (field, {{ name_key('value') }}) not in (
        select
            custom.field,
            {{ name_key('custom.value') }}
        from {{ ref('custom_traffic_channels') }} as custom
        where custom.field is not null and custom.value is not null
    )

)

select
    {{ columns }},
    {{ name_key('value') }} as name_key
from united
