{{ config(materialized='view') }}

with criteria as (

    select
        rule_kind,
        owner_id,
        count(*) as rules,
        count(distinct rule_group) as groups_named,
        count(rule_group) as grouped_rules,
        max(case when position('.' in rule_group) > 0 then 1 else 0 end) as is_nested,
        {{ json_list(json_object({
            'rule_id': 'rule_id', 'group': 'rule_group', 'field': 'field', 'operator': 'operator', 'value': 'value',
            'event_type': 'event_type', 'min_count': 'min_count', 'lookback_days': 'lookback_days', 'properties': 'properties'
        }), byte_order('rule_id')) }} as rules_json
    from {{ ref('int_rules') }}
    where rule_kind in ('segment', 'cohort_entry', 'cohort_exit')
    group by rule_kind, owner_id

),

behaviors as (

    select
        rule_kind,
        owner_id,
        {{ json_list(json_object({
            'operator': 'operator', 'event_type': 'event_type', 'min_count': 'min_count', 'lookback_days': 'lookback_days',
            'properties': 'properties'
        }), byte_order('rule_id')) }} as behavior_json
    from {{ ref('int_rules') }}
    where is_behavior
    group by rule_kind, owner_id

)

select
    criteria.rule_kind,
    criteria.owner_id,
    criteria.rules_json,
    behaviors.behavior_json,
    case
        when criteria.grouped_rules = 0 then 'AND'
        when criteria.groups_named = 1 and criteria.is_nested = 0 then 'AND'
        when criteria.groups_named = criteria.rules and criteria.is_nested = 0 then 'OR'
        else 'GROUPS'
    end as rule_logic
from criteria
left join behaviors on criteria.rule_kind = behaviors.rule_kind and criteria.owner_id = behaviors.owner_id
