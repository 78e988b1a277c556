select
    cast(store_id as text) as store_id,
    cast(person_id as text) as customer_id,
    cast(customer_id as text) as customer_id_then,
    cast(prediction_type as text) as prediction_type,
    cast(as_of as timestamp) as predicted_at,
    cast(horizon_days as bigint) as horizon_days,
    cast(model_version as text) as model_version,
    cast(predicted_value as double precision) as predicted_value,
    cast(actual_value as double precision) as actual_value,
    {{ round_to('actual_value - predicted_value', 9) }} as prediction_error
from {{ ref('int_prediction_outcomes') }}
