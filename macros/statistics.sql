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
