with rules as (

    select
        *,
        min({{ byte_order('owner_id') }}) over ranked as first_of_rank,
        max({{ byte_order('owner_id') }}) over ranked as last_of_rank
    from {{ ref('int_rules') }}
    window ranked as (partition by rule_kind, priority)

),

-- definitions that rules belong to
owners as (

    select
        'segment' as rule_kind,
        segment_id as owner_id
    from {{ ref('int_segments') }}
    union all
    select
        'score' as rule_kind,
        score as owner_id
    from {{ ref('scores') }}
    union all
    select
        'cohort_entry' as rule_kind,
        cohort_id as owner_id
    from {{ ref('int_cohort_definitions') }}
    union all
    select
        'cohort_exit' as rule_kind,
        cohort_id as owner_id
    from {{ ref('int_cohort_definitions') }}

),

rule_errors as (

    select
        rules.source_seed,
        rules.owner_id,
        rules.rule_id,
        case
            when rules.rule_id is null or not {{ matches('rules.rule_id', '[a-z0-9][a-z0-9_-]{0,61}') }}
                then 'a rule_id is at most 62 lower case letters, digits, - and _'
            when coalesce(rules.rule_kind, '') not in ('score', 'lifecycle', 'segment', 'cohort_entry', 'cohort_exit', 'action')
                then 'criterion must be entry or exit'
            when rules.rule_kind = 'lifecycle' and rules.owner_id is null then 'lifecycle_stage is missing'
            when rules.rule_kind = 'lifecycle' and rules.first_of_rank <> rules.last_of_rank
                then 'stage_rank ' || rules.priority || ' is that of ' || rules.first_of_rank || ' and of ' || rules.last_of_rank
            when rules.rule_kind not in ('lifecycle', 'action') and owners.owner_id is null
                then 'there is no such ' || split_part(rules.rule_kind, '_', 1)
            when
                rules.rule_group is not null
                -- numbers, or names, and not both: 1.2.x is a slip, and would be a group within group 1.2
                and not {{ matches('rules.rule_group', '[0-9]+([.][0-9]+)*|[a-z_][a-z0-9_]*([.][a-z_][a-z0-9_]*)*') }}
                then 'rule_group ''' || rules.rule_group || ''' is not like 1 or 1.2'
            when rules.priority is null or not {{ matches('rules.priority', '[0-9]{1,9}') }} then 'priority must be a whole number'
            when rules.rule_kind = 'score' and not {{ matches("coalesce(rules.score_adjustment, '')", '[+-]?[0-9]{1,6}') }}
                then 'score_adjustment must be a whole number'
            when rules.max_contribution is not null and not {{ matches('rules.max_contribution', '[0-9]{1,6}') }}
                then 'max_contribution must be a whole number'
            when rules.rule_kind = 'score' and coalesce(rules.applies_to, '') not in ('all', 'new', 'returning')
                then 'applies_to must be all, new or returning'
            when rules.rule_kind = 'score' and coalesce(rules.status, '') not in ('active', 'inactive')
                then 'status must be active or inactive'
        end as reason
    from rules
    left join owners on rules.rule_kind = owners.rule_kind and rules.owner_id = owners.owner_id

),

namesakes as (

    select
        rule_id,
        count(*) as times
    from rules
    group by rule_id

),

repeated as (

    -- an id that an action shares with a segment is wrong with the action alone, and one that two actions share with both
    select
        rules.rule_id,
        min(rules.source_seed) as source_seed,
        min(rules.owner_id) as owner_id,
        'the rule_id is there ' || max(namesakes.times) || ' times' as reason
    from rules
    inner join namesakes on rules.rule_id = namesakes.rule_id
    group by rules.rule_id, case when rules.rule_kind = 'action' then coalesce(rules.owner_id, '') end
    having max(namesakes.times) > 1 and (count(*) > 1 or min(rules.rule_kind) = 'action')

)

select
    source_seed,
    owner_id,
    rule_id,
    reason
from rule_errors
where reason is not null
union all
select
    source_seed,
    owner_id,
    rule_id,
    reason
from repeated
union all
select
    source_seed,
    owner_id,
    rule_id,
    reason
from {{ ref('int_condition_errors') }}
union all
select
    source_seed,
    owner_id,
    cast(null as text) as rule_id,
    reason
from {{ ref('int_definition_errors') }}
union all
select
    source_seed,
    owner_id,
    rule_id,
    reason
from {{ ref('int_action_errors') }}
