{{ config(materialized='view') }}

with names as (

    select
        store_id,
        source_customer_id,
        created_at,
        external_ids,
        {{ json_names('external_ids') }} as id_name
    from {{ ref('stg_customers') }}
    where external_ids is not null

),

named as (

    select
        store_id,
        source_customer_id,
        created_at,
        id_name,
        {{ clean_text('(external_ids ->> id_name)') }} as id_value
    from names

)

select
    store_id,
    source_customer_id,
    created_at,
    id_name,
    {{ known_id('external', 'id_value') }} as id_value
from named
where {{ known_id('external', 'id_value') }} is not null
