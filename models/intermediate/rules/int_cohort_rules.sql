{{ config(materialized='view') }}

with cohort_rules as (

    select
        'cohort_rules' as source_seed,
        given.*
    from {{ ref('cohort_rules') }} as given
    union all
    select
        'custom_cohort_rules' as source_seed,
        custom.*
    from {{ ref('custom_cohort_rules') }} as custom

)

select
    rules.source_seed,
    rules.cohort_id,
    rules.criterion,
    rules.rule_id,
    rules.rule_group,
    rules.field,
    rules.operator,
    rules.value,
    rules.event_type,
    rules.min_count,
    rules.properties,
    -- what somebody did counts in the days that the rule says, else in those that its cohort says
    case
        when rules.operator in ('did', 'did_not') then coalesce(rules.lookback_days, cast(cohorts.lookback_days as text))
        else rules.lookback_days
    end as lookback_days
from cohort_rules as rules
left join {{ ref('int_cohort_definitions') }} as cohorts on rules.cohort_id = cohorts.cohort_id
-- those of a cohort that is left out are left out with it
where
    rules.cohort_id is null
    or rules.cohort_id not in (
        select errors.cohort_id from {{ ref('int_cohort_errors') }} as errors
        where errors.cohort_id is not null
    )
