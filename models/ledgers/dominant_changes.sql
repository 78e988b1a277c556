{{ config(post_hook="{{ ensure_index(['store_id', 'kind', 'dimension', 'customer_id']) }}") }}

{%- set key = ['store_id', 'kind', 'dimension', 'customer_id'] %}

with previous_dominants as (

    {{ previous_state(is_incremental(), this, key, {'group_id': 'text'}) | indent(4) }}

),

current_dominants as (

    select
        store_id,
        'axis' as kind,
        axis_name as dimension,
        customer_id,
        segment_id as group_id,
        membership as score
    from {{ ref('int_axis_dominants') }}
    union all
    select
        store_id,
        'archetype' as kind,
        'archetype' as dimension,
        customer_id,
        archetype_id as group_id,
        membership as score
    from {{ ref('archetype_memberships') }}
    union all
    select
        store_id,
        'cluster' as kind,
        'behavior_clusters' as dimension,
        customer_id,
        dominant_segment_ids[1] as group_id,
        dominant_memberships[1] as score
    from {{ ref('behavior_clusters') }}

),

in_use as (

    select
        store_id,
        segment_id as group_id
    from {{ ref('int_axis_segments') }}
    where is_current
    union all
    select
        store_id,
        archetype_id as group_id
    from {{ ref('int_archetypes') }}
    union all
    select
        store_id,
        segment_id as group_id
    from {{ ref('int_cluster_segments') }}
    where is_current

),

moved as (

    select
        current_dominants.group_id,
        current_dominants.score,
        previous_dominants.group_id as earlier_group_id,
        coalesce(current_dominants.store_id, previous_dominants.store_id) as store_id,
        coalesce(current_dominants.kind, previous_dominants.kind) as kind,
        coalesce(current_dominants.dimension, previous_dominants.dimension) as dimension,
        coalesce(current_dominants.customer_id, previous_dominants.customer_id) as customer_id
    from current_dominants
    full outer join previous_dominants
        on
            current_dominants.store_id = previous_dominants.store_id
            and current_dominants.kind = previous_dominants.kind
            and current_dominants.dimension = previous_dominants.dimension
            and current_dominants.customer_id = previous_dominants.customer_id
    where current_dominants.group_id is distinct from previous_dominants.group_id

)

select
    moved.store_id,
    moved.kind,
    moved.dimension,
    moved.customer_id,
    moved.group_id,
    moved.earlier_group_id,
    moved.score,
    case
        when moved.earlier_group_id is null then null
        when persons.customer_id is null then 'gone'
        when persons.customer_id <> moved.customer_id then 'merged'
        when in_use.group_id is null then 'inactive'
        else 'criteria'
    end as left_reason,
    {{ as_of() }} as as_of
from moved
left join {{ ref('int_person_ids') }} as persons
    on moved.store_id = persons.store_id and moved.customer_id = persons.earlier_id
left join in_use on moved.store_id = in_use.store_id and moved.earlier_group_id = in_use.group_id
