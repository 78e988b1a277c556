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

{#- The value of a name in a JSON object, as JSON. DuckDB reads a name that begins with $ or / as a path; behind a slash it
    is a pointer, in which every name can be written. name: SQL expression of text.
    Example: {{ json_of('external_ids', 'id_name') }} -#}
{% macro json_of(value, name) -%}{{ adapter.dispatch('json_of', 'tessera')(value, name) }}{%- endmacro %}
{% macro default__json_of(value, name) -%}({{ value }} -> {{ name }}){%- endmacro %}
{% macro duckdb__json_of(value, name) -%}
    json_extract({{ value }}, '/' || replace(replace({{ name }}, '~', '~0'), '/', '~1'))
{%- endmacro %}

{#- The text of a JSON number, which engines print each in their own way (1.50, 1e2); null beyond 1e15. -#}
{% macro text_of_json_number(text) -%}
    case when {{ matches(text, '-?[0-9]{1,18}') }} then {{ text }} else {{ text_of_double(try_double(text)) }} end
{%- endmacro %}

{#- A JSON value as text: a text as it is, a number, a list of texts joined by commas; null for anything else.
    Example: {{ text_of_json('tags') }} -#}
{% macro text_of_json(value) -%}{{ adapter.dispatch('text_of_json', 'tessera')(value) }}{%- endmacro %}
{% macro default__text_of_json(value) -%}
    case jsonb_typeof({{ value }})
        when 'array' then (
            select case when bool_and(jsonb_typeof(element) not in ('array', 'object')) then string_agg(element #>> '{}', ',' order by place) end
            from jsonb_array_elements({{ value }}) with ordinality as elements (element, place)
        )
        when 'object' then null
        when 'number' then {{ text_of_json_number('(' ~ value ~ " #>> '{}')") }}
        else {{ value }} #>> '{}'
    end
{%- endmacro %}
{% macro duckdb__text_of_json(value) -%}
    case json_type({{ value }})
        when 'ARRAY' then case
            when not list_has_any(json_type({{ value }}, '$[*]'), ['ARRAY', 'OBJECT'])
                then nullif(array_to_string({{ value }} ->> '$[*]', ','), '')
        end
        when 'OBJECT' then null
        when 'VARCHAR' then {{ value }} ->> '$'
        when 'BOOLEAN' then {{ value }} ->> '$'
        else {{ text_of_json_number('(' ~ value ~ " ->> '$')") }}
    end
{%- endmacro %}

{#- The same of a landed column of any JSON type, which may hold what no text does: null then.
    Example: {{ text_of_landed_json('landed.tags') }} -#}
{% macro text_of_landed_json(column) -%}
    case when {{ is_json('cast(' ~ column ~ ' as text)') }} then {{ text_of_json('cast(' ~ column ~ ' as ' ~ json_type() ~ ')') }} end
{%- endmacro %}

{#- Aggregate: a JSON object of names and values of a group, names in an order; null for no rows.
    Example: {{ json_object_of('id_name', 'id_value') }} -#}
{% macro json_object_of(name, value) -%}{{ adapter.dispatch('json_object_of', 'tessera')(name, value) }}{%- endmacro %}
{% macro default__json_object_of(name, value) -%}jsonb_object_agg({{ name }}, {{ value }}){%- endmacro %}
{% macro duckdb__json_object_of(name, value) -%}
    to_json(map(list({{ name }} order by {{ name }}), list({{ value }} order by {{ name }})))
{%- endmacro %}

{#- Whether a JSON value holds all that a JSON object (text that is known when the model is compiled) says: the same names
    with the same values, objects within objects likewise, and every element of a list. What @> means on Postgres; DuckDB's
    json_contains finds things at any depth, so there the names are asked one by one, as JSON pointers: they can hold any name.
    Example: {{ json_holds('properties', '{"plan": "pro"}') }} -#}
{% macro json_holds(value, object) -%}{{ adapter.dispatch('json_holds', 'tessera')(value, object) }}{%- endmacro %}
{% macro default__json_holds(value, object) -%}{{ value }} @> cast({{ sql_text(object) }} as jsonb){%- endmacro %}
{% macro duckdb__json_holds(value, object) -%}
    {%- set conditions = [] -%}
    {%- do duckdb_json_conditions(value, fromjson(object), conditions) -%}
    ({{ conditions | join(' and ') }})
{%- endmacro %}

{#- The conditions of json_holds for what lies at one place: path is an SQL expression of JSON. -#}
{% macro duckdb_json_conditions(path, wanted, conditions) -%}
    {%- if wanted is mapping -%}
        {%- do conditions.append("json_type(" ~ path ~ ") = 'OBJECT'") -%}
        {%- for name, inner in wanted.items() -%}
            {%- do duckdb_json_conditions("json_extract(" ~ path ~ ", " ~ sql_text('/' ~ name.replace('~', '~0').replace('/', '~1')) ~ ")", inner, conditions) -%}
        {%- endfor -%}
    {%- elif wanted is string -%}
        {%- do conditions.append("json_type(" ~ path ~ ") = 'VARCHAR' and (" ~ path ~ " ->> '$') = " ~ sql_text(wanted)) -%}
    {%- elif wanted is none -%}
        {%- do conditions.append("json_type(" ~ path ~ ") = 'NULL'") -%}
    {%- elif wanted is boolean -%}
        {%- do conditions.append("json_type(" ~ path ~ ") = 'BOOLEAN' and (" ~ path ~ " ->> '$') = '" ~ (wanted | lower) ~ "'") -%}
    {%- elif wanted is number and wanted | string in ('inf', '-inf') -%}
        {#- 1e400: no double holds it -#}
        {%- do conditions.append('false') -%}
    {%- elif wanted is number -%}
        {%- do conditions.append(
            "json_type(" ~ path ~ ") in ('BIGINT', 'UBIGINT', 'DOUBLE', 'HUGEINT') and try_cast((" ~ path ~ " ->> '$') as double) = " ~ wanted
        ) -%}
    {%- else -%}
        {%- do conditions.append("json_type(" ~ path ~ ") = 'ARRAY'") -%}
        {%- for element in wanted -%}
            {%- set inner = [] -%}
            {%- do duckdb_json_conditions('element', element, inner) -%}
            {%- do conditions.append(
                "len(list_filter(try_cast(" ~ path ~ " as json[]), lambda element: " ~ (inner | join(' and ')) ~ ")) > 0"
            ) -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}
