with calculations as (

    select
        store_id,
        group_id,
        as_of,
        definition_hash,
        lag(definition_hash) over (partition by store_id, group_id order by as_of) as previous_hash
    from {{ ref('group_calculations') }}
    where kind = 'segment'

)

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
    changes.reason = 'criteria' and calculations.store_id is not null as is_redefined
from {{ ref('membership_changes') }} as changes
left join {{ ref('movement_reasons') }} as reasons
    on
        changes.store_id = reasons.store_id
        and changes.kind = reasons.kind
        and changes.group_id = reasons.group_id
        and changes.customer_id = reasons.customer_id
        and changes.as_of = reasons.as_of
-- a segment that was looked at by other rules than tonight's
left join calculations
    on
        changes.store_id = calculations.store_id
        and changes.group_id = calculations.group_id
        and changes.as_of = calculations.as_of
        and calculations.definition_hash <> calculations.previous_hash
        and calculations.previous_hash <> 'inactive'
-- a change of score or source is no movement, and nor is it that someone whose time ran out may join again
where changes.kind = 'segment' and changes.reason <> 'changed' and not changes.is_reset
