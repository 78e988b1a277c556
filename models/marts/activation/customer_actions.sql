-- by whom they are now
with known as (

    select
        decided.store_id,
        persons.customer_id,
        decided.action_id,
        decided.channel,
        decided.has_consent,
        decided.holdout_share,
        decided.as_of,
        candidates.reason,
        candidates.product_id,
        candidates.product_name,
        candidates.total_revenue,
        candidates.churn_probability,
        candidates.customer_id is not null as is_met,
        -- whoever was drawn once stays as drawn
        first_value(decided.is_held_out) over (
            partition by decided.store_id, persons.customer_id, decided.action_id, decided.holdout_share > 0
            order by decided.as_of, {{ byte_order('decided.customer_id') }}
        ) as is_held_out,
        row_number() over (
            partition by decided.store_id, persons.customer_id, decided.channel
            order by
                decided.as_of desc,
                candidates.priority nulls last,
                {{ byte_order('decided.action_id') }},
                {{ byte_order('decided.customer_id') }}
        ) as decision_rank
    from {{ ref('actions_decided') }} as decided
    inner join {{ ref('int_person_ids') }} as persons
        on decided.store_id = persons.store_id and decided.customer_id = persons.earlier_id
    left join {{ ref('int_action_candidates') }} as candidates
        on
            decided.store_id = candidates.store_id
            and persons.customer_id = candidates.customer_id
            and decided.action_id = candidates.action_id
            and not candidates.is_quiet
    where decided.as_of <= {{ as_of() }}

)

select
    cast(decided.store_id as text) as store_id,
    cast(decided.customer_id as text) as customer_id,
    cast(decided.action_id as text) as action_id,
    cast(actions.name as text) as action_name,
    cast(actions.action_code as text) as action_code,
    cast(decided.channel as text) as channel,
    cast(actions.urgency as text) as urgency,
    cast(actions.priority as bigint) as priority,
    cast(decided.reason as text) as reason,
    cast(actions.message as text) as message,
    cast(decided.product_id as text) as product_id,
    cast(decided.product_name as text) as product_name,
    decided.has_consent,
    decided.is_held_out,
    cast(decided.holdout_share as double precision) as holdout_share,
    {{ money('decided.total_revenue') }} as lifetime_value,
    cast(decided.churn_probability as double precision) as churn_probability,
    decided.as_of as decided_at
from known as decided
inner join {{ ref('int_actions_in_force') }} as actions on decided.action_id = actions.action_id and decided.channel = actions.channel
-- what a website shows stands while its rules are met, until something else is decided
where decided.is_met and decided.decision_rank = 1 and (decided.as_of = {{ as_of() }} or decided.channel = 'website')
