{{ config(materialized='view') }}

select
    cast(made.store_id as text) as store_id,
    cast(coalesce(persons.customer_id, made.customer_id) as text) as customer_id,
    cast(made.customer_id as text) as customer_id_then,
    cast(made.prediction_type as text) as prediction_type,
    cast(made.as_of as timestamp) as predicted_at,
    cast(made.predicted_value as double precision) as predicted_value,
    cast(made.model_version as text) as model_version,
    cast(made.horizon_days as bigint) as horizon_days
from {{ ref('predictions_made') }} as made
left join {{ ref('int_person_ids') }} as persons on made.store_id = persons.store_id and made.customer_id = persons.earlier_id
where made.as_of <= {{ as_of() }}
