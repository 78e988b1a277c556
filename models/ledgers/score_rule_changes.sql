with earlier as (

    {{ previous_state(is_incremental(), this, ['rule_id'], {'definition_hash': 'text'}) | indent(4) }}

),

tonight as (

    select
        rule_id,
        md5({{ composed_key([
            'owner_id', 'field', 'operator', 'value', 'score_adjustment', 'max_contribution', 'priority', 'applies_to', 'status'
        ]) }}) as definition_hash
    from {{ ref('int_rules') }}
    where rule_kind = 'score'

)

select
    coalesce(tonight.rule_id, earlier.rule_id) as rule_id,
    coalesce(tonight.definition_hash, 'removed') as definition_hash,
    {{ as_of() }} as as_of
from tonight
full outer join earlier on tonight.rule_id = earlier.rule_id
where coalesce(tonight.definition_hash, 'removed') is distinct from earlier.definition_hash
