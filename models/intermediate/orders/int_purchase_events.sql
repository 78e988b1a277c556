{{ config(materialized='view') }}

-- the orders that purchase events name; where there are none but such events, each stands in for one
select
    store_id,
    session_key,
    occurred_at,
    order_id,
    true as is_landed
from {{ ref('int_events_enriched') }}
where fate = 'accepted' and event_type = 'purchase' and order_id is not null
union all
select
    store_id,
    session_key,
    ordered_at as occurred_at,
    order_id,
    false as is_landed
from {{ ref('int_event_orders') }}
