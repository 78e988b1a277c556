{%- set spans = tested_spans() -%}

with days as (

    select
        *,
        cast(case when kind = 'money' then exposure else observed end as bigint) as occurrences,
        extract(isodow from activity_date) as day_of_week
    from {{ ref('int_drift_series') }}

),

-- what the same weekdays of the eight weeks before make expect, and how much less sure that is than if they were many
expected as (

    select
        *,
        {{ ratio('exposure', 'sum(exposure) over weeks_before') }} as weight,
        case
            when exposure = 0 then 0
            when sum(case when exposure > 0 then 1 else 0 end) over weeks_before >= 4
                then {{ ratio('exposure * sum(observed) over weeks_before', 'sum(exposure) over weeks_before') }}
        end as expected
    from days
    window weeks_before as (
        partition by store_id, segment_id, metric, day_of_week order by activity_date rows between 8 preceding and 1 preceding
    )

),

spans as (

    select
        {%- for days in spans %}
            {%- set last_days %}over (
                partition by store_id, segment_id, metric order by activity_date rows between {{ days - 1 }} preceding and current row
            ){% endset %}
            cast(sum(observed) {{ last_days }} as double precision) as observed_{{ days }},
            sum(exposure) {{ last_days }} as exposure_{{ days }},
            case when count(expected) {{ last_days }} = {{ days }} then sum(expected) {{ last_days }} end as expected_{{ days }},
            sqrt(1 + coalesce({{ ratio('sum(expected * weight) ' ~ last_days, 'sum(expected) ' ~ last_days) }}, 0)) as widening_{{ days }},
        {%- endfor %}
        store_id,
        segment_id,
        metric,
        kind,
        activity_date,
        occurrences
    from expected

)

select
    {%- for days in spans %}
        observed_{{ days }},
        exposure_{{ days }},
        {{ round_to('expected_' ~ days, 9) }} as expected_{{ days }},
        {{ round_to('widening_' ~ days, 9) }} as widening_{{ days }},
        {%- set surprise = surprise_of('observed_' ~ days, 'expected_' ~ days, 'exposure_' ~ days) %}
        {{ round_to(surprise ~ ' / widening_' ~ days, 9) }} as surprise_{{ days }},
    {%- endfor %}
    store_id,
    segment_id,
    metric,
    kind,
    activity_date,
    occurrences
from spans
