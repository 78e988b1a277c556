{#- a / b as a double; null where b is 0 or null (an error on Postgres, infinity on DuckDB).
    Example: {{ ratio('refunds', 'gross') }} -#}
{% macro ratio(numerator, denominator) -%}
    (cast({{ numerator }} as double precision) / nullif(cast({{ denominator }} as double precision), 0))
{%- endmacro %}

{#- A double rounded half away from zero, as its shortest decimal text reads: Postgres rounds numerics only, and casts of
    doubles to numerics keep other digits on every engine.
    Example: {{ round_to(ratio('a', 'b'), 4) }} -#}
{% macro round_to(value, digits) -%}{{ rounded_as('double precision', value, digits) }}{%- endmacro %}

{#- Money: rounded to cents, halves away from zero. A quotient is a double on DuckDB and a numeric on Postgres; rounding
    both by way of their text makes the same cents of them. Example: {{ money('gross - refunds') }} -#}
{% macro money(value) -%}{{ rounded_as('numeric(18, 2)', value, 2, '9999999999999999') }}{%- endmacro %}

{#- What a sum or product of amounts, or of whole numbers, is as numeric(18, 2), or bigint: each may fit by itself and all of them
    together not, and then they count as the most that the type holds, since no row of a shop may stop the night of the others.
    Both engines add and multiply in wider types. Examples: {{ fit_money('sum(revenue)') }}, {{ fit_bigint('sum(quantity)') }} -#}
{% macro fit_money(value) -%}{{ kept_within(value, '9999999999999999.99', 'numeric(18, 2)') }}{%- endmacro %}
{% macro fit_bigint(value) -%}{{ kept_within(value, '9223372036854775807', 'bigint') }}{%- endmacro %}
{% macro kept_within(value, most, type) -%}
    cast(case when {{ value }} > {{ most }} then {{ most }} when {{ value }} < -{{ most }} then -{{ most }} else {{ value }} end as {{ type }})
{%- endmacro %}

{#- A number as its shortest decimal text reads, rounded, as a type; what is further than `most` from zero counts as that far. DuckDB reads
    text into 64 bits fifty times faster than into 128, and rounds them three times faster (measured: 0.24 s and 0.7 s for a million),
    so wide numerics are for what is too large for narrow ones, and both are of the type before they meet. -#}
{% macro rounded_as(type, value, digits, most='100000000000000000') -%}
    {{ adapter.dispatch('rounded_as', 'tessera')(type, value, digits, most) }}
{%- endmacro %}
{% macro default__rounded_as(type, value, digits, most) -%}
    cast(round(case
        when {{ value }} >= {{ most }} then {{ most }}
        when {{ value }} <= -{{ most }} then -{{ most }}
        else cast(cast({{ value }} as text) as numeric(28, 10))
    end, {{ digits }}) as {{ type }})
{%- endmacro %}
{% macro duckdb__rounded_as(type, value, digits, most) -%}
    coalesce(
        cast(round(try_cast(cast({{ value }} as text) as decimal(18, 10)), {{ digits }}) as {{ type }}),
        {{ default__rounded_as(type, value, digits, most) }}
    )
{%- endmacro %}

{#- An amount in the store's currency: as it is at a rate of 1, else converted and rounded to cents. The amount is made to fit
    before, so that its product with a rate (at most 1e10, see base_exchange_rates) is one that both engines hold.
    Example: {{ converted('price', 'orders.exchange_rate') }} -#}
{% macro converted(amount, rate) -%}
    case when {{ rate }} = 1 then {{ fit_money(amount) }} else {{ money(fit_money(amount) ~ ' * ' ~ rate) }} end
{%- endmacro %}

{#- Money in whole steps of about a twentieth of its size, so that an estimate that moves a little stays what it was said to be; null
    stays null. Example: {{ in_steps('predicted_ltv') }} -> 250 for 243.17 -#}
{% macro in_steps(value) -%}
    case
        {%- for below, step in {100: 5, 1000: 50, 10000: 500}.items() %}
        when {{ value }} < {{ below }} then cast(floor(({{ value }} + {{ step / 2 }}) / {{ step }}) * {{ step }} as bigint)
        {%- endfor %}
        when {{ value }} is not null then cast(floor(({{ value }} + 2500) / 5000) * 5000 as bigint)
    end
{%- endmacro %}

{#- Seconds as whole milliseconds: sums of doubles depend on the order of the rows. Example: {{ milliseconds('duration_seconds') }} -#}
{% macro milliseconds(seconds) -%}cast(round(cast({{ seconds }} * 1000 as numeric(18, 3)), 0) as bigint){%- endmacro %}
