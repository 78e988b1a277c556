select
    cast(changes.store_id as text) as store_id,
    cast(changes.group_id as text) as segment_id,
    cast(changes.customer_id as text) as customer_id,
    cast(changes.as_of as timestamp) as as_of,
    cast(changes.reason as text) as reason,
    cast(reasons.moved_fields as text) as moved_fields,
    cast(reasons.moved_rules as text) as moved_rules,
    cast(changes.source as text) as source,
    case when changes.is_member then 'entered' else 'left' end as movement,
    changes.reason = 'criteria' and redefined.store_id is not null as is_redefined
from {{ ref('membership_changes') }} as changes
left join {{ ref('movement_reasons') }} as reasons
    on
        changes.store_id = reasons.store_id
        and changes.kind = reasons.kind
        and changes.group_id = reasons.group_id
        and changes.customer_id = reasons.customer_id
        and changes.as_of = reasons.as_of
left join {{ ref('int_segment_redefinitions') }} as redefined
    on changes.store_id = redefined.store_id and changes.group_id = redefined.segment_id and changes.as_of = redefined.as_of
-- a change of score or source is no movement, and nor is it that someone whose time ran out may join again
where changes.kind = 'segment' and changes.reason <> 'changed' and not changes.is_reset
