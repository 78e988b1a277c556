{{ config(materialized='view') }}

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

rule_spells as (

    select
        spells.store_id,
        spells.group_id as cohort_id,
        spells.customer_id,
        min(spells.joined_at) as joined_at,
        -- who came back is a member since the first time
        case when count(spells.left_at) = count(*) then max(spells.left_at) end as left_at
    from {{ ref('int_membership_spells') }} as spells
    where spells.kind = 'cohort'
    group by spells.store_id, spells.group_id, spells.customer_id

),

members as (

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
    union all
    select
        spells.store_id,
        spells.cohort_id as cohort_key,
        spells.cohort_id,
        spells.customer_id,
        spells.joined_at,
        spells.left_at,
        cast({{ local_time('spells.joined_at', 'stores.timezone') }} as date) as joined_date,
        cast(null as date) as period_start
    from rule_spells as spells
    inner join {{ ref('stg_stores') }} as stores on spells.store_id = stores.store_id
    -- the rows of a definition that is no longer one are history, and no cohort
    inner join {{ ref('int_cohort_definitions') }} as cohorts on spells.cohort_id = cohorts.cohort_id

)

select * from members
