{{ config(materialized='view') }}

-- of actions with a bad row int_valid_rules has no rules
select
    actions.action_id,
    actions.name,
    actions.action_code,
    actions.channel,
    actions.urgency,
    cast(actions.priority as integer) as priority,
    cast(coalesce(actions.cooldown_days, '0') as integer) as cooldown_days,
    cast(coalesce(actions.quiet_days, '0') as integer) as quiet_days,
    cast(coalesce(actions.quiet_after_order_days, '0') as integer) as quiet_after_order_days,
    cast(coalesce(actions.quiet_after_ticket_days, '0') as integer) as quiet_after_ticket_days,
    cast(coalesce(actions.holdout_share, '0') as double precision) as holdout_share,
    actions.store_id,
    actions.message
from {{ ref('int_actions') }} as actions
where
    actions.action_id in (
        select rules.owner_id from {{ ref('int_valid_rules') }} as rules
        where rules.rule_kind = 'action'
    )
