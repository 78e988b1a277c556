{%- set spans = tested_spans() -%}
{#- What the year before made: days of a span, and how many days before it ended; where days of the month tell more than weekdays,
    it is the same day of the month. -#}
{%- set years = {'week': [7, 361], '1': [1, 364], '3': [3, 364], '7': [7, 364]} -%}
{%- set year_before = ", cast(activity_date - cast(activity_date - interval '1 year' as date) as integer)) over by_day" -%}

with said as (

    select
        surprises.*,
        -- how much of anything there is in the month, as the shop says
        case when surprises.kind = 'number' then coalesce(seasonality.seasonal_index, 1) else 1 end as said_index
    from {{ ref('int_drift_surprises') }} as surprises
    left join {{ ref('seasonality') }} as seasonality
        on surprises.store_id = seasonality.store_id and extract(month from surprises.activity_date) = seasonality.month

),

-- what the year before made of the same days, and of the week around them: none of it where chance would make as much, all of it where
-- chance could not
years as (

    select
        *,
        {%- for change, (days, lag) in years.items() %}
            {%- set before = {} %}
            {%- for number in ['observed', 'expected', 'surprise'] %}
                {%- set of_week = 'lag(' ~ number ~ '_' ~ days ~ ', ' ~ lag ~ ') over by_day' %}
                {%- set of_month = 'lag(' ~ number ~ ('_' if number == 'observed' else '_of_month_') ~ days ~ year_before %}
                {%- do before.update({number: 'case when is_of_month then ' ~ of_month ~ ' else ' ~ of_week ~ ' end'}) %}
            {%- endfor %}
            power(
                {{ ratio(before['observed'], before['expected']) }},
                greatest(1 - 4 * {{ ratio('1', 'power(' ~ before['surprise'] ~ ', 2)') }}, 0)
            ) as change_of_{{ change }},
        {%- endfor %}
        {{ ratio('said_index', 'avg(said_index) over weeks_before') }} as said_change
    from said
    window
        by_day as (partition by store_id, segment_id, metric order by activity_date),
        weeks_before as (by_day rows between 56 preceding and 1 preceding)

),

-- what is between the weeks before and the year before is expected
bounds as (

    select
        {%- for days in spans %}
            {%- set change = 'change_of_' ~ days %}
            expected_{{ days }} * least(1, coalesce(least({{ change }}, change_of_week), said_change)) as least_{{ days }},
            expected_{{ days }} * greatest(1, coalesce(greatest({{ change }}, change_of_week), said_change)) as most_{{ days }},
        {%- endfor %}
        *
    from years

),

-- and what is beyond both is held against the nearer
nearest as (

    select
        {%- for days in spans %}
            case
                when observed_{{ days }} < least_{{ days }} then least_{{ days }}
                when observed_{{ days }} <= most_{{ days }} then observed_{{ days }}
                when kind = 'part' and most_{{ days }} > exposure_{{ days }} then exposure_{{ days }}
                else most_{{ days }}
            end as nearest_{{ days }},
        {%- endfor %}
        *
    from bounds

)

select
    {%- for days in spans %}
        observed_{{ days }},
        exposure_{{ days }},
        {{ round_to('nearest_' ~ days, 9) }} as expected_{{ days }},
        {%- set surprise = surprise_of('observed_' ~ days, 'nearest_' ~ days, 'exposure_' ~ days) %}
        {{ round_to(surprise ~ ' / widening_' ~ days, 9) }} as surprise_{{ days }},
        surprise_{{ days }} as weekly_surprise_{{ days }},
        surprise_of_month_{{ days }},
    {%- endfor %}
    store_id,
    segment_id,
    metric,
    kind,
    activity_date,
    month_place,
    is_of_month,
    occurrences
from nearest
