with last_fits as (

    select
        store_id,
        max(as_of) as as_of
    from {{ ref('ltv_models') }}
    where as_of <= {{ as_of() }}
    group by store_id

),

chosen as (

    select models.*
    from {{ ref('ltv_models') }} as models
    inner join last_fits on models.store_id = last_fits.store_id and models.as_of = last_fits.as_of
    where models.is_chosen

),

targets as (

    select unnest({{ text_list(['orders', 'spend', 'churn', 'value', 'first_order', 'upgrade', 'season']) }}) as target

)

select
    cast(stores.store_id as text) as store_id,
    cast(targets.target as text) as target,
    cast(chosen.model as text) as model_name,
    cast(coalesce(chosen.source, 'ratio') as text) as parameter_source,
    cast(coalesce(chosen.reason, 'Nobody to learn from.') as text) as reason,
    cast(coalesce(chosen.customers, 0) as bigint) as customers,
    cast(coalesce(chosen.repeat_buyers, 0) as bigint) as repeat_buyers,
    cast(coalesce(chosen.holdout_customers, 0) as bigint) as holdout_customers,
    cast(chosen.as_of as timestamp) as fitted_at
from {{ ref('stg_stores') }} as stores
cross join targets
left join chosen on stores.store_id = chosen.store_id and targets.target = chosen.target
