{#- What a subquery begins with whose columns are computed once, however often the query around it names them: Postgres would
    write their expressions out at every place. Filters still reach the tables, and columns that nobody asks for are still not
    computed (both end with materialized CTEs and with offset 0). DuckDB computes equal expressions once by itself.
    Example: from ({{ computed_once() }} select lower(email) as email from raw.customers) as customers -#}
{% macro computed_once() -%}{{ adapter.dispatch('computed_once', 'tessera')() }}{%- endmacro %}
{#- a subquery with a CTE is planned by itself, whether or not it reads it -#}
{% macro default__computed_once() -%}with nothing as (select 1){%- endmacro %}
{% macro duckdb__computed_once() -%}{%- endmacro %}

{#- How a CTE is kept that several others read and whose rows are wide: Postgres computes it once. DuckDB computes it for each of
    them, because it would hold all rows in memory. Example: with arriving as {{ read_often() }} (select * from raw.events) -#}
{% macro read_often() -%}{{ adapter.dispatch('read_often', 'tessera')() }}{%- endmacro %}
{% macro default__read_often() -%}materialized{%- endmacro %}
{% macro duckdb__read_often() -%}not materialized{%- endmacro %}
