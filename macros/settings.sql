{#- Incremental tables keep what earlier runs read, so they are right only as long as what shaped it stays as it was. A model says
    what that is in meta.shaped_by: vars, seeds (each with a condition for its rows), models of which it keeps numbers of loads,
    by_zone where it cuts days, and columns where rows that are there would lack a new one; its own code shapes each. What shaped it when
    it was last made is in the table model_settings; another value makes the whole table again, and another time zone the devices of that
    store. -#}

{#- The table: one row per model and setting, `made` being the run in which the model was last made whole. -#}
{% macro settings_table() -%}
    {{- return(api.Relation.create(database=target.database, schema=target.schema ~ '_staging', identifier='model_settings', type='table')) -}}
{%- endmacro %}

{#- Makes the table where it is not there. When a run begins. -#}
{% macro make_settings_table() -%}
    {%- if execute and flags.WHICH in ('run', 'build') -%}
        {%- do adapter.create_schema(settings_table().without_identifier()) -%}
        {%- call statement('settings_table', auto_begin=True) -%}
            create table if not exists {{ settings_table() }} (model text, setting text, value text)
        {%- endcall -%}
        {%- do adapter.commit() -%}
    {%- endif -%}
{%- endmacro %}

{#- What shapes the model at hand, by its meta; empty where it does not say, and in unit tests. -#}
{% macro shaped_by() -%}
    {{- return(config.get('meta', {}).get('shaped_by', {}) if execute and model.config.materialized == 'incremental' else {}) -}}
{%- endmacro %}

{#- The table of a seed or model of this project, or of the seed that a project puts in its place, where this one is a package.
    kind: seed or model. -#}
{% macro made_table(kind, name) -%}
    {%- set node = graph.nodes[kind ~ '.tessera.' ~ name]
        or graph.nodes.values() | selectattr('resource_type', 'equalto', kind) | selectattr('name', 'equalto', name) | first -%}
    {{- return(api.Relation.create(database=node.database, schema=node.schema, identifier=node.alias)) -}}
{%- endmacro %}

{#- The settings of the model at hand as they are now: {setting: value}. Rows of seeds are hashed. -#}
{% macro settings_now() -%}
    {%- set found = {} -%}
    {%- if shaped_by() -%}
        {#- comments and blanks make no row another -#}
        {%- set code = modules.re.sub('--[^\n]*|\\{#.*?#\\}|\\s+', ' ', model.raw_code, flags=modules.re.DOTALL) -%}
        {%- do found.update({'code': local_md5(code)}) -%}
    {%- endif -%}
    {%- if shaped_by().get('columns') -%}{%- do found.update({'columns': model.columns.keys() | sort | join(',')}) -%}{%- endif -%}
    {%- for name in shaped_by().get('vars', []) -%}{%- do found.update({name: tojson(var(name), sort_keys=true)}) -%}{%- endfor -%}
    {%- set queries = [] -%}
    {%- for name, condition in shaped_by().get('seeds', {}).items() -%}
        {%- do queries.append(
            'select ' ~ sql_text(name) ~ ', md5(string_agg(cast(entries as text), ' ~ "'|' order by " ~ byte_order('cast(entries as text)')
            ~ ')) from ' ~ made_table('seed', name) ~ ' as entries where ' ~ condition
        ) -%}
    {%- endfor -%}
    {%- for name in shaped_by().get('models', []) -%}
        {%- do queries.append(
            'select ' ~ sql_text(name) ~ ', max(value) from ' ~ settings_table() ~ " where setting = 'made' and model = " ~ sql_text(name)
        ) -%}
    {%- endfor -%}
    {%- if queries -%}
        {%- for row in run_query(queries | join(' union all ')).rows -%}{%- do found.update({row[0]: row[1] or ''}) -%}{%- endfor -%}
    {%- endif -%}
    {{- return(found) -}}
{%- endmacro %}

{#- The time zones of stores, other than UTC, as they are now: {'timezone of <store>': zone}. -#}
{% macro zones_now() -%}
    {%- set found = {} -%}
    {%- if shaped_by().get('by_zone') -%}
        {%- for row in run_query(
            'select store_id, timezone from ' ~ made_table('model', 'stg_stores') ~ " where timezone <> 'UTC'"
        ).rows -%}{%- do found.update({'timezone of ' ~ row[0]: row[1]}) -%}{%- endfor -%}
    {%- endif -%}
    {{- return(found) -}}
{%- endmacro %}

{#- What shaped the table of the model at hand when it was last made: {setting: value}. -#}
{% macro settings_known() -%}
    {%- set found = {} -%}
    {%- for row in run_query('select setting, value from ' ~ settings_table() ~ ' where model = ' ~ sql_text(model.name)).rows -%}
        {%- do found.update({row[0]: row[1]}) -%}
    {%- endfor -%}
    {{- return(found) -}}
{%- endmacro %}

{#- The settings of the model at hand that are other than they were. -#}
{% macro settings_changed() -%}
    {%- set changed = [] -%}
    {%- if shaped_by() and adapter.get_relation(settings_table().database, settings_table().schema, settings_table().identifier) is not none -%}
        {%- set known = settings_known() -%}
        {%- for setting, value in settings_now().items() if known.get(setting) != value -%}{%- do changed.append(setting) -%}{%- endfor -%}
    {%- endif -%}
    {{- return(changed) -}}
{%- endmacro %}

{#- dbt's own question whether a model is made whole, which is_incremental() asks too: yes also where what shaped it changed. -#}
{% macro should_full_refresh() -%}
    {%- set asked_for = config.get('full_refresh') -%}
    {%- if asked_for is none -%}{%- set asked_for = flags.FULL_REFRESH -%}{%- endif -%}
    {{- return(asked_for or settings_changed() | length > 0) -}}
{%- endmacro %}

{#- Stores whose days the table of the model at hand was cut by in another time zone than they have now. -#}
{% macro stores_in_another_zone() -%}
    {%- set found = [] -%}
    {%- if shaped_by().get('by_zone') -%}
        {%- set now, known = zones_now(), settings_known() -%}
        {%- for setting in (now.keys() | list + known.keys() | list) | unique
            if setting.startswith('timezone of ') and now.get(setting) != known.get(setting) -%}
            {%- do found.append(setting[12:]) -%}
        {%- endfor -%}
    {%- endif -%}
    {{- return(found) -}}
{%- endmacro %}

{#- A pre-hook of all models: what shaped a table that is not there is forgotten, so that it counts as made whole. -#}
{% macro forget_settings() -%}
    {%- if shaped_by() and load_cached_relation(this) is none -%}
        delete from {{ settings_table() }} where model = {{ sql_text(model.name) }}
    {%- endif -%}
{%- endmacro %}

{#- A post-hook of all models, in the transaction that makes the table: writes down what shaped it, and says what changed. -#}
{% macro remember_settings() -%}
    {%- if shaped_by() -%}
        {%- set known = settings_known() -%}
        {%- set changed, moved = settings_changed(), stores_in_another_zone() -%}
        {%- set is_whole = 'made' not in known or should_full_refresh() -%}
        {%- if is_whole or moved -%}
            {%- if known and changed -%}
                {%- do log(model.name ~ ' was made again: ' ~ changed | join(', ') ~ ' changed', info=true) -%}
            {%- elif known and moved and not is_whole -%}
                {%- do log(model.name ~ ' was made again for ' ~ moved | join(', ') ~ ': the time zone changed', info=true) -%}
            {%- endif -%}
            {%- set values = settings_now() -%}
            {%- do values.update(zones_now()) -%}
            {%- do values.update({'made': invocation_id if is_whole else known['made']}) -%}
            delete from {{ settings_table() }} where model = {{ sql_text(model.name) }};
            insert into {{ settings_table() }} (model, setting, value) values
            {%- for setting, value in values.items() %}
            ({{ sql_text(model.name) }}, {{ sql_text(setting) }}, {{ sql_text(value) }}){{ ',' if not loop.last }}
            {%- endfor %}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
