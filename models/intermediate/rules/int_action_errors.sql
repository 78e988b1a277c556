{{ config(materialized='view') }}

with owners_of_rules as (

    select distinct action_id from {{ ref('int_action_rules') }}

),

actions as (

    select
        actions.*,
        owners_of_rules.action_id is not null as has_rules,
        case when actions.is_custom then 'custom_activation_actions' else 'activation_actions' end as source_seed,
        count(*) over (partition by actions.action_id) as definitions,
        {{ try_number('actions.holdout_share', 'numeric(18, 6)') }} as holdout
    from {{ ref('int_actions') }} as actions
    left join owners_of_rules on actions.action_id = owners_of_rules.action_id

),

action_errors as (

    select
        source_seed,
        coalesce(action_id, name, '') as owner_id,
        cast(null as text) as rule_id,
        case
            when action_id is null or not {{ matches('action_id', '[a-z0-9][a-z0-9_-]{0,54}') }}
                then 'an action_id is at most 55 lower case letters, digits, - and _'
            when definitions > 1 then 'the action is defined ' || definitions || ' times'
            when name is null then 'name is missing'
            when action_code is null then 'action_code is missing'
            when coalesce(channel, '') not in ('email', 'sms', 'push', 'phone', 'ads', 'website', 'ticket')
                then 'there is no channel ''' || coalesce(channel, '') || ''''
            when coalesce(urgency, '') not in ('high', 'medium', 'low') then 'urgency must be high, medium or low'
            when not {{ matches("coalesce(priority, '')", '[0-9]{1,9}') }} then 'priority must be a whole number'
            {%- for column in ['cooldown_days', 'quiet_days', 'quiet_after_order_days', 'quiet_after_ticket_days'] %}
                when {{ column }} is not null and not {{ matches(column, '[0-9]{1,4}') }}
                    then '{{ column }} must be a whole number of days'
            {%- endfor %}
            when holdout_share is not null and not coalesce(holdout between 0 and 0.5, false)
                then 'holdout_share must be a number from 0 to 0.5'
            when channel = 'ticket' and holdout > 0 then 'tickets have no holdout_share'
            when coalesce(status, '') not in ('active', 'inactive') then 'status must be active or inactive'
            when status = 'active' and not has_rules then 'the action has no rules'
        end as reason
    from actions

),

rule_errors as (

    select
        source_seed,
        action_id as owner_id,
        rule_id,
        case
            when action_id is null or action_id not in (
                select known.action_id from {{ ref('int_actions') }} as known
                where known.action_id is not null
            ) then 'there is no such action'
            when
                field = 'segments' and operator in ('contains', 'not_contains')
                and value not in (
                    select segments.segment_id from {{ ref('int_segments') }} as segments
                    where segments.segment_id is not null
                )
                then 'there is no segment ''' || value || ''''
        end as reason
    from {{ ref('int_action_rules') }}

)

select * from action_errors
where reason is not null
union all
select * from rule_errors
where reason is not null
