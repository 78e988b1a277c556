{#- What Postgres is told before a table is made whole: to join by hashing or sorting. How many rows a step of a query gives is a
    guess, and where it guesses few it compares every row with every other, which takes the square of a shop's size.
    A night of an incremental table joins few rows with many through an index, and stays free. A pre_hook of every model. -#}
{% macro expect_large_joins() -%}
    {%- if execute and model.config.materialized == 'table' -%}{{ adapter.dispatch('expect_large_joins', 'tessera')() }}{%- endif -%}
{%- endmacro %}
{% macro default__expect_large_joins() -%}set local enable_nestloop = off{%- endmacro %}
{% macro duckdb__expect_large_joins() -%}{%- endmacro %}
