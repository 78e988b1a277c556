{{ config(materialized='view') }}

select
    cast(store_id as text) as store_id,
    cast(as_of as timestamp) as as_of,
    cast(target as text) as target,
    cast(model as text) as model_name,
    is_chosen,
    cast(source as text) as parameter_source,
    cast(parameters as {{ json_type() }}) as model_parameters,
    cast(standard_errors as {{ json_type() }}) as standard_errors,
    cast(log_likelihood as double precision) as log_likelihood,
    cast(customers as bigint) as customers,
    cast(repeat_buyers as bigint) as repeat_buyers,
    converged
from {{ ref('ltv_models') }}
where as_of <= {{ as_of() }} and parameters is not null
