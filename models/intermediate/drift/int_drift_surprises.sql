{%- set spans = tested_spans() -%}

with spans as (

    select
        {%- for days in spans %}
            {%- set last_days %}over (
                partition by store_id, segment_id, metric order by activity_date rows between {{ days - 1 }} preceding and current row
            ){% endset %}
            cast(sum(observed) {{ last_days }} as double precision) as observed_{{ days }},
            sum(exposure) {{ last_days }} as exposure_{{ days }},
            case when count(expected) {{ last_days }} = {{ days }} then sum(expected) {{ last_days }} end as expected_{{ days }},
            case
                when count(expected_of_month) {{ last_days }} = {{ days }} then sum(expected_of_month) {{ last_days }}
            end as expected_of_month_{{ days }},
            sqrt(1 + coalesce({{ ratio('sum(expected * weight) ' ~ last_days, 'sum(expected) ' ~ last_days) }}, 0)) as widening_{{ days }},
        {%- endfor %}
        store_id,
        segment_id,
        metric,
        kind,
        activity_date,
        month_place,
        is_of_month,
        occurrences
    from {{ ref('int_drift_months') }}

)

select
    {%- for days in spans %}
        observed_{{ days }},
        exposure_{{ days }},
        {{ round_to('expected_' ~ days, 9) }} as expected_{{ days }},
        {{ round_to('expected_of_month_' ~ days, 9) }} as expected_of_month_{{ days }},
        {{ round_to('widening_' ~ days, 9) }} as widening_{{ days }},
        {%- set surprise = surprise_of('observed_' ~ days, 'expected_' ~ days, 'exposure_' ~ days) %}
        {{ round_to(surprise ~ ' / widening_' ~ days, 9) }} as surprise_{{ days }},
        {%- set surprise_of_month = surprise_of('observed_' ~ days, 'expected_of_month_' ~ days, 'exposure_' ~ days) %}
        {{ round_to(surprise_of_month ~ ' / widening_' ~ days, 9) }} as surprise_of_month_{{ days }},
    {%- endfor %}
    store_id,
    segment_id,
    metric,
    kind,
    activity_date,
    month_place,
    is_of_month,
    occurrences
from spans
