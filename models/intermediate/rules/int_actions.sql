{%- set columns %}
    action_id, name, action_code, channel, urgency, priority, cooldown_days, quiet_days, quiet_after_order_days, quiet_after_ticket_days,
    holdout_share, status, store_id, message
{%- endset %}

-- what is in seeds/custom replaces what came with the project
select
    {{ columns }},
    true as is_custom
from {{ ref('custom_activation_actions') }}
union all
select
    {{ columns }},
    false as is_custom
from {{ ref('activation_actions') }}
where action_id not in (
    select custom.action_id from {{ ref('custom_activation_actions') }} as custom
    where custom.action_id is not null
)
