{%- set spans = tested_spans() -%}

-- how far off expectations were in the eight weeks before the span: by day, and by spans of as many days; where it is the day of the
-- month that tells, how far off that was, also on the same day of up to six months before, of which one may have been an accident
with spreads as (

    select
        {%- for days in spans %}
            {%- set before %}over (
                partition by store_id, segment_id, metric order by activity_date rows between {{ days + 55 }} preceding and {{ days }} preceding
            ){% endset %}
            observed_{{ days }},
            exposure_{{ days }},
            expected_{{ days }},
            surprise_{{ days }},
            sum(occurrences) {{ before }} as occurrences_before_{{ days }},
            {%- set of_places %}over (
                partition by store_id, segment_id, metric, month_place order by activity_date rows between 6 preceding and 1 preceding
            ){% endset %}
            {%- set square = 'power(surprise_of_month_' ~ days ~ ', 2)' %}
            case
                when is_of_month
                    then
                        greatest(
                            avg(power(surprise_of_month_1, 2)) {{ before }},
                            avg({{ square }}) {{ before }},
                            {{ ratio(
                                'sum(' ~ square ~ ') ' ~ of_places ~ ' - max(' ~ square ~ ') ' ~ of_places,
                                'count(' ~ square ~ ') ' ~ of_places ~ ' - 1'
                            ) }}
                        )
                when count(weekly_surprise_{{ days }}) {{ before }} >= 28
                    then
                        greatest(
                            avg(power(weekly_surprise_1, 2)) {{ before }}, avg(power(weekly_surprise_{{ days }}, 2)) {{ before }}
                        )
            end as dispersion_{{ days }},
        {%- endfor %}
        store_id,
        segment_id,
        metric,
        kind,
        activity_date,
        max(activity_date) over (partition by store_id) as last_date
    from {{ ref('int_drift_expectations') }}

),

tested as (

    {%- for days, degrees in spans.items() %}
        select
            store_id,
            segment_id,
            metric,
            kind,
            activity_date,
            {{ days }} as span_days,
            {{ degrees }} as degrees,
            observed_{{ days }} as observed,
            expected_{{ days }} as expected,
            exposure_{{ days }} as exposure,
            surprise_{{ days }} as surprise,
            dispersion_{{ days }} as dispersion
        from spreads
        where
            activity_date > last_date - 90
            -- of fewer than five a week nobody could say what is usual, and one order may be worth a hundred others
            and occurrences_before_{{ days }} >= 40
            and (kind <> 'money' or exposure_{{ days }} >= 20)
        {{ 'union all' if not loop.last }}
    {%- endfor %}

),

-- however even they have been, numbers vary by chance: as the number itself, parts of others less the larger they are; and orders by a
-- twentieth of their value
bounded as (

    select
        *,
        case kind
            when 'money' then 0.0025 * {{ ratio('expected', 'exposure') }}
            when 'part' then greatest(1 - {{ ratio('expected', 'exposure') }}, 0.05)
            else 1
        end as least_dispersion
    from tested
    where dispersion is not null and surprise is not null

),

scored as (

    select
        *,
        {{ ratio('surprise', 'sqrt(greatest(dispersion, least_dispersion))') }} as t_score
    from bounded

),

normal as (

    select
        *,
        case
            when kind = 'money' then {{ round_to(t_as_normal('t_score', 20), 6) }}
            else {{ round_to(t_as_normal('t_score', 'degrees'), 6) }}
        end as z_score
    from scored
    where t_score is not null

)

select
    store_id,
    segment_id,
    metric,
    activity_date,
    span_days,
    {{ round_to('observed', 6) }} as observed,
    {{ round_to('expected', 6) }} as expected,
    cast(exposure as bigint) as exposure,
    z_score,
    least(2 * {{ normal_tail('abs(z_score)') }}, 1) as p_value
from normal
