{#- An identifier as it counts: null where the value is one that identifies nobody (seed identity_rules, rule blocked).
    dbt reads the word null in a seed as no value on some engines.
    kind: customer, email, phone or anon. Example: {{ known_id('email', 'orders.email') }} -#}
{% macro known_id(kind, value) -%}
    case
        when lower({{ value }}) not in (
            select coalesce(rules.value, 'null') from {{ ref('identity_rules') }} as rules
            where rules.rule = 'blocked' and rules.identifier_type in ('any', '{{ kind }}')
        ) then {{ value }}
    end
{%- endmacro %}

{#- The person's id that an identifier gives where nothing better is known: a customer's own id, anything else with its
    kind in front. A customer's own id that reads like such a one keeps its kind too, see given_id().
    Example: {{ id_of_identifier('identifier') }} -> c1, email:a@b.example, customer:email:a@b.example -#}
{% macro id_of_identifier(identifier) -%}
    case
        when {{ identifier }} like 'customer:%'
            then {{ given_id('customer', 'substring(' ~ identifier ~ ' from 10)') }}
        else {{ identifier }}
    end
{%- endmacro %}
