-- The spells that last are those of the segments, clusters and archetypes that are dominant tonight: one per person and axis.
-- If it fails, history and today contradict each other.
with tonight as (

    select
        store_id,
        customer_id,
        segment_id as group_id
    from {{ ref('int_axis_dominants') }}
    union all
    select
        store_id,
        customer_id,
        archetype_id as group_id
    from {{ ref('archetype_memberships') }}
    union all
    select
        store_id,
        customer_id,
        dominant_segment_ids[1] as group_id
    from {{ ref('behavior_clusters') }}

),

open_spells as (

    select
        store_id,
        customer_id,
        group_id
    from {{ ref('int_membership_spells') }}
    where kind in ('axis', 'archetype', 'cluster') and left_at is null

)

select
    coalesce(tonight.store_id, open_spells.store_id) as store_id,
    coalesce(tonight.customer_id, open_spells.customer_id) as customer_id,
    coalesce(tonight.group_id, open_spells.group_id) as group_id
from tonight
full outer join open_spells
    on
        tonight.store_id = open_spells.store_id
        and tonight.customer_id = open_spells.customer_id
        and tonight.group_id = open_spells.group_id
where tonight.customer_id is null or open_spells.customer_id is null
