{{ config(materialized='view') }}

select
    cast(store_id as text) as store_id,
    cast(group_id as text) as segment_id,
    cast(customer_id as text) as customer_id,
    cast(as_of as timestamp) as as_of,
    cast(reason as text) as reason,
    cast(moved_fields as text) as moved_fields,
    cast(moved_rules as text) as moved_rules,
    cast(source as text) as source,
    case when is_member then 'entered' else 'left' end as movement
from {{ ref('membership_changes') }}
-- a change of score or source is no movement, and nor is it that someone whose time ran out may join again
where kind = 'segment' and reason <> 'changed' and not is_reset
