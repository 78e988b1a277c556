select
    cast(decided.store_id as text) as store_id,
    cast(decided.customer_id as text) as customer_id,
    cast(decided.action_id as text) as action_id,
    cast(actions.name as text) as action_name,
    cast(actions.action_code as text) as action_code,
    cast(decided.channel as text) as channel,
    cast(actions.urgency as text) as urgency,
    cast(actions.priority as bigint) as priority,
    cast(candidates.reason as text) as reason,
    cast(actions.message as text) as message,
    cast(candidates.product_id as text) as product_id,
    cast(candidates.product_name as text) as product_name,
    decided.has_consent,
    decided.is_held_out,
    cast(decided.holdout_share as double precision) as holdout_share,
    {{ money('candidates.total_revenue') }} as lifetime_value,
    cast(candidates.churn_probability as double precision) as churn_probability,
    decided.as_of as decided_at
from {{ ref('actions_decided') }} as decided
inner join {{ ref('int_action_candidates') }} as candidates
    on
        decided.store_id = candidates.store_id
        and decided.customer_id = candidates.customer_id
        and decided.action_id = candidates.action_id
inner join {{ ref('int_actions_in_force') }} as actions on decided.action_id = actions.action_id
where decided.as_of = {{ as_of() }}
