{{ config(materialized='view') }}

select
    {{ as_of() }} as as_of,
    cast({{ var('lookalike_min_members') }} as bigint) as min_members,
    cast({{ var('fit_sample') }} as bigint) as fit_sample
