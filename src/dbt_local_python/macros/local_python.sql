{#- dbt's materializations `table` and `incremental` for Postgres, with two differences. A table that is there already stays
    there, and gets its new rows in place (in_place.sql). And Python models stand beside SQL ones: such a model is run by the
    package dbt_local_python, which writes over a connection of its own, always into the intermediate relation, never into
    the model's table or a temporary one, which no other connection can see. -#}
{% materialization table, adapter='postgres', supported_languages=['sql', 'python'] %}

  {%- set language = model['language'] -%}
  {%- set existing_relation = load_cached_relation(this) -%}
  {%- set target_relation = this.incorporate(type='table') %}
  {%- set intermediate_relation = make_intermediate_relation(target_relation) -%}
  {%- set preexisting_intermediate_relation = load_cached_relation(intermediate_relation) -%}
  {% set grant_config = config.get('grants') %}

  {{ drop_relation_if_exists(preexisting_intermediate_relation) }}

  {{ run_hooks(pre_hooks, inside_transaction=False) }}
  {% if language == 'python' and (preexisting_intermediate_relation is not none or pre_hooks | rejectattr('transaction') | list) %}
    {% do local_python_new_transaction() %}
  {% endif %}
  {{ run_hooks(pre_hooks, inside_transaction=True) }}

  {% call statement('main', language=language) -%}
    {%- if language == 'python' -%}
      {{ local_python_code(intermediate_relation, compiled_code, existing_relation is not none or config.get('unlogged', default=false)) }}
    {%- elif existing_relation is not none -%}
      {{ local_python_create_table(intermediate_relation, sql) }}
    {%- else -%}
      {{ get_create_table_as_sql(False, intermediate_relation, sql) }}
    {%- endif -%}
  {%- endcall %}

  {% do local_python_put(existing_relation, intermediate_relation, target_relation) %}

  {{ run_hooks(post_hooks, inside_transaction=True) }}

  {% set should_revoke = should_revoke(existing_relation, full_refresh_mode=false) %}
  {% do apply_grants(target_relation, grant_config, should_revoke=should_revoke) %}
  {% do persist_docs(target_relation, model) %}

  {{ adapter.commit() }}

  {{ run_hooks(post_hooks, inside_transaction=False) }}

  {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}


{% materialization incremental, adapter='postgres', supported_languages=['sql', 'python'] -%}

  {%- set language = model['language'] -%}
  {%- set existing_relation = load_cached_relation(this) -%}
  {%- set target_relation = this.incorporate(type='table') -%}
  {%- set intermediate_relation = make_intermediate_relation(target_relation) -%}
  {%- set temp_relation = intermediate_relation if language == 'python' else make_temp_relation(target_relation) -%}

  {%- set unique_key = config.get('unique_key') -%}
  {%- set full_refresh_mode = (should_full_refresh() or existing_relation.is_view) -%}
  {%- set on_schema_change = incremental_validate_on_schema_change(config.get('on_schema_change'), default='ignore') -%}

  {%- set preexisting_intermediate_relation = load_cached_relation(intermediate_relation) -%}
  {% set grant_config = config.get('grants') %}
  {{ drop_relation_if_exists(preexisting_intermediate_relation) }}

  {{ run_hooks(pre_hooks, inside_transaction=False) }}
  {% if language == 'python' and (preexisting_intermediate_relation is not none or pre_hooks | rejectattr('transaction') | list) %}
    {% do local_python_new_transaction() %}
  {% endif %}
  {{ run_hooks(pre_hooks, inside_transaction=True) }}

  {% set incremental_strategy = config.get('incremental_strategy') or 'default' %}
  {% set strategy_sql_macro_func = adapter.get_incremental_strategy_macro(context, incremental_strategy) %}

  {% set replaces_table = existing_relation is none or full_refresh_mode %}
  {% if language == 'python' %}
    {% call statement('main', language='python') -%}
      {{ local_python_code(intermediate_relation, compiled_code, existing_relation is not none or config.get('unlogged', default=false)) }}
    {%- endcall %}
  {% endif %}

  {% if replaces_table %}
    {% if language == 'sql' %}
      {% call statement('main') -%}
        {%- if existing_relation is none -%}
          {{ get_create_table_as_sql(False, intermediate_relation, sql) }}
        {%- else -%}
          {{ local_python_create_table(intermediate_relation, sql) }}
        {%- endif -%}
      {%- endcall %}
    {% endif %}
    {% do local_python_put(existing_relation, intermediate_relation, target_relation) %}
  {% else %}
    {% if language == 'sql' %}
      {% do run_query(get_create_table_as_sql(True, temp_relation, sql)) %}
    {% endif %}
    {% set contract_config = config.get('contract') %}
    {% if not contract_config or not contract_config.enforced %}
      {% do adapter.expand_target_column_types(from_relation=temp_relation, to_relation=target_relation) %}
    {% endif %}
    {% set dest_columns = process_schema_changes(on_schema_change, temp_relation, existing_relation) %}
    {% if not dest_columns %}
      {% set dest_columns = adapter.get_columns_in_relation(existing_relation) %}
      {% if language == 'python' %}{% do local_python_check_columns(temp_relation, dest_columns) %}{% endif %}
    {% endif %}

    {% set incremental_predicates = config.get('predicates', none) or config.get('incremental_predicates', none) %}
    {% set strategy_arg_dict = ({'target_relation': target_relation, 'temp_relation': temp_relation, 'unique_key': unique_key, 'dest_columns': dest_columns, 'incremental_predicates': incremental_predicates }) %}
    {% set build_sql = strategy_sql_macro_func(strategy_arg_dict) %}
    {% if build_sql %}
      {% call statement('main') %}
        {{ build_sql }}
      {% endcall %}
    {% endif %}
  {% endif %}

  {% set should_revoke = should_revoke(existing_relation, full_refresh_mode=false) %}
  {% do apply_grants(target_relation, grant_config, should_revoke=should_revoke) %}
  {% do persist_docs(target_relation, model) %}

  {{ run_hooks(post_hooks, inside_transaction=True) }}

  {% do adapter.commit() %}

  {% if language == 'python' and not replaces_table %}
    {% do adapter.drop_relation(temp_relation) %}
  {% endif %}

  {{ run_hooks(post_hooks, inside_transaction=False) }}

  {{ return({'relations': [target_relation]}) }}
{%- endmaterialization %}


{#- The code of a Python model, and the table that its rows go to. -#}
{% macro local_python_code(relation, compiled_code, unlogged) -%}
{{ compiled_code }}

_dbt_local_python_target = ({{ relation.schema | tojson }}, {{ relation.identifier | tojson }}, {{ 'True' if unlogged else 'False' }})
{%- endmacro %}


{#- Ends the transaction and begins another. What was just dropped stays locked until then, and the model's connection would
    wait for it. A `commit` alone, which run_hooks sends before hooks outside the transaction, would not do: psycopg2 does
    not see it in a statement, begins no other, and the swap of the tables would be in no transaction. -#}
{% macro local_python_new_transaction() -%}
  {%- if not target.get('autocommit') -%}
    {%- call statement('new_transaction', auto_begin=False) -%}commit; begin;{%- endcall -%}
  {%- endif -%}
{%- endmacro %}


{#- Stops with a sentence where the table has columns that the model did not return. -#}
{% macro local_python_check_columns(temp_relation, dest_columns) -%}
  {%- set returned = adapter.get_columns_in_relation(temp_relation) | map(attribute='name') | list -%}
  {%- set missing = dest_columns | map(attribute='name') | reject('in', returned) | list -%}
  {%- if missing -%}
    {%- do exceptions.raise_compiler_error(
      'The model did not return the columns ' ~ missing | join(', ') ~ ' that ' ~ this ~ ' has. '
      ~ 'Return them, set on_schema_change, or run with --full-refresh.') -%}
  {%- endif -%}
{%- endmacro %}
