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

{#- The names in a JSON object, one row each; none where it is null or no object. For the select list.
    Example: {{ json_names('external_ids') }} -#}
{% macro json_names(value) -%}{{ adapter.dispatch('json_names', 'tessera')(value) }}{%- endmacro %}
{% macro default__json_names(value) -%}
    jsonb_object_keys(case when jsonb_typeof({{ value }}) = 'object' then {{ value }} else '{}' end)
{%- endmacro %}
{% macro duckdb__json_names(value) -%}unnest(json_keys({{ value }})){%- endmacro %}

{#- Aggregate: a JSON object of names and values of a group, names in an order; null for no rows.
    Example: {{ json_object_of('id_name', 'id_value') }} -#}
{% macro json_object_of(name, value) -%}{{ adapter.dispatch('json_object_of', 'tessera')(name, value) }}{%- endmacro %}
{% macro default__json_object_of(name, value) -%}jsonb_object_agg({{ name }}, {{ value }}){%- endmacro %}
{% macro duckdb__json_object_of(name, value) -%}
    to_json(map(list({{ name }} order by {{ name }}), list({{ value }} order by {{ name }})))
{%- endmacro %}
