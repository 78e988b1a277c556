{#- DuckDB only: what a view reads is named by schema and table. A catalog is called as its file is, and a view that names it can
    no longer be read once the file is copied or renamed. (DuckDB 2.0 leaves the catalog out by itself.) The rest is dbt's. -#}
{% macro create_view_as(relation, sql) -%}
    {{ dbt.create_view_as(relation, adapter.dispatch('sql_of_view', 'tessera')(sql)) }}
{%- endmacro %}
{% macro default__sql_of_view(sql) -%}{{- return(sql) -}}{%- endmacro %}
{% macro duckdb__sql_of_view(sql) -%}{{- return(without_catalog(sql)) -}}{%- endmacro %}

{#- SQL that names no table of the target's database with its catalog. Where a schema is called like the catalog, DuckDB needs
    both. Example: {{ without_catalog('select * from "shop"."raw"."orders"') }} -> select * from "raw"."orders" -#}
{% macro without_catalog(sql) -%}
    {%- set catalog = modules.re.escape(adapter.quote(target.database) ~ '.') -%}
    {{- return(modules.re.sub(catalog ~ '(?!(?i:' ~ catalog ~ '))("[^"]+"[.]")', '\\1', sql)) -}}
{%- endmacro %}
