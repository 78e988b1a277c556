{{ config(post_hook="{{ ensure_index(['store_id', 'kind', 'dimension', 'customer_id']) }}") }}

{%- set key = ['store_id', 'kind', 'dimension', 'customer_id'] %}

with earlier as (

    {{ previous_state(is_incremental(), this, key, {'group_id': 'text'}) | indent(4) }}

),

tonight as (

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
        tonight.group_id,
        tonight.score,
        earlier.group_id as earlier_group_id,
        coalesce(tonight.store_id, earlier.store_id) as store_id,
        coalesce(tonight.kind, earlier.kind) as kind,
        coalesce(tonight.dimension, earlier.dimension) as dimension,
        coalesce(tonight.customer_id, earlier.customer_id) as customer_id
    from tonight
    full outer join earlier
        on
            tonight.store_id = earlier.store_id
            and tonight.kind = earlier.kind
            and tonight.dimension = earlier.dimension
            and tonight.customer_id = earlier.customer_id
    where tonight.group_id is distinct from earlier.group_id

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
