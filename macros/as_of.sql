{#- The one clock: the night that is built, as a timestamp literal in UTC.
    Returns var('as_of'), else midnight UTC of the day on which the run started.
    Example: where ordered_at < {{ as_of() }} -#}
{% macro as_of() -%}
    cast('{{ as_of_text() }}' as timestamp)
{%- endmacro %}

{#- The same clock as text, 'YYYY-MM-DD HH:MM:SS'. What the var may be is in src/tessera/variables.py; YAML makes +00:00 of a Z. -#}
{% macro as_of_text() -%}
    {%- set given = var('as_of', none) -%}
    {%- if given is none or given | string | trim == '' -%}
        {{- return(run_started_at.strftime('%Y-%m-%d 00:00:00')) -}}
    {%- endif -%}
    {%- set text = (given | string | trim).replace('T', ' ').replace('Z', '').replace('+00:00', '') -%}
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

{#- The last day of a store that has begun before as_of: of a night at the store's own midnight the day that it ends. Of a time (an
    expression, as_of() by default) likewise. Example: {{ last_begun_date('stores.timezone') }} -#}
{% macro last_begun_date(timezone_name, at=none) -%}
    cast({{ local_time(shift_time(at or as_of(), -1, 'microsecond'), timezone_name) }} as date)
{%- endmacro %}

{#- The day of a store that begins with a night: the one whose beginning is nearest, since most of it comes after what the night knew. Of
    a time (an expression, as_of() by default). Example: {{ day_of_night('stores.timezone') }} -#}
{% macro day_of_night(timezone_name, at=none) -%}
    cast({{ local_time(shift_time(at or as_of(), 12, 'hour'), timezone_name) }} as date)
{%- endmacro %}
