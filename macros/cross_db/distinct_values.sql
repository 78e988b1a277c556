{#- The query of the values of a column, each once. A large table of Postgres is asked for the next value through an index that begins with
    the column, as many times as there are values; without one it would be read as often. condition: of its rows, as an index has it.
    Example: {{ distinct_values(ref('base_events'), 'store_id') }} -#}
{% macro distinct_values(relation, column, condition='true') -%}
    {{- adapter.dispatch('distinct_values', 'tessera')(relation, column, condition) -}}
{%- endmacro %}
{% macro default__distinct_values(relation, column, condition) -%}
    with recursive found as (
        (
            select {{ column }} from {{ relation }}
            where {{ column }} is not null and {{ condition }} order by {{ column }} limit 1
        )
        union all
        select (
            select beyond.{{ column }} from {{ relation }} as beyond
            where beyond.{{ column }} > found.{{ column }} and {{ condition }} order by beyond.{{ column }} limit 1
        )
        from found
        where found.{{ column }} is not null
    )

    select {{ column }} from found where {{ column }} is not null
    union all
    (select {{ column }} from {{ relation }} where {{ column }} is null and {{ condition }} limit 1)
{%- endmacro %}
{% macro duckdb__distinct_values(relation, column, condition) -%}
    select distinct {{ column }} from {{ relation }} where {{ condition }}
{%- endmacro %}
