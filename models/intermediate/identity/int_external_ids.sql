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

given as (

    select
        store_id,
        source_customer_id,
        created_at,
        id_name,
        {{ json_of('external_ids', 'id_name') }} as id_json
    from names

),

texts as (

    select
        store_id,
        source_customer_id,
        created_at,
        id_name,
        {{ text_of_json('id_json') }} as id_text
    from given

),

named as (

    -- as long as other ids at the most: identifiers are in indexes
    select
        store_id,
        source_customer_id,
        created_at,
        id_name,
        {{ clean_text('id_text') }} as id_value
    from texts
    where {{ byte_length('id_name') }} + {{ byte_length('id_text') }} <= 800

)

select
    store_id,
    source_customer_id,
    created_at,
    id_name,
    {{ known_id('external', 'id_value') }} as id_value
from named
where {{ known_id('external', 'id_value') }} is not null
