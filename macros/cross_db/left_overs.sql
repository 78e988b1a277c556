{#- The statements that drop what nobody else does: dbt-duckdb fills an incremental Python model from a table in the schema main, a
    new one each night, and lets it be. Empty where nothing is left over; other engines leave nothing. Run when a command
    begins (the one before may have been killed) and ends, and when somebody is forgotten, who would stand there. -#}
{% macro drop_left_overs() -%}{{- return(adapter.dispatch('drop_left_overs', 'tessera')()) -}}{%- endmacro %}
{% macro default__drop_left_overs() -%}{{- return('') -}}{%- endmacro %}
{% macro duckdb__drop_left_overs() -%}
    {%- set statements = [] -%}
    {%- if execute -%}
        {%- set models = graph.nodes.values() | selectattr('resource_type', 'eq', 'model') | map(attribute='alias') | list -%}
        {%- set left = "select table_name from duckdb_tables() where database_name = current_database() and schema_name = 'main' "
            ~ "and contains(table_name, '__dbt_tmp')" -%}
        {%- for row in run_query(left).rows if row[0].split('__dbt_tmp')[0] in models -%}
            {%- do statements.append('drop table if exists main.' ~ adapter.quote(row[0]) ~ ';') -%}
        {%- endfor -%}
    {%- endif -%}
    {{- return(statements | join(' ')) -}}
{%- endmacro %}
