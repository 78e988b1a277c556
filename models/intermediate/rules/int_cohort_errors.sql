{{ config(materialized='view') }}

{%- set written_as_date = '[0-9]{4}-[0-9]{2}-[0-9]{2}' %}

with owners_of_rules as (

    select
        cohort_id,
        criterion
    from {{ ref('cohort_rules') }}
    union
    select
        cohort_id,
        criterion
    from {{ ref('custom_cohort_rules') }}

),

owners as (

    select
        cohort_id,
        bool_or(coalesce(criterion, '') = 'entry') as has_entry
    from owners_of_rules
    group by cohort_id

),

definition_texts as (

    select
        definitions.*,
        case when definitions.is_custom then 'custom_cohort_definitions' else 'cohort_definitions' end as source_seed,
        {{ clean_text('definitions.lookback_days') }} as days_text,
        owners.cohort_id is not null as has_rules,
        coalesce(owners.has_entry, false) as has_entry,
        count(*) over (partition by definitions.cohort_id) as copies
    from {{ ref('int_cohorts') }} as definitions
    left join owners on definitions.cohort_id = owners.cohort_id

),

checked as (

    select
        *,
        case when {{ matches('start_date', written_as_date) }} then {{ try_timestamp('start_date') }} end as first_day,
        case when {{ matches('end_date', written_as_date) }} then {{ try_timestamp('end_date') }} end as last_day,
        {{ try_integer('days_text') }} as days
    from definition_texts

),

judged as (

    select
        source_seed,
        cohort_id,
        name,
        case
            when cohort_id is null then 'the cohort_id is missing'
            when position(':' in cohort_id) > 0 then 'the cohort_id holds a colon'
            when not {{ matches('cohort_id', '[a-z0-9][a-z0-9_-]{0,54}') }}
                then 'a cohort_id is at most 55 lower case letters, digits, - and _'
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
            when cohort_type = 'acquisition' and has_rules then 'a cohort by acquisition has no rules'
            when cohort_type <> 'acquisition' and status = 'active' and not has_entry then 'the cohort has no entry rules'
        end as reason
    from checked

)

select
    source_seed as seed,
    cohort_id,
    name,
    reason
from judged
where reason is not null
