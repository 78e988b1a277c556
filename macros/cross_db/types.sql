{#- The type that holds JSON: the engine's own, so that it can be queried without a cast. -#}
{% macro json_type() -%}{{ adapter.dispatch('json_type', 'tessera')() }}{%- endmacro %}
{% macro default__json_type() -%}jsonb{%- endmacro %}
{% macro duckdb__json_type() -%}json{%- endmacro %}
