{#- The statements that make a view which holds fast nothing that it reads: the tables under it can be dropped, replaced and
    altered while it is there. Every view of DuckDB is like that. On Postgres the query is the text of a function, which the
    planner puts in the function's place, so that filters reach the tables and columns that nobody asks for are not computed.
    The text names no database, so that it holds in one that was renamed or copied.
    Readers need the right to read the tables. view: a relation; columns: {name: type}, all that the query has, in its order.
    Example: {{ late_bound_view(input_relation('orders'), {'order_id': 'text'}, 'select order_id from raw.orders') }} -#}
{% macro late_bound_view(view, columns, sql) -%}
    {{ adapter.dispatch('late_bound_view', 'tessera')(view, columns, sql) }}
{%- endmacro %}
{% macro default__late_bound_view(view, columns, sql) -%}
    {%- set function = view.incorporate(path={'identifier': 'read_' ~ view.identifier}).include(database=false) ~ '()' -%}
    {%- set returned, selected = [], [] -%}
    {%- for name, type in columns.items() -%}
        {%- do returned.append(name ~ ' ' ~ type) -%}
        {#- What a function returns has no precision; where the query has the same, the planner takes the cast off again. -#}
        {%- do selected.append('cast(' ~ name ~ ' as ' ~ type ~ ') as ' ~ name) -%}
    {%- endfor -%}
    {#- Postgres replaces views and functions only by those with the same columns; the comment says which these are. -#}
    {%- set signature = 'Made by every run. Columns: ' ~ returned | join(', ') -%}
    {%- if run_query("select obj_description(to_regclass('" ~ view ~ "'), 'pg_class')").rows[0][0] != signature -%}
        drop view if exists {{ view }} cascade;
        drop function if exists {{ function }} cascade;
    {%- endif %}
    create or replace function {{ function }} returns table ({{ returned | join(', ') }}) language sql stable parallel safe as $query$
        {{ sql | replace(adapter.quote(view.database) ~ '.', '') }}
    $query$;
    create or replace view {{ view }} as select {{ selected | join(', ') }} from {{ function }};
    comment on view {{ view }} is {{ sql_text(signature) }};
{%- endmacro %}
{#- To make a view takes DuckDB as long as to plan what it reads, so one that is there already stays. -#}
{% macro duckdb__late_bound_view(view, columns, sql) -%}
    {%- set text = without_catalog(sql) -%}
    {%- set signature = 'Made by every run. Query: ' ~ local_md5(text) -%}
    {%- set found = run_query(
        'select comment from duckdb_views() where database_name = ' ~ sql_text(view.database) ~ ' and schema_name = '
        ~ sql_text(view.schema) ~ ' and view_name = ' ~ sql_text(view.identifier)
    ).rows -%}
    {%- if not found or found[0][0] != signature -%}
    create or replace view {{ view }} as {{ text }};
    comment on view {{ view }} is {{ sql_text(signature) }};
    {%- endif -%}
{%- endmacro %}
