{{ config(materialized='view') }}

with redefined as (

    select action_id from {{ ref('custom_activation_actions') }}
    where action_id is not null

)

select
    'custom_activation_rules' as source_seed,
    custom.rule_id,
    custom.action_id,
    custom.rule_group,
    custom.field,
    custom.operator,
    custom.value,
    custom.event_type,
    custom.min_count,
    custom.lookback_days,
    custom.properties,
    custom.description
from {{ ref('custom_activation_rules') }} as custom
union all
-- an action that is defined anew in seeds/custom has none of the rules that came with the project
select
    'activation_rules' as source_seed,
    given.rule_id,
    given.action_id,
    given.rule_group,
    given.field,
    given.operator,
    given.value,
    given.event_type,
    given.min_count,
    given.lookback_days,
    given.properties,
    given.description
from {{ ref('activation_rules') }} as given
where given.action_id not in (select redefined.action_id from redefined)
