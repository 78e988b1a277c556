{#- Makes the schema `<schema>_input`: one view per table of the raw contract, with every column of the contract in its
    declared type. This is the one place in the project that looks at what the shop has: a table or column that is
    absent becomes an empty or null stand-in, so that models, unit tests and docs never ask. Native types are taken as
    they are, and only what came as text is parsed (macros/input/input_values.sql).
    The contract itself is models/staging/_sources.yml. -#}
{% macro make_input() -%}
    {%- if execute and flags.WHICH in ('run', 'build', 'test', 'seed', 'compile', 'run-operation') -%}
        {%- set raw = graph.sources.values() | selectattr('package_name', 'equalto', 'tessera') | selectattr('source_name', 'equalto', 'raw') | list -%}
        {%- set landed = landed_tables(raw) -%}
        {%- do warn_of_unknown_columns(landed) -%}
        {%- if 'orders' not in landed and 'events' not in landed -%}
            {{- exceptions.raise_compiler_error(
                'The schema ' ~ raw[0].schema ~ ' has neither a table orders nor a table events. Land one of them (see the raw '
                ~ 'contract in models/staging/_sources.yml), or point the vars raw_database and raw_schema to where they are.'
            ) -}}
        {%- endif -%}
        {%- set input_schema = api.Relation.create(database=target.database, schema=target.schema ~ '_input') -%}
        {%- do adapter.create_schema(input_schema) -%}
        {%- set erasures = erasures_in_force() -%}
        {%- set tables = {} -%}
        {%- for source in raw -%}
            {%- do tables.update({source.name: {'source': source, 'landed': landed.get(source.name), 'columns': input_columns(source, landed.get(source.name))}}) -%}
        {%- endfor -%}
        {%- call statement('input_views', auto_begin=True) -%}
            {%- set orders = erased_orders(tables.orders, erasures) if erasures else none -%}
            {{ counting_views(tables, erasures, orders) }}
            {%- for name, table in tables.items() -%}
                {{ input_view(table, erasures, orders if name != 'orders' else none) }}
            {% endfor -%}
            {{ arrivals_view(tables, erasures) }}
            {{ unknown_columns_view(landed) }}
        {%- endcall -%}
        {%- do adapter.commit() -%}
    {%- endif -%}
{%- endmacro %}

{#- Below, a table is {source: a source node of the contract, landed: what is there of it, see landed_tables(), or none,
    columns: see input_columns()}; erasures: the tombstones, or none; orders: the query of orders of persons who were forgotten. -#}

{#- A relation of the input schema. -#}
{% macro input_relation(name) -%}
    {{- return(api.Relation.create(database=target.database, schema=target.schema ~ '_input', identifier=name, type='view')) -}}
{%- endmacro %}

{#- The statements that make `landed_rows` (how many rows of each table there are, and when the first of them arrived) and
    `erased_rows` (how many of them are suppressed, because they are of persons who were forgotten). Owners are counted before they
    are compared: a person's rows are many. -#}
{% macro counting_views(tables, erasures, orders) -%}
    {%- set counted = {'store_id': 'text', 'table_name': 'text', 'row_count': 'bigint'} -%}
    {%- set landed = dict(counted, first_arrived_at='timestamp') -%}
    {%- set landed_rows -%}
        {{ no_rows_of(landed) }}
        {%- for name, table in tables.items() if table.landed %}
            union all
            select coalesce(store_id, ''), '{{ name }}', count(*), min(arrived_at)
            from ({{ input_arrivals(table) }}) as arrived
            group by coalesce(store_id, '')
        {%- endfor -%}
    {%- endset -%}
    {%- set erased_rows -%}
        {{ no_rows_of(counted) }}
        {%- if erasures -%}
            {%- for name, table in tables.items() if table.landed %}
                {%- set columns = table.source.columns %}
                {%- set asks_order = name != 'orders' and 'order_id' in columns %}
                union all
                select {{ input_store(table) }}, '{{ name }}', cast(sum(typed.row_count) as bigint)
                from (
                    select typed.store_id, typed.owner, {{ 'typed.order_id,' if asks_order }} count(*) as row_count
                    from (
                        select
                            typed.store_id,
                            {%- if asks_order %}
                            {{ order_of_unnamed(columns) }} as order_id,
                            {%- endif %}
                            {{ owner_of_row(columns, 'typed.') }} as owner
                        from ({{ input_typed(table, naming_columns(table)) }}) as typed
                    ) as typed
                    group by typed.store_id, typed.owner{{ ', typed.order_id' if asks_order }}
                ) as typed
                where {{ is_erased_owner('typed.owner', erasures) }}{{ ' or ' ~ is_erased_order('typed.order_id', orders) if asks_order }}
                group by {{ input_store(table) }}
                {%- if names_people(columns) %}
                    {%- set of_nobody -%}
                        select typed.* from ({{ input_typed(table) }}) as typed where {{ owner_of_row(columns, 'typed.') }} is null
                    {%- endset %}
                    union all
                    select {{ input_store(table) }}, '{{ name }}', count(*)
                    from ({{ asked_of_erasures(of_nobody, columns, input_texts(table), erasures) }}) as typed
                    where typed.found is not null
                    group by {{ input_store(table) }}
                {%- endif %}
            {%- endfor -%}
        {%- endif -%}
    {%- endset -%}
    {{ late_bound_view(input_relation('landed_rows'), landed, landed_rows) }}
    {{ late_bound_view(input_relation('erased_rows'), counted, erased_rows) }}
{%- endmacro %}

{#- A query of no rows. columns: name -> type. -#}
{% macro no_rows_of(columns) -%}
    select
        {%- for name, type in columns.items() %} cast(null as {{ type }}) as {{ name }}{{ ',' if not loop.last }}{%- endfor %} where false
{%- endmacro %}

{#- The store that a row counts for: none where its id is none that can be counted with. -#}
{% macro input_store(table) -%}
    coalesce({{ input_value_in_range(table.columns | selectattr('name', 'equalto', 'store_id') | first) }}, '')
{%- endmacro %}

{#- The names of the columns of a table that say of whom a row is. -#}
{% macro naming_columns(table) -%}
    {{- return(['store_id'] + (identifier_kinds().keys() | select('in', table.source.columns) | list)) -}}
{%- endmacro %}

{#- The query of the orders all of whose rows are of persons who were forgotten: rows of theirs may name nobody. -#}
{% macro erased_orders(orders, erasures) -%}
    select typed.store_id, typed.order_id
    from ({{ input_typed(orders, naming_columns(orders)) }}) as typed
    group by typed.store_id, typed.order_id
    having bool_and({{ is_erased_owner(owner_of_row(orders.source.columns, 'typed.'), erasures) }})
{%- endmacro %}

{#- The statements that make one view. -#}
{% macro input_view(table, erasures, orders) -%}
    {%- set columns = {} -%}
    {%- for column in table.columns -%}{%- do columns.update({column.name: column.type}) -%}{%- endfor -%}
    {%- do columns.update({'broken_columns': 'text', 'raw_row': json_type(), 'arrived_at': 'timestamp', 'row_hash': 'text'}) -%}
    {{ late_bound_view(input_relation(table.source.name), columns, input_view_sql(table, erasures, orders)) }}
{%- endmacro %}

{#- The SQL of one input view: what input_typed() read, without the values that nobody can count with, which
    `broken_columns` names. -#}
{% macro input_view_sql(table, erasures, orders) -%}
    {%- set columns = table.columns -%}
    {#- Doubles and JSON are left out of the hash, because engines write them differently. -#}
    {%- set hashed = [] -%}
    {%- set times = [] -%}
    {%- for column in columns if column.name != 'loaded_at' and column.kind not in ('double', 'json') -%}
        {%- do hashed.append(column) -%}
        {%- if column.kind == 'timestamp' -%}{%- do times.append(column.name) -%}{%- endif -%}
    {%- endfor -%}
    {%- set rejection = refusal_of_landed(table, erasures) -%}
    {%- if rejection %}
    select
        {%- for column in columns %}
        told.{{ column.name }},
        {%- endfor %}
        told.broken_columns,
        case when ({{ rejection }}) is not null then {{ row_as_json('told.raw_row') }} end as raw_row,
        told.arrived_at,
        told.row_hash
    from (
    {{ computed_once() }}
    {%- endif %}
    select
        {%- for column in columns %}
        {{ column.name }},
        {%- endfor %}
        broken_columns,
        raw_row,
        {{ input_arrived_at(table) }} as arrived_at,
        {{ hash_of_columns(hashed | map(attribute='name') | list, times) }} as row_hash
    from (
        {{ computed_once() }}
        select
            {%- for column in columns %}
            {{ input_value_in_range(column) }} as {{ column.name }},
            {%- endfor %}
            {{ input_broken_columns(columns) }} as broken_columns,
            typed.raw_row
        from ({{ input_kept(table, erasures, orders) if erasures else input_typed(table, row_as_landed=rejection is not none) }}) as typed
    ) as checked
    {%- if rejection %}
    ) as told
    {%- endif %}
{%- endmacro %}

{#- Why a row of a table is refused, where the row alone says so; none where it does not. To write each row as JSON took longer than to read it,
    so it is done for these alone: until then it goes as it was landed. Not so where each row is asked for forgotten persons. -#}
{% macro refusal_of_landed(table, erasures) -%}
    {%- set refusals = {
        'order_items': order_item_rejection(), 'customers': customer_rejection(), 'support_tickets': support_ticket_rejection()
    } -%}
    {{- return(refusals.get(table.source.name) if table.landed and not erasures and input_row_can_wait(table.landed.columns) else none) -}}
{%- endmacro %}

{#- When a loader says that it committed a row: a stamp before all times is none. Of events two models ask in their own place, since
    filters on loaded_at have to reach the table. Example: {{ load_stamp('landed.loaded_at') }} as loaded_at -#}
{% macro load_stamp(loaded_at) -%}case when {{ loaded_at }} >= {{ input_earliest() }} then {{ loaded_at }} end{%- endmacro %}

{#- The names of the columns that say when a row arrived, the first that has a value counts, and the time that it says. -#}
{% macro input_arrival(table) -%}
    {%- set own_time = table.source.config.meta.get('own_time') or table.source.meta.get('own_time') -%}
    {{- return(['loaded_at'] + (['received_at'] if 'received_at' in table.source.columns else []) + ([own_time] if own_time else [])) -}}
{%- endmacro %}
{% macro input_arrived_at(table) -%}
    coalesce({{ load_stamp('loaded_at') }}, {{ (input_arrival(table)[1:] + ["cast('1900-01-01' as timestamp)"]) | join(', ') }})
{%- endmacro %}

{#- The statement that makes `arrivals`: when each row arrived, of which nothing else has to be read. -#}
{% macro arrivals_view(tables, erasures) -%}
    {%- set columns = {'store_id': 'text', 'table_name': 'text', 'arrived_at': 'timestamp'} -%}
    {%- set rows = [no_rows_of(columns)] -%}
    {%- for name, table in tables.items() if table.landed -%}
        {%- do rows.append(
            "select store_id, '" ~ name ~ "' as table_name, arrived_at from "
            ~ (input_relation(name) if erasures else '(' ~ input_arrivals(table) ~ ') as arrived')
        ) -%}
    {%- endfor -%}
    {{ late_bound_view(input_relation('arrivals'), columns, rows | join(' union all ')) }}
{%- endmacro %}

{#- The query of the store and the arrival of each landed row of one table. -#}
{% macro input_arrivals(table) -%}
    {%- set needed = ['store_id'] + input_arrival(table) %}
    select store_id, {{ input_arrived_at(table) }} as arrived_at
    from (
        select
            {%- for column in table.columns if column.name in needed %}
            {{ input_value_in_range(column) }} as {{ column.name }}{{ ',' if not loop.last }}
            {%- endfor %}
        from ({{ input_typed(table, needed) }}) as typed
    ) as checked
{%- endmacro %}

{#- What the rows of one table say: SQL expressions of its texts, and of what should be a number, a time or a yes and cannot
    be read. -#}
{% macro input_texts(table) -%}
    {%- set texts = [] -%}
    {%- for column in table.columns if column.is_parsed -%}
        {%- set text = 'typed.text_' ~ column.name -%}
        {%- if column.kind in ('text', 'id', 'email', 'phone', 'json') -%}
            {%- do texts.append(text) -%}
        {%- else -%}
            {%- do texts.append('case when typed.' ~ column.name ~ ' is null then ' ~ text ~ ' end') -%}
        {%- endif -%}
    {%- endfor -%}
    {%- for name in (table.landed.unknown if table.landed else []) -%}{%- do texts.append('(typed.raw_row ->> ' ~ sql_text(name) ~ ')') -%}{%- endfor -%}
    {{- return(texts) -}}
{%- endmacro %}

{#- The rows of one table that are not of persons who were forgotten, without what they hold of such persons. A row as it was
    landed is kept whole or not at all; a value that is left out is none that could not be read. -#}
{% macro input_kept(table, erasures, orders) -%}
        select
            {%- for column in table.columns %}
            {{ without_erased(column.name, 'key' if column.is_required else column.kind) }} as {{ column.name }},
            {%- if column.is_parsed %}
            case when typed.{{ column.name }} is null then typed.text_{{ column.name }} end as text_{{ column.name }},
            {%- endif %}
            {%- endfor %}
            case when typed.found is null then typed.raw_row end as raw_row
        from ({{ asked_of_erasures(input_typed(table), table.source.columns, input_texts(table), erasures) }}) as typed
        where {{ has_erasure_key() }} and not ({{ is_erased(table, orders) }})
{%- endmacro %}

{#- Whether a row that was asked is of somebody who was forgotten: its owner was; or it names no customer and its order is of such a
    person; or it should name somebody, names nobody and mentions such a person. -#}
{% macro is_erased(table, orders) -%}
    {%- set columns = table.source.columns -%}
    (typed.found is not null and coalesce({{ list_holds('typed.found', 'typed.owner') }}, {{ names_people(columns) | lower }}))
    {%- if orders is not none and 'order_id' in columns %}
    or {{ is_erased_order(order_of_unnamed(columns), orders) }}
    {%- endif %}
{%- endmacro %}

{#- The query that reads one table into the contract's types; text_<column> is the text of a value that was parsed.
    only: the names of the columns that are asked for; none for all of them and raw_row; row_as_landed: whether that is the landed row itself,
    not JSON. -#}
{% macro input_typed(table, only=none, row_as_landed=false) -%}
    {%- set columns = table.columns | selectattr('name', 'in', only) | list if only else table.columns -%}
        {{ computed_once() }}
        select
            {%- for column in columns %}
            {{ input_value(column) }} as {{ column.name }},
            {%- if column.is_parsed %}
            {{ 'coalesce(given.' ~ column.name ~ ', given.whole_' ~ column.name ~ ')' if column.may_have_no_text else 'given.' ~ column.name }} as text_{{ column.name }},
            {%- endif %}
            {%- endfor %}
            given.raw_row
        from (
            {{ computed_once() }}
            select
                {%- for column in columns if column.given %}
                {{ input_given(column) }} as {{ column.name }},
                {%- if column.may_have_no_text %}
                nullif(nullif(cast(landed.{{ adapter.quote(column.given) }} as text), 'null'), '[]') as whole_{{ column.name }},
                {%- endif %}
                {%- endfor %}
                {% if row_as_landed %}landed
                {%- elif table.landed and not only %}{{ input_raw_row(table.landed.columns) }}
                {%- else %}cast(null as {{ json_type() }})
                {%- endif %} as raw_row
            {%- if table.landed %}
            from {{ api.Relation.create(database=table.source.database, schema=table.source.schema, identifier=table.landed.identifier) }} as landed
            {%- else %}
            where false
            {%- endif %}
        ) as given
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
