with times as (

    select
        rule_id,
        min(as_of) as created_at,
        max(as_of) as updated_at
    from {{ ref('score_rule_changes') }}
    where as_of <= {{ as_of() }}
    group by rule_id

)

select
    cast(rules.owner_id as text) as score,
    cast(rules.rule_id as text) as rule_id,
    cast(coalesce(custom.description, given.description) as text) as description,
    cast(profile_fields.rule_type as text) as rule_type,
    cast(rules.field as text) as field,
    cast(rules.operator as text) as operator,
    cast(rules.value as text) as value,
    cast(rules.score_adjustment as bigint) as score_adjustment,
    cast(rules.max_contribution as bigint) as max_contribution,
    cast(rules.priority as bigint) as priority,
    cast(rules.applies_to as text) as applies_to,
    cast(rules.status as text) as status,
    cast(times.created_at as timestamp) as created_at,
    cast(times.updated_at as timestamp) as updated_at
from {{ ref('int_rules') }} as rules
left join {{ ref('profile_fields') }} as profile_fields on rules.field = profile_fields.field
left join {{ ref('custom_score_rules') }} as custom on rules.rule_id = custom.rule_id
left join {{ ref('score_rules') }} as given on rules.rule_id = given.rule_id
left join times on rules.rule_id = times.rule_id
where rules.rule_kind = 'score'
