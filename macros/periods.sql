{#- Calendar periods: days, weeks from Monday to Sunday, months and quarters. In each, period is an SQL expression of
    'day', 'week', 'month' or 'quarter', because one model counts in several. -#}

{#- The first day of the period that a date lies in. Example: {{ period_start('order_date', 'cohort_period') }} -#}
{% macro period_start(date, period) -%}
    cast(date_trunc({{ period }}, cast({{ date }} as timestamp)) as date)
{%- endmacro %}

{#- The number of the period that a date lies in: differences of two count the periods between them.
    Example: {{ period_index('activity_date', 'cohort_period') }} -#}
{% macro period_index(date, period) -%}
    cast(case {{ period }}
        when 'day' then {{ days_between("cast('1970-01-05' as date)", date) }}
        when 'week' then floor({{ days_between("cast('1970-01-05' as date)", date) }} / 7.0)
        when 'month' then extract(year from {{ date }}) * 12 + extract(month from {{ date }})
        when 'quarter' then extract(year from {{ date }}) * 4 + extract(quarter from {{ date }})
    end as bigint)
{%- endmacro %}

{#- The first day of a period that lies a number of periods after the one with this first day.
    Example: {{ later_period('period_start', 'cohort_period', 'period_number + 1') }} -#}
{% macro later_period(first_day, period, count) -%}
    cast({{ first_day }} + ({{ count }}) * case {{ period }}
        when 'day' then interval '1 day'
        when 'week' then interval '7 days'
        when 'month' then interval '1 month'
        when 'quarter' then interval '3 months'
    end as date)
{%- endmacro %}
