{#- Aggregate over the counts of a group's categories: their entropy in nats, 0 where all is in one; null without any.
    Summed as numerics, so that the order of rows changes nothing. counts: column with the number (1 and up) of a category.
    Example: {{ ratio(entropy('items'), 'ln(12)') }} -#}
{% macro entropy(counts) -%}
    (
        ln(cast(sum({{ counts }}) as double precision))
        - cast(sum(cast({{ counts }} * ln(cast({{ counts }} as double precision)) as numeric(28, 10))) as double precision)
        / cast(sum({{ counts }}) as double precision)
    )
{%- endmacro %}

{#- Aggregate over a person's twelve calendar months: 1 - entropy / ln 12, so 0 is an even year and 1 a single month; null
    under three. counts: column with the number of a month. Example: {{ seasonality('orders') }} -#}
{% macro seasonality(counts) -%}
    case
        when sum({{ counts }}) >= 3 then 1 - {{ entropy(counts) }} / ln(cast(12 as double precision))
    end
{%- endmacro %}

{#- The chance that a standard normal variable is z or more, for z from 0 on: within 0.3% of it (Borjesson and Sundberg 1979, which needs
    no function that an engine may lack). Further than 30 counts as 30: Postgres refuses to say how little is beyond.
    Example: {{ normal_tail('abs(z)') }} -#}
{% macro normal_tail(z) -%}
    (
        exp(-power(least({{ z }}, 30), 2) / 2)
        / (sqrt(2 * pi()) * (0.661 * least({{ z }}, 30) + 0.339 * sqrt(power(least({{ z }}, 30), 2) + 5.51)))
    )
{%- endmacro %}

{#- A value of Student's t as the standard normal one that is as rare (Wallace 1959, to three places).
    Example: {{ t_as_normal('t', 12) }} -#}
{% macro t_as_normal(t, degrees) -%}
    (sign({{ t }}) * sqrt({{ degrees }} * ln(1 + power({{ t }}, 2) / cast({{ degrees }} as double precision)))
    * (8 * {{ degrees }} + 1) / cast(8 * {{ degrees }} + 3 as double precision))
{%- endmacro %}

{#- A value of chi-square as the standard normal one that is as rare (Wilson and Hilferty 1931): to a
    fortieth, and where it is rarer than one in ten thousand it counts as less rare than it is.
    Example: {{ chi_square_as_normal('chi_square', 'bins - 1') }} -#}
{% macro chi_square_as_normal(chi_square, degrees) -%}
    (
        (power(cast({{ chi_square }} as double precision) / ({{ degrees }}), 1.0 / 3) - 1 + 2 / (9.0 * ({{ degrees }})))
        / sqrt(2 / (9.0 * ({{ degrees }})))
    )
{%- endmacro %}

{#- A term of a log-likelihood ratio of counts (Dunning 1993): n * ln(n / expected), 0 of nobody. counted, expected: doubles.
    Example: 2 * ({{ likelihood_term('members', 'expected_members') }} + ...) -#}
{% macro likelihood_term(counted, expected) -%}
    case when {{ counted }} > 0 then {{ counted }} * ln({{ ratio(counted, expected) }}) else 0 end
{%- endmacro %}
