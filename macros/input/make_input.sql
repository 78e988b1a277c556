{#- Makes the schema `<schema>_input`: one view per table of the raw contract, with every column of the contract in its
    declared type. This is the one place in the project that looks at what the shop has: a table or column that is
    absent becomes an empty or null stand-in, so that models, unit tests and docs never ask. Native types are taken as
    they are, and only what came as text is parsed.
    The contract itself is models/staging/_sources.yml. -#}
{% macro make_input() -%}
    {%- if execute and flags.WHICH in ('run', 'build', 'test', 'seed', 'compile') -%}
        {%- set raw = graph.sources.values() | selectattr('package_name', 'equalto', 'tessera') | selectattr('source_name', 'equalto', 'raw') | list -%}
        {%- set landed = landed_columns(raw[0]) -%}
        {%- if 'orders' not in landed and 'events' not in landed -%}
            {{- exceptions.raise_compiler_error(
                'The schema ' ~ raw[0].schema ~ ' has neither a table orders nor a table events. Land one of them (see the raw '
                ~ 'contract in models/staging/_sources.yml), or point the vars raw_database and raw_schema to where they are.'
            ) -}}
        {%- endif -%}
        {%- set input_schema = api.Relation.create(database=target.database, schema=target.schema ~ '_input') -%}
        {%- do adapter.create_schema(input_schema) -%}
        {%- set erasures = erasures_in_force() -%}
        {%- call statement('input_views', auto_begin=True) -%}
            {{ erased_views(raw, landed, erasures) }}
            {%- for source in raw -%}
                {{ input_view(source, landed.get(source.name, {}), erasures) }}
            {% endfor -%}
        {%- endcall -%}
        {%- do adapter.commit() -%}
    {%- endif -%}
{%- endmacro %}

{#- What the shop has, of the tables in var('raw_tables'): {table: {column: type}}, names in lower case. -#}
{% macro landed_columns(source) -%}
    {%- set listed = var('raw_tables') | list -%}
    {%- set columns = {} -%}
    {%- for row in run_query(
        "select table_name, column_name, lower(data_type) as data_type from information_schema.columns where table_schema = '"
        ~ source.schema ~ "' and table_catalog = '" ~ source.database ~ "'"
    ).rows -%}
        {%- if row[0] in listed -%}
            {%- do columns.setdefault(row[0], {}).update({row[1]: row[2]}) -%}
        {%- endif -%}
    {%- endfor -%}
    {{- return(columns) -}}
{%- endmacro %}

{#- A relation of the input schema. -#}
{% macro input_relation(name) -%}
    {{- return(api.Relation.create(database=target.database, schema=target.schema ~ '_input', identifier=name, type='view')) -}}
{%- endmacro %}

{#- The statements that make `erased_orders` (orders of persons who were forgotten; rows of theirs may name nobody) and
    `erased_rows` (how many rows of each table are suppressed for it). -#}
{% macro erased_views(raw, landed, erasures) -%}
    {%- set orders = raw | selectattr('name', 'equalto', 'orders') | first -%}
    {%- set erased_orders -%}
        select cast(typed.store_id as text) as store_id, cast(typed.order_id as text) as order_id
        from ({{ input_typed(orders, landed.get('orders', {})) }}) as typed
        where {{ is_erased(orders.columns, erasures) if erasures else 'false' }}
    {%- endset -%}
    {%- set erased_rows -%}
        select cast('' as text) as store_id, cast('' as text) as table_name, cast(0 as bigint) as row_count where false
        {%- if erasures -%}
            {%- for source in raw if source.name in landed %}
                union all
                select coalesce(typed.store_id, ''), '{{ source.name }}', count(*)
                from ({{ input_typed(source, landed[source.name]) }}) as typed
                where {{ is_erased(source.columns, erasures, input_relation('erased_orders')) }}
                group by coalesce(typed.store_id, '')
            {%- endfor -%}
        {%- endif -%}
    {%- endset -%}
    {{ late_bound_view(input_relation('erased_orders'), {'store_id': 'text', 'order_id': 'text'}, erased_orders) }}
    {{ late_bound_view(input_relation('erased_rows'), {'store_id': 'text', 'table_name': 'text', 'row_count': 'bigint'}, erased_rows) }}
{%- endmacro %}

{#- The statements that make one view. source: a source node of the contract; landed: {column: type} of what is there;
    erasures: the tombstones, or none. -#}
{% macro input_view(source, landed, erasures) -%}
    {%- set columns = {} -%}
    {%- for column in source.columns.values() -%}{%- do columns.update({column.name: input_type(column)}) -%}{%- endfor -%}
    {%- do columns.update({'broken_columns': 'text', 'raw_row': json_type(), 'arrived_at': 'timestamp', 'row_hash': 'text'}) -%}
    {{ late_bound_view(input_relation(source.name), columns, input_view_sql(source, landed, erasures)) }}
{%- endmacro %}

{#- The SQL of one input view. -#}
{% macro input_view_sql(source, landed, erasures=none) -%}
    {%- set own_time = source.config.meta.get('own_time') or source.meta.get('own_time') -%}
    {%- set arrival = ['loaded_at'] + (['received_at'] if 'received_at' in source.columns else []) + ([own_time] if own_time else []) -%}
    {#- Doubles and JSON are left out of the hash, because engines write them differently. -#}
    {%- set hashed = [] -%}
    {%- set times = [] -%}
    {%- for column in source.columns.values() if column.name != 'loaded_at' and input_kind(column) not in ('double', 'json') -%}
        {%- do hashed.append(column) -%}
        {%- if input_kind(column) == 'timestamp' -%}{%- do times.append(column.name) -%}{%- endif -%}
    {%- endfor -%}
    select
        {%- for column in source.columns.values() %}
        typed.{{ column.name }},
        {%- endfor %}
        {{ input_broken_columns(source.columns.values(), landed) }} as broken_columns,
        typed.raw_row,
        coalesce({{ arrival | join(', ') }}, cast('1900-01-01' as timestamp)) as arrived_at,
        {{ hash_of_columns(hashed | map(attribute='name') | list, times) }} as row_hash
    from ({{ input_typed(source, landed) }}) as typed
    {%- if erasures %}
    where not {{ is_erased(source.columns, erasures, input_relation('erased_orders') if source.name != 'orders' else none) }}
    {%- endif %}
{%- endmacro %}

{#- The query that reads one table into the contract's types. -#}
{% macro input_typed(source, landed) -%}
        select
            {%- for column in source.columns.values() %}
            {{ input_value(column, landed.get(column.name)) }} as {{ column.name }},
            {%- if input_needs_check(column, landed.get(column.name)) %}
            cast(landed.{{ column.name }} as text) as landed_{{ column.name }},
            {%- endif %}
            {%- endfor %}
            {{ row_as_json('landed') if landed else 'cast(null as ' ~ json_type() ~ ')' }} as raw_row
        {%- if landed %}
        from {{ api.Relation.create(database=source.database, schema=source.schema, identifier=source.identifier) }} as landed
        {%- else %}
        where false
        {%- endif %}
{%- endmacro %}

{#- One column of the contract, read from what was landed. landed_type: the type it has there, none where absent. -#}
{% macro input_value(column, landed_type) -%}
    {%- set kind = input_kind(column) -%}
    {%- set type = input_type(column) -%}
    {%- set value = 'landed.' ~ column.name -%}
    {%- if landed_type is none -%}
        cast(null as {{ type }})
    {%- elif input_is_native(kind, landed_type) -%}
        {{ input_native_value(kind, landed_type, value, type) }}
    {%- else -%}
        {{ input_parsed_value(kind, 'cast(' ~ value ~ ' as text)', type) }}
    {%- endif -%}
{%- endmacro %}

{% macro input_kind(column) -%}
    {{- return(column.config.meta.kind if column.config and column.config.meta else column.meta.kind) -}}
{%- endmacro %}

{#- The type of a column of the contract in the target's words. -#}
{% macro input_type(column) -%}
    {{- return(json_type() if input_kind(column) == 'json' else column.data_type) -}}
{%- endmacro %}

{#- Whether a value of this type needs no parsing, only a cast that cannot fail. -#}
{% macro input_is_native(kind, landed_type) -%}
    {%- set type = landed_type.split('(')[0].strip() -%}
    {{- return(
        (kind == 'timestamp' and (type.startswith('timestamp') or type == 'date'))
        or (kind == 'boolean' and type in ('boolean', 'bool'))
        or (kind == 'integer' and type in ('integer', 'bigint', 'smallint', 'tinyint'))
        or (kind in ('number', 'rate') and type in ('integer', 'smallint', 'tinyint'))
        or (kind in ('number', 'rate') and landed_type.replace(' ', '') in ('decimal(18,2)', 'decimal(10,2)', 'decimal(12,2)'))
        or (kind == 'double' and type in ('double', 'double precision', 'real', 'float'))
        or (kind == 'json' and (type in ('json', 'jsonb') or landed_type.startswith(('struct', 'map'))))
    ) -}}
{%- endmacro %}

{% macro input_native_value(kind, landed_type, value, type) -%}
    {%- if kind == 'timestamp' and ('with time zone' in landed_type or landed_type == 'timestamptz') -%}
        timezone('UTC', {{ value }})
    {%- elif kind == 'json' and landed_type.startswith(('struct', 'map')) -%}
        {{ row_as_json(value) }}
    {%- else -%}
        cast({{ value }} as {{ type }})
    {%- endif -%}
{%- endmacro %}

{#- One value of text, read by the grammar of its kind. -#}
{% macro input_parsed_value(kind, text, type) -%}
    {%- if kind == 'text' -%}nullif({{ text }}, '')
    {%- elif kind == 'id' -%}{{ clean_text(text) }}
    {%- elif kind == 'email' -%}lower({{ clean_text(text) }})
    {%- elif kind == 'currency' -%}upper({{ clean_text(text) }})
    {%- elif kind == 'phone' -%}'+' || nullif({{ replace_all(replace_all(text, '^ *00', ''), '[^0-9]', '') }}, '')
    {%- elif kind in ('number', 'rate') -%}{{ try_number(text, type) }}
    {%- elif kind == 'double' -%}cast({{ try_number(text, 'numeric(24, 9)') }} as double precision)
    {%- elif kind == 'integer' -%}{{ try_integer(text) }}
    {%- elif kind == 'timestamp' -%}{{ try_timestamp(text) }}
    {%- elif kind == 'boolean' -%}{{ try_boolean(text) }}
    {%- elif kind == 'json' -%}{{ try_json(text) }}
    {%- endif -%}
{%- endmacro %}

{#- Whether a value of a column may fail to cast: it has a type, and was landed in another. -#}
{% macro input_needs_check(column, landed_type) -%}
    {%- set kind = input_kind(column) -%}
    {{- return(
        landed_type is not none
        and kind not in ('text', 'id', 'email', 'phone', 'currency')
        and not input_is_native(kind, landed_type)
    ) -}}
{%- endmacro %}

{#- The names of the columns whose text did not cast, as ',a,b,'; null where all did. -#}
{% macro input_broken_columns(columns, landed) -%}
    {%- set checks = [] -%}
    {%- for column in columns if input_needs_check(column, landed.get(column.name)) -%}
        {%- do checks.append(
            'case when typed.' ~ column.name ~ ' is null and ' ~ clean_text('typed.landed_' ~ column.name)
            ~ " is not null then '" ~ column.name ~ ",' else '' end"
        ) -%}
    {%- endfor -%}
    {%- if checks -%}
        ',' || nullif({{ checks | join(' || ') }}, '')
    {%- else -%}
        cast(null as text)
    {%- endif -%}
{%- endmacro %}

{#- A hash of what a row says, the same on every engine: it breaks ties between versions that arrived together.
    columns: names of columns of text, numbers and times; times: those of them that are times.
    Example: {{ hash_of_columns(['order_id', 'ordered_at'], ['ordered_at']) }} -#}
{% macro hash_of_columns(columns, times) -%}
    {%- set parts = [] -%}
    {%- for column in columns -%}
        {%- do parts.append('cast(' ~ (epoch_us(column) if column in times else column) ~ ' as text)') -%}
    {%- endfor -%}
    md5({{ composed_key(parts) }})
{%- endmacro %}
