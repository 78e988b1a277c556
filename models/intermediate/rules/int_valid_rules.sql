{{ config(pre_hook="{{ refuse_bad_rules() }}") }}

-- depends_on: {{ ref('int_rule_errors') }}
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
    segments.store_id as only_store_id
from {{ ref('int_rules') }} as rules
left join {{ ref('int_segments') }} as segments on case when rules.rule_kind = 'segment' then rules.owner_id end = segments.segment_id
left join {{ ref('int_cohort_definitions') }} as cohorts
    on case when rules.rule_kind in ('cohort_entry', 'cohort_exit') then rules.owner_id end = cohorts.cohort_id
where rules.status = 'active' and coalesce(segments.status = 'active', cohorts.is_active, true)
