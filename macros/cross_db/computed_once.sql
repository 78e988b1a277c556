{#- What a subquery begins with whose columns are computed once, however often the query around it names them: Postgres would
    write their expressions out at every place. Filters still reach the tables, and columns that nobody asks for are still not
    computed (both end with materialized CTEs and with offset 0). DuckDB computes equal expressions once by itself.
    Example: from ({{ computed_once() }} select lower(email) as email from raw.customers) as customers -#}
{% macro computed_once() -%}{{ adapter.dispatch('computed_once', 'tessera')() }}{%- endmacro %}
{#- a subquery with a CTE is planned by itself, whether or not it reads it -#}
{% macro default__computed_once() -%}with nothing as (select 1){%- endmacro %}
{% macro duckdb__computed_once() -%}{%- endmacro %}
