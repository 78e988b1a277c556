{{ config(materialized='view') }}

with ranked as (

    select
        store_id,
        customer_id,
        identifier,
        row_number() over (
            partition by store_id, customer_id
            order by first_at nulls last, {{ byte_order('identifier') }}
        ) as age_rank
    from {{ ref('customer_identities') }}

)

select
    store_id,
    customer_id,
    identifier as earliest_id
from ranked
where age_rank = 1
