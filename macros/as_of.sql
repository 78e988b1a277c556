{#- The one clock: the night that is built, as a timestamp literal in UTC.
    Returns var('as_of'), else midnight UTC of the day on which the run started.
    Example: where ordered_at < {{ as_of() }} -#}
{% macro as_of() -%}
    cast('{{ as_of_text() }}' as timestamp)
{%- endmacro %}

{#- The same clock as text, 'YYYY-MM-DD HH:MM:SS'. A value that is neither a date nor a timestamp stops the run. -#}
{% macro as_of_text() -%}
    {%- set given = var('as_of', none) -%}
    {%- if given is none or given | string | trim == '' -%}
        {{- return(run_started_at.strftime('%Y-%m-%d 00:00:00')) -}}
    {%- endif -%}
    {%- set text = (given | string | trim).replace('T', ' ').replace('Z', '') -%}
    {%- if not modules.re.match('^\d{4}-\d{2}-\d{2}( \d{2}:\d{2}(:\d{2})?)?$', text) -%}
        {{- exceptions.raise_compiler_error(
            "The var as_of must be a UTC date or timestamp such as 2025-06-30 or 2025-06-30 03:00:00, not '" ~ given ~ "'."
        ) -}}
    {%- endif -%}
    {{- return(text if text | length > 10 else text ~ ' 00:00:00') -}}
{%- endmacro %}

{#- as_of's day in a store's own time zone: windows of n days end with it.
    timezone_name: SQL expression of an IANA name. Example: {{ as_of_date('stores.timezone') }} -#}
{% macro as_of_date(timezone_name) -%}
    cast({{ local_time(as_of(), timezone_name) }} as date)
{%- endmacro %}

{#- When a window of whole local days that ends with as_of's day begins, as a time in UTC: a value per store, to which times
    are compared without converting each of them.
    Example: where occurred_at >= {{ window_start(180, 'stores.timezone') }} -#}
{% macro window_start(days, timezone_name) -%}
    timezone('UTC', timezone({{ timezone_name }}, cast({{ as_of_date(timezone_name) }} - {{ days - 1 }} as timestamp)))
{%- endmacro %}

{#- Time goes forward: refuses a run whose as_of is before the night that the marts already show.
    rebuild_from or --full-refresh says that going back is meant. -#}
{% macro refuse_earlier_night() -%}
    {%- if execute and flags.WHICH in ('run', 'build') and not flags.FULL_REFRESH and not var('rebuild_from', none) -%}
        {%- set built = adapter.get_relation(database=target.database, schema=target.schema, identifier='stores') -%}
        {%- if built is not none -%}
            {%- set last = run_query('select max(updated_at) as last_night from ' ~ built).rows[0][0] -%}
            {%- if last is not none and (last | string)[:19] > as_of_text() -%}
                {{- exceptions.raise_compiler_error(
                    'as_of ' ~ as_of_text() ~ ' is before the last night that was built, ' ~ last
                    ~ '. Set the var rebuild_from to go back on purpose.'
                ) -}}
            {%- endif -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

{#- Goes back to the night of the var rebuild_from: what ledgers (meta.is_ledger) say of that night and later ones is taken
    out, so that the nights can be played again. Who was forgotten stays forgotten. -#}
{% macro cut_ledgers() -%}
    {%- if execute and flags.WHICH in ('run', 'build') and var('rebuild_from', none) -%}
        {%- set cuts = [] -%}
        {%- for node in graph.nodes.values() if node.resource_type == 'model' and node.config.meta.get('is_ledger') and node.name != 'erasures' -%}
            {%- set ledger = adapter.get_relation(database=node.database, schema=node.schema, identifier=node.alias) -%}
            {%- if ledger is not none -%}
                {%- do cuts.append('delete from ' ~ ledger ~ " where as_of >= cast('" ~ var('rebuild_from') ~ "' as timestamp)") -%}
            {%- endif -%}
        {%- endfor -%}
        {%- if cuts -%}
            {%- call statement('cut_ledgers', auto_begin=True) -%}{{ cuts | join('; ') }}{%- endcall -%}
            {%- do adapter.commit() -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
