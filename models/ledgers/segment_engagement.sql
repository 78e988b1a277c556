select
    spells.store_id,
    spells.group_id as segment_id,
    count(scores.engagement_score) as scored_members,
    cast(coalesce(sum(scores.engagement_score), 0) as bigint) as engagement_total,
    {{ as_of() }} as as_of
from {{ ref('int_membership_spells') }} as spells
left join {{ ref('int_engagement_scores') }} as scores
    on spells.store_id = scores.store_id and spells.customer_id = scores.customer_id
where spells.kind in ('segment', 'axis', 'cluster') and spells.left_at is null
group by spells.store_id, spells.group_id
