{#- a / b as a double; null where b is 0 or null (an error on Postgres, infinity on DuckDB).
    Example: {{ ratio('refunds', 'gross') }} -#}
{% macro ratio(numerator, denominator) -%}
    (cast({{ numerator }} as double precision) / nullif(cast({{ denominator }} as double precision), 0))
{%- endmacro %}

{#- A double rounded half away from zero, as its shortest decimal text reads: Postgres rounds numerics only, and casts of
    doubles to numerics keep other digits on every engine.
    Example: {{ round_to(ratio('a', 'b'), 4) }} -#}
{% macro round_to(value, digits) -%}
    cast(round(cast(cast({{ value }} as text) as numeric(28, 10)), {{ digits }}) as double precision)
{%- endmacro %}

{#- Money: rounded to cents, halves away from zero. A quotient is a double on DuckDB and a numeric on Postgres; rounding
    both by way of their text makes the same cents of them. Example: {{ money('gross - refunds') }} -#}
{% macro money(value) -%}
    cast(round(cast(cast({{ value }} as text) as numeric(28, 10)), 2) as numeric(18, 2))
{%- endmacro %}

{#- An amount in the store's currency: as it is at a rate of 1, else converted and rounded to cents.
    Example: {{ converted('price', 'orders.exchange_rate') }} -#}
{% macro converted(amount, rate) -%}
    case when {{ rate }} = 1 then cast({{ amount }} as numeric(18, 2)) else {{ money(amount ~ ' * ' ~ rate) }} end
{%- endmacro %}
