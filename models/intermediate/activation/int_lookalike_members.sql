with members as (

    select
        spells.store_id,
        spells.group_id as segment_id,
        spells.customer_id
    from {{ ref('int_membership_spells') }} as spells
    inner join {{ ref('lookalike_segments') }} as wanted on spells.group_id = wanted.segment_id
    where spells.kind = 'segment' and spells.left_at is null
    union
    select
        store_id,
        group_id as segment_id,
        customer_id
    from {{ ref('int_segment_imports') }}

)

select
    members.store_id,
    members.segment_id,
    members.customer_id,
    features.customer_id is not null as is_on_axes
from members
left join {{ ref('int_customer_axis_features') }} as features
    on members.store_id = features.store_id and members.customer_id = features.customer_id
