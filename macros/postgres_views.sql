{#- Postgres only: a view is replaced where it stands. dbt's own materialization builds the new view beside the old one
    and drops the old one with everything that depends on it, so that a BI tool would lose its views for a moment every
    night. A view whose columns changed cannot be replaced; it is dropped and made again. -#}
{% materialization view, adapter='postgres' %}
    {%- set target_relation = this.incorporate(type='view') -%}
    {%- set existing = load_cached_relation(this) -%}
    {%- set grant_config = config.get('grants') -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {%- if existing is not none and (existing.type != 'view' or not same_columns(existing, sql)) -%}
        {%- do adapter.drop_relation(existing) -%}
    {%- endif -%}

    {% call statement('main') -%}
        create or replace view {{ target_relation }}
        {%- set contract_config = config.get('contract') %}
        {%- if contract_config.enforced %}
            {{ get_assert_columns_equivalent(sql) }}
        {%- endif %}
        as (
            {{ sql }}
        );
    {%- endcall %}

    {% do apply_grants(target_relation, grant_config, should_revoke=existing is not none) %}
    {% do persist_docs(target_relation, model) %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{#- Whether a query has the columns of a relation: names and types, in order. -#}
{% macro same_columns(relation, sql) -%}
    {%- set types_there = [] -%}
    {%- for column in adapter.get_column_schema_from_query('select * from ' ~ relation ~ ' limit 0') -%}
        {%- do types_there.append(column.name ~ ' ' ~ column.data_type) -%}
    {%- endfor -%}
    {%- set types_here = [] -%}
    {%- for column in adapter.get_column_schema_from_query(get_empty_subquery_sql(sql)) -%}
        {%- do types_here.append(column.name ~ ' ' ~ column.data_type) -%}
    {%- endfor -%}
    {{- return(types_there == types_here) -}}
{%- endmacro %}
