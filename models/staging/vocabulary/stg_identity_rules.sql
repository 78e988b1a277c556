{%- set columns %}
    rule_id, rule, identifier_type, value, max_count, priority, description
{%- endset %}

-- a row of the shop's own takes the place of the project's of the same id, and of one about the same
with united as (

    select {{ columns }}
    from {{ ref('custom_identity_rules') }}
    union all
    select {{ columns }}
    from {{ ref('identity_rules') }} as given
    where not exists (
        select 1
        from {{ ref('custom_identity_rules') }} as custom
        where
            given.rule_id = custom.rule_id
            or (
                given.rule = custom.rule
                and given.identifier_type = custom.identifier_type
                and coalesce(given.value, '') = coalesce(custom.value, '')
            )
    )

)

select {{ columns }}
from united
