{#- How dbt loads seeds, the same on both engines: these replace macros of dbt's own of the same names. dbt-duckdb would let
    DuckDB guess how a file is quoted, and take columns by their place. -#}

{#- The table, with its columns in the order of column_types, whatever the file's: models unite seeds column by column. One that
    may be absent from the file (meta.may_be_absent) is there and null. -#}
{% macro create_csv_table(model, agate_table) -%}
    {%- set types = model.config.column_types -%}
    {%- set columns = [] -%}
    {%- for name in types -%}
        {%- do columns.append(adapter.quote(name) ~ ' ' ~ types[name]) -%}
    {%- endfor -%}
    {%- for name in agate_table.column_names if name not in types -%}
        {%- do columns.append(adapter.quote(name) ~ ' ' ~ adapter.convert_type(agate_table, loop.index0)) -%}
    {%- endfor -%}
    {%- set sql = 'create table ' ~ this ~ ' (' ~ columns | join(', ') ~ ')' -%}
    {%- call statement('create_seed') -%}{{ sql }}{%- endcall -%}
    {{- return(sql) -}}
{%- endmacro %}

{#- The table without rows; made anew where the file has got other columns, which only --full-refresh would do. Not
    truncated: for that Postgres waits for all readers, and keeps others out until the rows are there. -#}
{% macro reset_csv_table(model, full_refresh, old_relation, agate_table) -%}
    {%- set existing = adapter.get_columns_in_relation(old_relation) | map(attribute='name') | sort -%}
    {%- set wanted = (model.config.column_types.keys() | list + agate_table.column_names | list) | unique | sort -%}
    {%- if full_refresh or existing != wanted -%}
        {{- return(adapter.dispatch('remade_seed', 'tessera')(model, old_relation, agate_table)) -}}
    {%- endif -%}
    {%- set emptied = 'delete from ' ~ old_relation -%}
    {%- call statement('empty_seed') -%}{{ emptied }}{%- endcall -%}
    {{- return(emptied) -}}
{%- endmacro %}

{#- The table dropped and made again. On Postgres the views that read it would be dropped with it. -#}
{% macro default__remade_seed(model, old_relation, agate_table) -%}
    {%- set dependents = local_python_set_aside(old_relation) -%}
    {%- set grants = local_python_grants(old_relation, this) -%}
    {%- do adapter.drop_relation(old_relation) -%}
    {%- set made = create_csv_table(model, agate_table) -%}
    {%- if grants -%}{%- call statement('grants') -%}{{ grants | join('; ') }}{%- endcall -%}{%- endif -%}
    {%- do local_python_put_back(dependents) -%}
    {{- return(made) -}}
{%- endmacro %}
{% macro duckdb__remade_seed(model, old_relation, agate_table) -%}
    {%- do adapter.drop_relation(old_relation) -%}
    {{- return(create_csv_table(model, agate_table)) -}}
{%- endmacro %}

{#- Its rows, by the names of the columns. An empty line of the file is no row. -#}
{% macro load_csv_rows(model, agate_table) -%}
    {%- set columns = [] -%}
    {%- for name in agate_table.column_names -%}{%- do columns.append(adapter.quote(name)) -%}{%- endfor -%}
    {%- set rows = [] -%}
    {%- for row in agate_table.rows if row.values() | reject('none') | list -%}{%- do rows.append(row.values()) -%}{%- endfor -%}
    {%- set place = '(' ~ ([get_binding_char()] * columns | length) | join(', ') ~ ')' -%}
    {%- set statements = [] -%}
    {%- for chunk in rows | batch(1000) -%}
        {%- set bindings = [] -%}
        {%- for values in chunk -%}{%- do bindings.extend(values) -%}{%- endfor -%}
        {%- set sql = 'insert into ' ~ this ~ ' (' ~ columns | join(', ') ~ ') values ' ~ ([place] * chunk | length) | join(', ') -%}
        {%- do adapter.add_query(sql, bindings=bindings, abridge_sql_log=True) -%}
        {%- do statements.append(sql) -%}
    {%- endfor -%}
    {{- return(statements | first) -}}
{%- endmacro %}
