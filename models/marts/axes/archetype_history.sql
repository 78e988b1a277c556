{{ config(materialized='view') }}

select
    cast(store_id as text) as store_id,
    cast(customer_id as text) as customer_id,
    cast(group_id as text) as archetype_id,
    cast(joined_at as timestamp) as joined_at,
    cast(left_at as timestamp) as left_at,
    cast(left_reason as text) as left_reason,
    cast(score as double precision) as membership,
    left_at is null as is_current
from {{ ref('int_membership_spells') }}
where kind = 'archetype'
