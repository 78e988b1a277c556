{{ config(materialized='view') }}

select
    cast(interactions.store_id as text) as store_id,
    cast(interactions.interaction_id as text) as interaction_id,
    cast(interactions.event_id as text) as event_id,
    cast(interactions.order_id as text) as order_id,
    cast(identities.customer_id as text) as customer_id,
    cast(interactions.source_customer_id as text) as source_customer_id,
    cast(interactions.session_key as text) as session_key,
    cast(interactions.product_id as text) as product_id,
    cast(interactions.variant_id as text) as variant_id,
    cast(interactions.product_name as text) as product_name,
    cast(interactions.product_category as text) as product_category,
    cast(interactions.interaction_type as text) as interaction_type,
    cast(interactions.quantity as bigint) as quantity,
    cast(interactions.price as numeric(18, 2)) as price,
    cast(interactions.time_spent_seconds as double precision) as time_spent,
    cast(interactions.occurred_at as timestamp) as occurred_at
from {{ ref('int_product_interactions') }} as interactions
left join {{ ref('customer_identities') }} as identities on {{ same_person('interactions') }}
