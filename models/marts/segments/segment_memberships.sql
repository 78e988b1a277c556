{{ config(materialized='view') }}

select
    cast(store_id as text) as store_id,
    cast(group_id as text) as segment_id,
    cast(customer_id as text) as customer_id,
    cast(joined_at as timestamp) as joined_at,
    cast(left_at as timestamp) as left_at,
    cast(joined_reason as text) as joined_reason,
    cast(left_reason as text) as left_reason,
    cast(score as double precision) as score,
    cast(source as text) as source,
    cast(expires_at as timestamp) as expires_at,
    left_at is null as is_current
from {{ ref('int_membership_spells') }}
where kind in ('segment', 'axis', 'cluster')
