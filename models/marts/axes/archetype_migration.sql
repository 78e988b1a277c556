{%- set tonight = as_of() %}

with nights as (

    -- the night that tonight is compared with: thirty days ago, or the first of all
    select
        store_id,
        greatest(min(joined_at), {{ shift_time(tonight, -30, 'days') }}) as compared_with
    from {{ ref('archetype_history') }}
    group by store_id

),

earlier as (

    select
        spells.store_id,
        spells.customer_id,
        spells.archetype_id
    from {{ ref('archetype_history') }} as spells
    inner join nights on spells.store_id = nights.store_id
    where spells.joined_at <= nights.compared_with and (spells.left_at is null or spells.left_at > nights.compared_with)

),

later as (

    select
        store_id,
        customer_id,
        archetype_id
    from {{ ref('archetype_history') }}
    where is_current

),

moves as (

    select
        earlier.archetype_id as from_archetype_id,
        later.archetype_id as to_archetype_id,
        coalesce(earlier.store_id, later.store_id) as store_id,
        count(*) as customer_count
    from earlier
    full outer join later on earlier.store_id = later.store_id and earlier.customer_id = later.customer_id
    group by earlier.archetype_id, later.archetype_id, coalesce(earlier.store_id, later.store_id)

)

select
    cast(moves.store_id as text) as store_id,
    cast(nights.compared_with as timestamp) as compared_with,
    cast(moves.from_archetype_id as text) as from_archetype_id,
    cast(moves.to_archetype_id as text) as to_archetype_id,
    cast(earlier_names.interpretation as text) as from_interpretation,
    cast(later_names.interpretation as text) as to_interpretation,
    coalesce(moves.from_archetype_id = moves.to_archetype_id, false) as is_stay,
    case when moves.from_archetype_id is not null then earlier_names.archetype_id is not null end as is_from_kept,
    cast(moves.customer_count as bigint) as customer_count,
    case
        when moves.from_archetype_id is not null then {{ round_to(ratio(
            'moves.customer_count',
            'sum(moves.customer_count) over (partition by moves.store_id, moves.from_archetype_id)'
        ), 6) }}
    end as share_of_from
from moves
inner join nights on moves.store_id = nights.store_id
left join {{ ref('archetypes') }} as earlier_names
    on moves.store_id = earlier_names.store_id and moves.from_archetype_id = earlier_names.archetype_id
left join {{ ref('archetypes') }} as later_names
    on moves.store_id = later_names.store_id and moves.to_archetype_id = later_names.archetype_id
