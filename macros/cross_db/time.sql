{#- The store's own wall-clock time of a time in UTC. timezone_name: SQL expression of an IANA name.
    Example: {{ local_time('ordered_at', 'stores.timezone') }} -#}
{% macro local_time(utc, timezone_name) -%}{{ adapter.dispatch('local_time', 'tessera')(utc, timezone_name) }}{%- endmacro %}
{% macro default__local_time(utc, timezone_name) -%}
    timezone({{ timezone_name }}, timezone('UTC', {{ utc }}))
{%- endmacro %}
{#- DuckDB looks a zone up for each row, unless it is written out (1.8 and 0.4 microseconds a time), so those of the stores are. -#}
{% macro duckdb__local_time(utc, timezone_name) -%}
    {%- set zones = zones_of_stores() -%}
    {%- if zones | length in range(1, 11) -%}
        case {{ timezone_name }}
            {%- for zone in zones %}
            when {{ sql_text(zone) }} then timezone({{ sql_text(zone) }}, timezone('UTC', {{ utc }}))
            {%- endfor %}
            else timezone({{ timezone_name }}, timezone('UTC', {{ utc }}))
        end
    {%- else -%}
        timezone({{ timezone_name }}, timezone('UTC', {{ utc }}))
    {%- endif -%}
{%- endmacro %}

{#- Whole microseconds since 1970: exact, and the same number on every engine. Example: {{ epoch_us('occurred_at') }} -#}
{% macro epoch_us(utc) -%}{{ adapter.dispatch('epoch_us', 'tessera')(utc) }}{%- endmacro %}
{% macro default__epoch_us(utc) -%}cast(round(extract(epoch from {{ utc }}) * 1000000) as bigint){%- endmacro %}
{% macro duckdb__epoch_us(utc) -%}epoch_us({{ utc }}){%- endmacro %}

{#- Seconds from one time to another, exact to the microsecond (datediff counts boundaries instead).
    Example: {{ elapsed_seconds('started_at', 'ended_at') }} -#}
{% macro elapsed_seconds(from_time, to_time) -%}
    (({{ epoch_us(to_time) }} - {{ epoch_us(from_time) }}) / cast(1000000 as double precision))
{%- endmacro %}

{#- The time that lies a number of units before or after. count may be negative.
    Example: {{ shift_time('occurred_at', 1, 'day') }} -#}
{% macro shift_time(value, count, unit) -%}({{ value }} + interval '{{ count }} {{ unit }}'){%- endmacro %}

{#- Whole days from one date to a later one. Example: {{ days_between('first_date', 'last_date') }} -#}
{% macro days_between(from_date, to_date) -%}({{ to_date }} - {{ from_date }}){%- endmacro %}

{#- Day of the week, Monday 0 to Sunday 6. -#}
{% macro weekday(value) -%}cast(extract(isodow from {{ value }}) - 1 as integer){%- endmacro %}

{#- The time zones that both engines read alike, for a subquery: alias (in lower case) is what a shop may write, name what it
    is read as. Those of IANA's list that have an area, and the short names of the list as the place that they stand for:
    Postgres reads CET or EST as an abbreviation, without summer time. Other abbreviations (BST, PST) mean several zones. -#}
{% macro known_time_zones() -%}
    {%- set short_names = {
        'UTC': 'UTC', 'GMT': 'Etc/GMT', 'UCT': 'Etc/UTC', 'Universal': 'Etc/UTC', 'Zulu': 'Etc/UTC', 'Greenwich': 'Etc/GMT',
        'GMT0': 'Etc/GMT', 'GMT+0': 'Etc/GMT', 'GMT-0': 'Etc/GMT', 'CET': 'Europe/Brussels', 'MET': 'Europe/Brussels',
        'EET': 'Europe/Athens', 'WET': 'Europe/Lisbon', 'EST5EDT': 'America/New_York', 'CST6CDT': 'America/Chicago',
        'MST7MDT': 'America/Denver', 'PST8PDT': 'America/Los_Angeles', 'Cuba': 'America/Havana', 'Egypt': 'Africa/Cairo',
        'Eire': 'Europe/Dublin', 'GB': 'Europe/London', 'GB-Eire': 'Europe/London', 'Hongkong': 'Asia/Hong_Kong',
        'Iceland': 'Atlantic/Reykjavik', 'Iran': 'Asia/Tehran', 'Israel': 'Asia/Jerusalem', 'Jamaica': 'America/Jamaica',
        'Japan': 'Asia/Tokyo', 'Kwajalein': 'Pacific/Kwajalein', 'Libya': 'Africa/Tripoli', 'NZ': 'Pacific/Auckland',
        'NZ-CHAT': 'Pacific/Chatham', 'Navajo': 'America/Denver', 'PRC': 'Asia/Shanghai', 'Poland': 'Europe/Warsaw',
        'Portugal': 'Europe/Lisbon', 'ROC': 'Asia/Taipei', 'ROK': 'Asia/Seoul', 'Singapore': 'Asia/Singapore',
        'Turkey': 'Europe/Istanbul', 'W-SU': 'Europe/Moscow',
    } -%}
    {#- Two names that ICU has and IANA dropped. -#}
    select
        lower(zones.name) as alias,
        zones.name
    from pg_timezone_names() as zones
    where
        {{ matches('zones.name', '(Africa|America|Antarctica|Arctic|Asia|Atlantic|Australia|Brazil|Canada|Chile|Etc|Europe|Indian|Mexico|Pacific|US)/.*') }}
        and zones.name not in ('Canada/East-Saskatchewan', 'US/Pacific-New')
    {%- for alias, name in short_names.items() %}
    union all
    select
        '{{ alias | lower }}' as alias,
        '{{ name }}' as name
    {%- endfor %}
{%- endmacro %}

{#- The number of the quarter of an hour since 1970. Time zones change on its borders, so all times within one have one
    local date and hour. Example: {{ quarter_hour('occurred_at') }} -#}
{% macro quarter_hour(utc) -%}cast(floor({{ epoch_us(utc) }} / 900000000) as bigint){%- endmacro %}
