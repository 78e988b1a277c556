select
    cast(spells.store_id as text) as store_id,
    cast(spells.customer_id as text) as customer_id,
    cast(segments.axis_name as text) as axis_name,
    cast(spells.group_id as text) as segment_id,
    cast(segments.segment_name as text) as segment_name,
    cast(spells.joined_at as timestamp) as joined_at,
    cast(spells.left_at as timestamp) as left_at,
    cast(spells.left_reason as text) as left_reason,
    cast(spells.score as double precision) as membership,
    spells.left_at is null as is_current
from {{ ref('int_membership_spells') }} as spells
inner join {{ ref('int_axis_segment_names') }} as segments
    on spells.store_id = segments.store_id and spells.group_id = segments.segment_id
where spells.kind = 'axis'
