{{ config(materialized='view') }}

select
    {{ as_of() }} as as_of,
    cast({{ var('holdout_days') }} as bigint) as holdout_days,
    cast({{ var('churn_window_days') }} as bigint) as churn_window_days,
    cast({{ var('next_purchase_days') }} as bigint) as next_purchase_days,
    cast({{ var('discount_rate_annual') }} as double precision) as discount_rate_annual,
    cast({{ var('min_repeat_buyers') }} as bigint) as min_repeat_buyers,
    cast({{ var('fit_sample') }} as bigint) as fit_sample,
    cast({{ var('refit_days') }} as bigint) as refit_days,
    cast({{ var('refit') }} as boolean) as is_refit_forced,
    cast({{ var('pool_stores') }} as boolean) as pool_stores,
    cast({{ var('fit_seed') }} as bigint) as seed
