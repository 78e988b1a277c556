{%- set first_date = "cast(cast('" ~ var('earliest_date') ~ "' as timestamp) as date)" %}
{%- set last_date = 'cast(' ~ shift_time(as_of(), 1, 'year') ~ ' as date)' %}

with numbers as (

    select {{ series_to_rows(0, days_between(first_date, last_date)) }} as day_number

),

days as (

    select {{ first_date }} + cast(day_number as integer) as calendar_date
    from numbers

)

select
    calendar_date,
    {{ period_start('calendar_date', "'week'") }} as week_start,
    {{ period_start('calendar_date', "'month'") }} as month_start,
    {{ period_start('calendar_date', "'quarter'") }} as quarter_start,
    cast({{ weekday('calendar_date') }} as bigint) as weekday_number,
    {{ weekday('calendar_date') }} >= 5 as is_weekend,
    calendar_date < cast({{ as_of() }} as date) as is_past
from days
