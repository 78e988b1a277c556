with cleaned as (

    select
        cohort_id,
        name,
        description,
        cohort_type,
        cohort_period,
        status,
        {{ clean_text('start_date') }} as start_date,
        {{ clean_text('end_date') }} as end_date,
        {{ clean_text('lookback_days') }} as lookback_days
    from {{ ref('int_cohorts') }}
    -- one that is wrong is left out; of one without an id nothing can be said
    where cohort_id not in (
        select errors.cohort_id from {{ ref('int_cohort_errors') }} as errors
        where errors.cohort_id is not null
    )

)

select
    cohort_id,
    name,
    description,
    cohort_type,
    cohort_period,
    cast({{ try_timestamp('start_date') }} as date) as start_date,
    cast({{ try_timestamp('end_date') }} as date) as end_date,
    {{ try_integer('lookback_days') }} as lookback_days,
    cohort_type = 'acquisition' and start_date is null as is_periodic,
    status = 'active' as is_active
from cleaned
