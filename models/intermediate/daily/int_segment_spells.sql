{{ config(materialized='view') }}

select
    spells.store_id,
    spells.group_id as segment_id,
    spells.customer_id,
    joined.activity_date as from_date,
    left_again.activity_date as until_date,
    spells.left_reason = 'criteria' and redefined.store_id is null as left_by_criteria
from {{ ref('int_membership_spells') }} as spells
inner join {{ ref('int_segment_nights') }} as joined on spells.store_id = joined.store_id and spells.joined_at = joined.night
left join {{ ref('int_segment_nights') }} as left_again on spells.store_id = left_again.store_id and spells.left_at = left_again.night
left join {{ ref('int_segment_redefinitions') }} as redefined
    on spells.store_id = redefined.store_id and spells.group_id = redefined.segment_id and spells.left_at = redefined.as_of
where
    spells.kind in ('segment', 'axis', 'cluster')
    -- no day began with who joined and left between the beginnings of two
    and (left_again.activity_date is null or left_again.activity_date > joined.activity_date)
