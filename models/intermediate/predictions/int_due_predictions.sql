{{ config(materialized='view') }}

with made_at as (

    select distinct
        store_id,
        as_of
    from {{ ref('predictions_made') }}

),

-- few times, each converted once and not for every prediction
nights as (

    select
        made_at.store_id,
        made_at.as_of,
        cast({{ local_time('made_at.as_of', 'stores.timezone') }} as date) as made_date,
        {{ as_of_date('stores.timezone') }} as today
    from made_at
    inner join {{ ref('stg_stores') }} as stores on made_at.store_id = stores.store_id

)

-- predictions whose horizon is over; as_of's own day has only begun
select
    made.store_id,
    made.customer_id,
    made.prediction_type,
    made.as_of,
    made.horizon_days,
    made.predicted_value,
    made.model_version,
    nights.made_date,
    coalesce(persons.customer_id, made.customer_id) as person_id
from {{ ref('predictions_made') }} as made
inner join nights
    on
        made.store_id = nights.store_id
        and made.as_of = nights.as_of
        and nights.today - nights.made_date > made.horizon_days
left join {{ ref('int_person_ids') }} as persons
    on made.store_id = persons.store_id and made.customer_id = persons.earlier_id
