{{ config(materialized='view') }}

select
    {{ as_of() }} as as_of,
    cast({{ var('holdout_days') }} as bigint) as holdout_days,
    cast({{ var('refit_days') }} as bigint) as refit_days,
    cast({{ var('refit') }} as boolean) as is_refit_forced,
    cast({{ var('recommendations_per_customer') }} as bigint) as per_customer,
    cast({{ var('recommend_within_segments') }} as boolean) as within_segments,
    cast({{ var('ease_products') }} as bigint) as ease_products
