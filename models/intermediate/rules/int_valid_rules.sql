{{ config(pre_hook="{{ refuse_bad_rules() }}") }}

with refused_actions as (

    -- of any other kind refuse_bad_rules() lets none through
    select distinct owner_id from {{ ref('int_rule_errors') }}
    where source_seed like '%activation%' and owner_id is not null

)

select
    rules.rule_kind,
    rules.owner_id,
    rules.rule_id,
    rules.rule_group,
    rules.field,
    rules.axis_number,
    rules.field_type,
    rules.operator,
    rules.value,
    rules.is_behavior,
    rules.event_type,
    cast(rules.min_count as integer) as min_count,
    cast(rules.lookback_days as integer) as lookback_days,
    rules.properties,
    cast(rules.score_adjustment as integer) as score_adjustment,
    cast(rules.max_contribution as integer) as max_contribution,
    rules.applies_to,
    cast(rules.priority as integer) as priority,
    rules.owner_level,
    rules.description,
    coalesce(segments.store_id, actions.store_id) as only_store_id
from {{ ref('int_rules') }} as rules
left join {{ ref('int_segments') }} as segments on case when rules.rule_kind = 'segment' then rules.owner_id end = segments.segment_id
left join {{ ref('int_cohort_definitions') }} as cohorts
    on case when rules.rule_kind in ('cohort_entry', 'cohort_exit') then rules.owner_id end = cohorts.cohort_id
left join {{ ref('int_actions') }} as actions on case when rules.rule_kind = 'action' then rules.owner_id end = actions.action_id
where
    rules.status = 'active'
    and coalesce(segments.status = 'active', cohorts.is_active, true)
    and (
        rules.rule_kind <> 'action'
        or (actions.status = 'active' and rules.owner_id not in (select refused_actions.owner_id from refused_actions))
    )
