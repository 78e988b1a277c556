{#- One row per whole number from one to another, none where the first is greater. For the select list.
    Example: {{ series_to_rows(0, 'periods') }} as period_number -#}
{% macro series_to_rows(first, last) -%}{{ adapter.dispatch('series_to_rows', 'tessera')(first, last) }}{%- endmacro %}
{% macro default__series_to_rows(first, last) -%}generate_series({{ first }}, {{ last }}){%- endmacro %}
{% macro duckdb__series_to_rows(first, last) -%}unnest(generate_series({{ first }}, {{ last }})){%- endmacro %}
