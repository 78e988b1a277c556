-- If this fails, a cohort would be empty, doubled or silently left out: each row names a definition and what is wrong with it.
{%- set written_as_date = '[0-9]{4}-[0-9]{2}-[0-9]{2}' %}

with definitions as (

    select
        *,
        'cohort_definitions' as seed
    from {{ ref('cohort_definitions') }}
    union all
    select
        *,
        'custom_cohort_definitions' as seed
    from {{ ref('custom_cohort_definitions') }}

),

definition_texts as (

    select
        *,
        {{ clean_text('lookback_days') }} as days_text
    from definitions

),

checked as (

    select
        seed,
        cohort_id,
        cohort_type,
        cohort_period,
        start_date,
        end_date,
        lookback_days,
        status,
        name,
        count(*) over (partition by seed, cohort_id) as copies,
        case when {{ matches('start_date', written_as_date) }} then {{ try_timestamp('start_date') }} end as first_day,
        case when {{ matches('end_date', written_as_date) }} then {{ try_timestamp('end_date') }} end as last_day,
        {{ try_integer('days_text') }} as days
    from definition_texts

),

judged as (

    select
        seed,
        cohort_id,
        case
            when cohort_id is null then 'the cohort_id is missing'
            when position(':' in cohort_id) > 0 then 'the cohort_id holds a colon'
            when copies > 1 then 'the cohort_id is there more than once'
            when name is null then 'the name is missing'
            when coalesce(cohort_type, '') not in ('acquisition', 'behavioral', 'lifecycle', 'value', 'engagement')
                then 'the cohort_type is none of acquisition, behavioral, lifecycle, value, engagement'
            when coalesce(cohort_period, '') not in ('day', 'week', 'month', 'quarter')
                then 'the cohort_period is none of day, week, month, quarter'
            when coalesce(status, '') not in ('active', 'inactive') then 'the status is neither active nor inactive'
            when start_date is not null and first_day is null then 'the start_date is no date such as 2024-10-01'
            when end_date is not null and last_day is null then 'the end_date is no date such as 2024-12-31'
            when cohort_type <> 'acquisition' and (start_date is not null or end_date is not null)
                then 'only acquisition has dates'
            when (start_date is null) <> (end_date is null) then 'one of start_date and end_date is missing'
            when first_day > last_day then 'the start_date is after the end_date'
            when lookback_days is not null and coalesce(days, 0) < 1 then 'the lookback_days are no whole number from 1'
        end as reason
    from checked

)

select
    seed,
    cohort_id,
    reason
from judged
where reason is not null
