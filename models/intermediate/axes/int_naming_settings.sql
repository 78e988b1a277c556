{{ config(materialized='view') }}

select
    {{ as_of() }} as as_of,
    cast({{ var('ai_naming') }} as boolean) as ai_naming,
    {{ sql_text(var('ai_naming_model')) }} as ai_naming_model,
    cast({{ var('ai_naming_timeout_seconds') }} as double precision) as ai_naming_timeout_seconds
