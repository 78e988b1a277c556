{#- Aggregates: the first (last) value of a group that is not null, by an order without ties.
    Example: {{ first_known('source', 'session_sequence') }} -#}
{% macro first_known(value, order_by) -%}{{ adapter.dispatch('first_known', 'tessera')(value, order_by) }}{%- endmacro %}
{% macro default__first_known(value, order_by) -%}
    (array_agg({{ value }} order by {{ order_by }}) filter (where {{ value }} is not null))[1]
{%- endmacro %}
{% macro duckdb__first_known(value, order_by) -%}arg_min({{ value }}, {{ order_by }}){%- endmacro %}

{% macro last_known(value, order_by) -%}{{ adapter.dispatch('last_known', 'tessera')(value, order_by) }}{%- endmacro %}
{% macro default__last_known(value, order_by) -%}
    (array_agg({{ value }} order by {{ order_by }} desc) filter (where {{ value }} is not null))[1]
{%- endmacro %}
{% macro duckdb__last_known(value, order_by) -%}arg_max({{ value }}, {{ order_by }}){%- endmacro %}

{#- The middle one of the numbers of an array, between two the mean of them. Example: {{ median_of('rates_before') }} -#}
{% macro median_of(values) -%}{{ adapter.dispatch('median_of', 'tessera')(values) }}{%- endmacro %}
{% macro default__median_of(values) -%}
    (select percentile_cont(0.5) within group (order by each_value) from unnest({{ values }}) as each_value)
{%- endmacro %}
{% macro duckdb__median_of(values) -%}list_median({{ values }}){%- endmacro %}
