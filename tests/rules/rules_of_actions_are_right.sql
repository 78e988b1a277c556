{{ config(severity='warn') }}

-- An action with a wrong definition or a wrong rule is decided for nobody. The night goes on without it, so this warns.
select
    source_seed,
    owner_id,
    rule_id,
    reason
from {{ ref('int_rule_errors') }}
where source_seed like '%activation%'
