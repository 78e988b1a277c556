{#- Aggregate over a person's twelve calendar months: 1 - entropy / ln 12, so 0 is an even year and 1 a single month; null
    under three. counts: column with the number of a month. Summed as numerics, so that the order of rows changes nothing.
    Example: {{ seasonality('orders') }} -#}
{% macro seasonality(counts) -%}
    case
        when sum({{ counts }}) >= 3
            then 1 - (
                ln(cast(sum({{ counts }}) as double precision))
                - cast(sum(cast({{ counts }} * ln(cast({{ counts }} as double precision)) as numeric(28, 10))) as double precision)
                / cast(sum({{ counts }}) as double precision)
            ) / ln(cast(12 as double precision))
    end
{%- endmacro %}
