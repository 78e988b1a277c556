{#- Who may read the marts: the roles of the var `readers`. Postgres alone has roles; DuckDB has files. What is granted besides
    stays, and nothing is revoked: a role that leaves the var is the administrator's to deal with. -#}
{% macro reader_roles() -%}
    {%- set readers = var('readers') -%}
    {{- return([readers] if readers is string else readers | list) -}}
{%- endmacro %}

{#- Lets them into the schema of the marts when a run starts; a role that does not exist stops the run. -#}
{% macro let_readers_in() -%}
    {%- if execute and flags.WHICH in ('run', 'build') and reader_roles() -%}
        {{ adapter.dispatch('let_readers_in', 'tessera')() }}
    {%- endif -%}
{%- endmacro %}
{% macro default__let_readers_in() -%}
    {%- set known = run_query('select rolname from pg_roles').columns[0].values() | list -%}
    {%- set unknown = reader_roles() | reject('in', known) | list -%}
    {%- if unknown -%}
        {{- exceptions.raise_compiler_error(
            'The var readers names roles that the database does not have: ' ~ unknown | join(', ') ~ '. Create them, or take them out.'
        ) -}}
    {%- endif -%}
    {%- set closed = run_query(
        'select quote_ident(rolname) from pg_roles where rolname in ' ~ sql_list(reader_roles())
        ~ ' and not has_schema_privilege(oid, ' ~ sql_text(target.schema) ~ ", 'usage')"
    ).columns[0].values() | list -%}
    {%- if closed -%}grant usage on schema {{ adapter.quote(target.schema) }} to {{ closed | join(', ') }}{%- endif -%}
{%- endmacro %}
{% macro duckdb__let_readers_in() -%}{%- endmacro %}

{#- Lets them select from a mart that was just made: a post_hook of every mart. Asks first, because a grant that changes
    nothing writes to the catalog all the same. -#}
{% macro grant_to_readers() -%}
    {%- if execute and reader_roles() -%}{{ adapter.dispatch('grant_to_readers', 'tessera')() }}{%- endif -%}
{%- endmacro %}
{% macro default__grant_to_readers() -%}
    {%- set without = run_query(
        'select quote_ident(rolname) from pg_roles where rolname in ' ~ sql_list(reader_roles())
        ~ ' and not has_table_privilege(oid, ' ~ sql_text(this) ~ ", 'select')"
    ).columns[0].values() | list -%}
    {%- if without -%}grant select on {{ this }} to {{ without | join(', ') }}{%- endif -%}
{%- endmacro %}
{% macro duckdb__grant_to_readers() -%}{%- endmacro %}
