{#- What a night makes, as unique ids: every ledger (meta.is_ledger), and all models that one of them stands on. -#}
{% macro made_by_nights() -%}
    {%- set found = [] -%}
    {%- for node in graph.nodes.values() if node.resource_type == 'model' and node.config.meta.get('is_ledger') -%}
        {%- do found.append(node.unique_id) -%}
    {%- endfor -%}
    {#- The list grows while it is read, up to the last of their ancestors. -#}
    {%- for made in found -%}
        {%- for above in graph.nodes[made].depends_on.nodes if above.startswith('model.') and above not in found -%}
            {%- do found.append(above) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{- return(found) -}}
{%- endmacro %}

{#- Whether this run is a night: one that makes every ledger together with all that ledgers stand on, or one of which the var
    is_night says so. Any other run is a partial one: it makes what it was asked for and leaves every ledger as it is, since
    it would write a night down of which it had seen a part. One that sees no rows (--empty) is none.
    Example: {% if is_night() %} -#}
{% macro is_night() -%}
    {%- if is_empty_run() -%}{{- return(false) -}}{%- endif -%}
    {%- if var('is_night', none) is not none -%}{{- return(var('is_night')) -}}{%- endif -%}
    {%- for made in made_by_nights() if made not in selected_resources -%}{{- return(false) -}}{%- endfor -%}
    {{- return(true) -}}
{%- endmacro %}

{#- Whether dbt was asked to read no rows (--empty). -#}
{% macro is_empty_run() -%}{{- return(invocation_args_dict.get('empty') or false) -}}{%- endmacro %}

{#- The tables of ledgers that are there, by name. Tombstones of erasures are no nights. -#}
{% macro ledgers() -%}
    {%- set found = {} -%}
    {%- for node in graph.nodes.values() if node.resource_type == 'model' and node.config.meta.get('is_ledger') and node.name != 'erasures' -%}
        {%- set relation = adapter.get_relation(database=node.database, schema=node.schema, identifier=node.alias) -%}
        {%- if relation is not none -%}{%- do found.update({node.name: relation}) -%}{%- endif -%}
    {%- endfor -%}
    {{- return(found) -}}
{%- endmacro %}

{#- When a run begins: a night must not lie before the last one, which the ledgers know; the var rebuild_from goes back on
    purpose, and is for nights alone. A partial run may have any as_of, since it leaves no trace in ledgers. -#}
{% macro begin_night() -%}
    {%- if execute and flags.WHICH in ('run', 'build') -%}
        {%- set going_back = var('rebuild_from', none) -%}
        {%- if is_night() -%}
            {{- refuse_earlier_night(going_back) -}}
            {{- refuse_doubled_ledgers(going_back) -}}
            {%- if going_back -%}{{- cut_ledgers(going_back) -}}{%- endif -%}
        {%- elif going_back -%}
            {{- exceptions.raise_compiler_error(
                'rebuild_from takes nights out of the ledgers, and a run with a selection does not put them back. Run dbt build without one.'
            ) -}}
        {%- elif is_empty_run() -%}
            {%- do log(
                'This run reads no rows (--empty): tables are empty until the next night, and ledgers stay as the last one left them.', info=true
            ) -%}
        {%- elif made_by_nights() | select('in', selected_resources) | list -%}
            {%- do log(
                'This run is a part of a night: ledgers (who is who, members, moves, fits) stay as the last night left them. '
                ~ 'dbt build without a selection is a night.', info=true
            ) -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

{#- Time goes forward: stops a night before the last one that is in the ledgers (before going_back, if that is given). -#}
{% macro refuse_earlier_night(going_back) -%}
    {%- set nights = [] -%}
    {%- for ledger in ledgers().values() -%}
        {%- do nights.append('select max(as_of) as as_of from ' ~ ledger ~ before_night(going_back)) -%}
    {%- endfor -%}
    {%- if nights -%}
        {%- set last = run_query('select cast(max(as_of) as text) from (' ~ nights | join(' union all ') ~ ') as nights').rows[0][0] -%}
        {%- if last is not none and last[:19] > as_of_text() -%}
            {{- exceptions.raise_compiler_error(
                'as_of ' ~ as_of_text() ~ ' is before the last night that was built, ' ~ last[:19]
                ~ '. Set the var rebuild_from to go back on purpose.'
            ) -}}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

{#- Stops a night where fits are in a ledger twice, and says how to be rid of them. Nights replace their own rows; what is
    there twice was written by a version of this project in which other runs wrote fits too. -#}
{% macro refuse_doubled_ledgers(going_back) -%}
    {%- for name, keys in {
        'axis_segments': 'store_id, axis_name, as_of, is_trial, segment_id',
        'cluster_segments': 'store_id, as_of, is_trial, segment_id',
        'ltv_models': 'store_id, as_of, target, model',
        'ai_segment_names': 'store_id, axis_name, segment_id, as_of',
        'said_segment_names': 'store_id, segment_id, as_of',
        'said_cluster_labels': 'store_id, segment_id, as_of'
    }.items() if name in ledgers() -%}
        {%- set first = run_query(
            'select cast(min(as_of) as text) from (select as_of from ' ~ ledgers()[name] ~ before_night(going_back)
            ~ ' group by ' ~ keys ~ ' having count(*) > 1) as doubled'
        ).rows[0][0] -%}
        {%- if first is not none -%}
            {{- exceptions.raise_compiler_error(
                name ~ ' holds what was fitted on ' ~ first[:19] ~ " twice. Play the nights from then on again, each with its as_of, the first with: dbt build --vars '{rebuild_from: "
                ~ '"' ~ first[:19] ~ '", as_of: "' ~ first[:19] ~ '"' ~ "}'"
            ) -}}
        {%- endif -%}
    {%- endfor -%}
{%- endmacro %}

{#- The nights of a ledger that count when it is cut back to one: those before it; all of them where none is given. -#}
{% macro before_night(going_back) -%}
    {%- if going_back %} where as_of < cast({{ sql_text(going_back) }} as timestamp){% endif -%}
{%- endmacro %}

{#- Goes back to the night of the var rebuild_from: what ledgers say of that night and later ones is taken out, so that the
    nights can be played again. Who was forgotten stays forgotten. -#}
{% macro cut_ledgers(going_back) -%}
    {%- set cuts = [] -%}
    {%- for ledger in ledgers().values() -%}
        {%- do cuts.append('delete from ' ~ ledger ~ ' where as_of >= cast(' ~ sql_text(going_back) ~ ' as timestamp)') -%}
    {%- endfor -%}
    {%- if cuts -%}
        {%- call statement('cut_ledgers', auto_begin=True) -%}{{ cuts | join('; ') }}{%- endcall -%}
        {%- do adapter.commit() -%}
    {%- endif -%}
{%- endmacro %}

{#- Whether the model at hand is a ledger in a run that is no night. Such a ledger is made of no rows, and gives none up: its
    SQL is not run (create_table_as), its Python is not called (py_script_comment), and nothing is deleted from it
    (get_incremental_replace_night_sql). -#}
{% macro leaves_ledger() -%}
    {{- return(config.get('meta', {}).get('is_ledger', false) and not is_night()) -}}
{%- endmacro %}

{#- dbt's own, but for ledgers that a run leaves as they are. -#}
{% macro create_table_as(temporary, relation, compiled_code, language='sql') -%}
    {%- set code = compiled_code -%}
    {%- if language == 'sql' and leaves_ledger() -%}
        {%- set code = 'select * from (' ~ compiled_code ~ '\n) as nothing where false' -%}
    {%- endif -%}
    {{- dbt.create_table_as(temporary, relation, code, language, **kwargs) -}}
{%- endmacro %}

{#- dbt's own place for what is to stand behind a Python model: a ledger that a run leaves as it is gets no rows, without a
    fit. Its YAML has the types of its columns. -#}
{% macro py_script_comment() -%}
    {%- if leaves_ledger() %}
def model(dbt, session):
    return session.sql("""select {% for column in model.columns.values() -%}
        cast(null as {{ column.data_type }}) as {{ column.name }}{{ ', ' if not loop.last }}
    {%- endfor %} where false""").to_arrow_table()
    {%- endif -%}
{%- endmacro %}
