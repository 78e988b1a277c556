{{ config(materialized='view') }}

select
    store_id,
    {{ id_of_identifier('identifier') }} as earlier_id,
    customer_id
from {{ ref('customer_identities') }}
where identifier_type in ('customer', 'email', 'phone', 'anon')
