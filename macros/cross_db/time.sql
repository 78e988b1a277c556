{#- The store's own wall-clock time of a time in UTC. timezone_name: SQL expression of an IANA name.
    Example: {{ local_time('ordered_at', 'stores.timezone') }} -#}
{% macro local_time(utc, timezone_name) -%}
    timezone({{ timezone_name }}, timezone('UTC', {{ utc }}))
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

{#- Names of the time zones that the engine knows, for a subquery. -#}
{% macro known_time_zones() -%}select zones.name from pg_timezone_names() as zones{%- endmacro %}

{#- The number of the quarter of an hour since 1970. Time zones change on its borders, so all times within one have one
    local date and hour. Example: {{ quarter_hour('occurred_at') }} -#}
{% macro quarter_hour(utc) -%}cast(floor({{ epoch_us(utc) }} / 900000000) as bigint){%- endmacro %}
