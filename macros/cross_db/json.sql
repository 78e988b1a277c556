{#- A JSON object of named SQL expressions, keys in the order given.
    Example: {{ json_object({'id': 'product_id', 'score': 'score'}) }} -#}
{% macro json_object(fields) -%}{{ adapter.dispatch('json_object', 'tessera')(fields) }}{%- endmacro %}
{% macro default__json_object(fields) -%}
    jsonb_build_object({% for key, value in fields.items() %}'{{ key }}', {{ value }}{{ ', ' if not loop.last }}{% endfor %})
{%- endmacro %}
{% macro duckdb__json_object(fields) -%}
    json_object({% for key, value in fields.items() %}'{{ key }}', {{ value }}{{ ', ' if not loop.last }}{% endfor %})
{%- endmacro %}

{#- Aggregate: a JSON list of the values of a group, in an order without ties; null for no rows.
    Example: {{ json_list(json_object({'id': 'product_id'}), 'rank') }} -#}
{% macro json_list(value, order_by) -%}{{ adapter.dispatch('json_list', 'tessera')(value, order_by) }}{%- endmacro %}
{% macro default__json_list(value, order_by) -%}jsonb_agg({{ value }} order by {{ order_by }}){%- endmacro %}
{% macro duckdb__json_list(value, order_by) -%}to_json(list({{ value }} order by {{ order_by }})){%- endmacro %}

{#- A row of a table (named by its alias) as JSON, and any value as JSON. -#}
{% macro row_as_json(alias) -%}{{ adapter.dispatch('row_as_json', 'tessera')(alias) }}{%- endmacro %}
{% macro default__row_as_json(alias) -%}to_jsonb({{ alias }}){%- endmacro %}
{% macro duckdb__row_as_json(alias) -%}to_json({{ alias }}){%- endmacro %}
