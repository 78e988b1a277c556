{%- set standing = 'case when stands_out and square_of_month >= 0 then ' -%}
{%- set middle = 'sum(excess) over months_before - max(excess) over months_before - min(excess) over months_before' -%}
{%- set ordinary = 'sum(case when not stands_out then ' -%}
{%- set besides = ratio(ordinary ~ 'observed end) over weeks_before', ordinary ~ 'exposure end) over weeks_before') -%}

with places as (

    select
        *,
        extract(isodow from activity_date) as day_of_week,
        -- the last of a month is the last, however long it is
        case when extract(day from activity_date + 1) = 1 then 31 else extract(day from activity_date) end as month_place,
        {{ ratio('observed', 'exposure') }} as rate
    from {{ ref('int_drift_series') }}

),

-- what the same weekdays of the eight weeks before make expect, and how much less sure that is than if they were many
weeks as (

    select
        *,
        {{ ratio('exposure', 'sum(exposure) over weeks_before') }} as weight,
        case
            when exposure = 0 then 0
            when sum(case when exposure > 0 then 1 else 0 end) over weeks_before >= 4
                then {{ ratio('exposure * sum(observed) over weeks_before', 'sum(exposure) over weeks_before') }}
        end as expected_of_week,
        array_agg(rate) over weeks_before as rates_before
    from places
    window weeks_before as (
        partition by store_id, segment_id, metric, day_of_week order by activity_date rows between 8 preceding and 1 preceding
    )

),

-- a day of the month that stands out is in at most a few of them, and the middle one knows nothing of it
medians as (

    {{ computed_once() }}
    select
        *,
        case when expected_of_week is not null then {{ median_of('rates_before') }} end as usual_rate
    from weeks

),

usual as (

    {{ computed_once() }}
    select
        *,
        rate - usual_rate as excess,
        cast(abs({{ surprise_of('observed', 'exposure * usual_rate', 'exposure') }}) as numeric(30, 6)) as distance
    from medians

),

-- how much more the same day of up to six months before brought, without the most and the least of them
effects as (

    select
        *,
        count(excess) over months_before - 2 as months_known,
        {{ ratio(middle, 'greatest(count(excess) over months_before - 2, 0)') }} as effect,
        avg(distance) over (
            partition by store_id, segment_id, metric order by activity_date rows between 183 preceding and 1 preceding
        ) as usual_distance
    from usual
    window months_before as (
        partition by store_id, segment_id, metric, month_place order by activity_date rows between 6 preceding and 1 preceding
    )

),

standing as (

    select
        *,
        coalesce(
            abs({{ surprise_of('exposure * greatest(usual_rate + effect, 0)', 'exposure * usual_rate', 'exposure') }})
            > 2 * greatest(usual_distance, case when kind = 'money' then 0 else 1 end),
            false
        ) as stands_out
    from effects

),

-- what such days bring besides the same weekdays that are none
months as (

    select
        *,
        case
            when exposure = 0 then 0
            when usual_rate is not null and effect is not null
                then least(
                    exposure * greatest(coalesce({{ besides }}, usual_rate) + case when stands_out then effect else 0 end, 0),
                    case when kind = 'part' then exposure end
                )
        end as expected_of_month
    from standing
    window weeks_before as (
        partition by store_id, segment_id, metric, day_of_week order by activity_date rows between 8 preceding and 1 preceding
    )

),

squares as (

    {{ computed_once() }}
    select
        *,
        cast(power({{ surprise_of('observed', 'expected_of_week', 'exposure') }}, 2) as numeric(30, 6)) as square_of_week,
        cast(power({{ surprise_of('observed', 'expected_of_month', 'exposure') }}, 2) as numeric(30, 6)) as square_of_month
    from months

),

-- whether days of the month explain the half year before what is tested better: three or more that stand out, and all its days
judged as (

    select
        *,
        coalesce(
            sum({{ standing }}1 end) over half_year >= 3
            and sum({{ standing }}square_of_month end) over half_year <= 0.25 * sum({{ standing }}square_of_week end) over half_year
            and sum(square_of_month) over half_year <= 0.75 * sum(case when square_of_month >= 0 then square_of_week end) over half_year,
            false
        ) and expected_of_month is not null as is_of_month
    from squares
    window half_year as (partition by store_id, segment_id, metric order by activity_date rows between 189 preceding and 7 preceding)

)

select
    store_id,
    segment_id,
    metric,
    kind,
    activity_date,
    cast(month_place as integer) as month_place,
    observed,
    exposure,
    cast(case when kind = 'money' then exposure else observed end as bigint) as occurrences,
    is_of_month,
    case when is_of_month then {{ round_to('expected_of_month', 9) }} else expected_of_week end as expected,
    {{ round_to('expected_of_month', 9) }} as expected_of_month,
    case when is_of_month and stands_out then greatest(weight, {{ ratio('1', 'months_known') }}) else weight end as weight
from judged
