with previous_rules as (

    {{ previous_state(is_incremental(), this, ['rule_id'], {'definition_hash': 'text'}) | indent(4) }}

),

current_rules as (

    select
        rule_id,
        md5({{ composed_key([
            'owner_id', 'field', 'operator', 'value', 'score_adjustment', 'max_contribution', 'priority', 'applies_to', 'status'
        ]) }}) as definition_hash
    from {{ ref('int_rules') }}
    where rule_kind = 'score'

)

select
    coalesce(current_rules.rule_id, previous_rules.rule_id) as rule_id,
    coalesce(current_rules.definition_hash, 'removed') as definition_hash,
    {{ as_of() }} as as_of
from current_rules
full outer join previous_rules on current_rules.rule_id = previous_rules.rule_id
where coalesce(current_rules.definition_hash, 'removed') is distinct from previous_rules.definition_hash
