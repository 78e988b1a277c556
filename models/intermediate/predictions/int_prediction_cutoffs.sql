{{ config(materialized='view') }}

with stores as (

    select
        store_id,
        {{ as_of_date('timezone') }} as today
    from {{ ref('stg_stores') }}

)

select
    store_id,
    'now' as cutoff,
    today as cutoff_date,
    cast(null as date) as outcome_until
from stores
union all
select
    store_id,
    'holdout' as cutoff,
    today - {{ var('holdout_days') }} as cutoff_date,
    today as outcome_until
from stores
