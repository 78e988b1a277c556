{{ config(post_hook="{{ ensure_index(['store_id', 'customer_id']) }}") }}

with earlier as (

    {{ previous_state(is_incremental(), this, ['store_id', 'customer_id'], {'rules_met': 'text'}) | indent(4) }}

)

select
    matches.store_id,
    matches.customer_id,
    matches.rules_met,
    {{ as_of() }} as as_of
from {{ ref('int_rule_results') }} as matches
left join earlier on matches.store_id = earlier.store_id and matches.customer_id = earlier.customer_id
where earlier.rules_met is null or earlier.rules_met <> matches.rules_met
