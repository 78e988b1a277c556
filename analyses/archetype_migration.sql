-- Who moved between archetypes from one night to another: vars from_night and to_night
with spells as (

    select
        customer_id,
        archetype_id,
        joined_at <= {{ sql_text(var('from_night', '2025-05-30')) }}
        and coalesce(left_at > {{ sql_text(var('from_night', '2025-05-30')) }}, true) as is_earlier,
        joined_at <= {{ sql_text(var('to_night', '2025-06-30')) }}
        and coalesce(left_at > {{ sql_text(var('to_night', '2025-06-30')) }}, true) as is_later
    from {{ ref('archetype_history') }}
    where store_id = {{ sql_text(var('store_id', 'store_1')) }}

),

people as (

    select
        customer_id,
        max(case when is_earlier then archetype_id end) as from_archetype_id,
        max(case when is_later then archetype_id end) as to_archetype_id
    from spells
    where is_earlier or is_later
    group by customer_id

)

select
    from_archetype_id,
    to_archetype_id,
    count(*) as customer_count
from people
group by from_archetype_id, to_archetype_id
order by customer_count desc, {{ byte_order('from_archetype_id') }}, {{ byte_order('to_archetype_id') }}
