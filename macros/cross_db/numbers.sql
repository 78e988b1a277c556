{#- a / b as a double; null where b is 0 or null (an error on Postgres, infinity on DuckDB).
    Example: {{ ratio('refunds', 'gross') }} -#}
{% macro ratio(numerator, denominator) -%}
    (cast({{ numerator }} as double precision) / nullif(cast({{ denominator }} as double precision), 0))
{%- endmacro %}

{#- A double rounded half away from zero, as its shortest decimal text reads: Postgres rounds numerics only, and casts of
    doubles to numerics keep other digits on every engine.
    Example: {{ round_to(ratio('a', 'b'), 4) }} -#}
{% macro round_to(value, digits) -%}
    cast(round({{ as_numeric(value) }}, {{ digits }}) as double precision)
{%- endmacro %}

{#- Money: rounded to cents, halves away from zero. A quotient is a double on DuckDB and a numeric on Postgres; rounding
    both by way of their text makes the same cents of them. Example: {{ money('gross - refunds') }} -#}
{% macro money(value) -%}
    cast(round({{ as_numeric(value) }}, 2) as numeric(18, 2))
{%- endmacro %}

{#- A number as its shortest decimal text reads, to ten places. DuckDB reads text into 64 bits fifty times faster than into
    128 (measured: 0.3 s and 16 s for a million), so wide numerics are for what is too large for narrow ones. -#}
{% macro as_numeric(value) -%}{{ adapter.dispatch('as_numeric', 'tessera')(value) }}{%- endmacro %}
{% macro default__as_numeric(value) -%}cast(cast({{ value }} as text) as numeric(28, 10)){%- endmacro %}
{% macro duckdb__as_numeric(value) -%}
    coalesce(try_cast(cast({{ value }} as text) as decimal(18, 10)), cast(cast({{ value }} as text) as decimal(28, 10)))
{%- endmacro %}

{#- An amount in the store's currency: as it is at a rate of 1, else converted and rounded to cents.
    Example: {{ converted('price', 'orders.exchange_rate') }} -#}
{% macro converted(amount, rate) -%}
    case when {{ rate }} = 1 then cast({{ amount }} as numeric(18, 2)) else {{ money(amount ~ ' * ' ~ rate) }} end
{%- endmacro %}
