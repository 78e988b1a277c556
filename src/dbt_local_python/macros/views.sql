{#- Postgres only: a view that says the same as yesterday is left alone, and another is replaced where it stands. dbt's own
    materialization builds the new view beside the old one and drops the old one with everything that depends on it, so
    that a BI tool would lose its views for a moment every night; and even to replace a view Postgres waits for its
    readers, and lets nobody read until then. A view whose columns changed cannot be replaced: it is dropped and made again,
    with what was granted on it, and so are the views on it. -#}
{% materialization view, adapter='postgres' %}
    {%- set target_relation = this.incorporate(type='view') -%}
    {%- set existing = load_cached_relation(this) -%}
    {%- set grant_config = config.get('grants') -%}
    {%- set dependents, grants = [], [] -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {%- if config.get('contract').enforced -%}{%- do get_assert_columns_equivalent(sql) -%}{%- endif -%}
    {%- set change = view_change(existing, sql) -%}
    {%- if change == 'columns' -%}
        {%- do dependents.extend(local_python_set_aside(existing)) -%}
        {%- do grants.extend(local_python_grants(existing, target_relation)) -%}
        {%- do adapter.drop_relation(existing) -%}
    {%- endif -%}

    {%- if change == 'none' -%}
        {% call noop_statement('main', 'UNCHANGED VIEW', 'UNCHANGED VIEW') %}{% endcall %}
    {%- else -%}
        {% call statement('main') -%}
            create or replace view {{ target_relation }} as (
                {{ sql }}
            );
            {{ grants | join(';') }}
        {%- endcall %}
    {%- endif -%}
    {%- do local_python_put_back(dependents) -%}

    {% do apply_grants(target_relation, grant_config, should_revoke=existing is not none) %}
    {% do persist_docs(target_relation, model) %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{#- What changes where a query becomes the view of a name: 'none', 'query', 'columns' (or there is something else of that
    name), or 'all' where there is nothing. A view of the session shows how Postgres reads the query. -#}
{% macro view_change(existing, sql) -%}
    {%- if existing is none -%}{{- return('all') -}}{%- endif -%}
    {%- if existing.type != 'view' -%}{{- return('columns') -}}{%- endif -%}
    {%- set fresh = adapter.quote(this.identifier[:50] ~ '__dbt_tmp') -%}
    {%- set columns -%}
        select string_agg(format('%I %s %s', attname, format_type(atttypid, atttypmod), attcollation), ', ' order by attnum)
        from pg_attribute where attnum > 0 and attrelid =
    {%- endset -%}
    {%- call statement('fresh_view') -%}create temporary view {{ fresh }} as ({{ sql }}){%- endcall -%}
    {%- set change = run_query("
        select case
            when (" ~ columns ~ " definitions.existing) <> (" ~ columns ~ " definitions.fresh) then 'columns'
            when pg_get_viewdef(definitions.existing) <> pg_get_viewdef(definitions.fresh) then 'query'
            else 'none'
        end
        from (select '" ~ existing ~ "'::regclass as existing, 'pg_temp." ~ fresh ~ "'::regclass as fresh) as definitions
    ").rows[0][0] -%}
    {%- call statement('drop_fresh_view') -%}drop view pg_temp.{{ fresh }}{%- endcall -%}
    {{- return(change) -}}
{%- endmacro %}
