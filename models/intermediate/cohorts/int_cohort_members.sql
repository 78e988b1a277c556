with definitions as (

    select * from {{ ref('int_cohort_definitions') }}
    where is_active and cohort_type = 'acquisition'

),

acquired as (

    select
        acquisitions.store_id,
        acquisitions.customer_id,
        acquisitions.acquired_at as joined_at,
        acquisitions.acquisition_date as joined_date,
        definitions.cohort_id,
        case
            when definitions.is_periodic then {{ period_start('acquisitions.acquisition_date', 'definitions.cohort_period') }}
        end as period_start
    from {{ ref('int_acquisitions') }} as acquisitions
    inner join definitions
        on
            definitions.is_periodic
            or acquisitions.acquisition_date between definitions.start_date and definitions.end_date

),

acquired_members as (

    select
        store_id,
        cohort_id,
        customer_id,
        joined_at,
        joined_date,
        period_start,
        cast(null as timestamp) as left_at,
        cohort_id || coalesce(':' || cast(period_start as text), '') as cohort_key
    from acquired

),

members as (

    -- every way to become a member, united by these columns
    select
        store_id,
        cohort_key,
        cohort_id,
        customer_id,
        joined_at,
        left_at,
        joined_date,
        period_start
    from acquired_members

)

select * from members
