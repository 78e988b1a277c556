{{ config(
    materialized='incremental',
    incremental_strategy='replace',
    full_refresh=false,
    on_schema_change='append_new_columns',
    meta={'replaces': 'night', 'is_ledger': true},
    post_hook="{{ ensure_index(['store_id', 'customer_id']) }}"
) }}

with earlier as (

    {%- if is_incremental() %}
        {{ last_of_ledger(this, ['store_id', 'customer_id'], ['rules_met'], 'as_of < ' ~ as_of()) }}
    {%- else %}
        select
            cast(null as text) as store_id,
            cast(null as text) as customer_id,
            cast(null as text) as rules_met
        where false
    {%- endif %}

)

select
    matches.store_id,
    matches.customer_id,
    matches.rules_met,
    {{ as_of() }} as as_of
from {{ ref('int_profile_matches') }} as matches
left join earlier on matches.store_id = earlier.store_id and matches.customer_id = earlier.customer_id
where earlier.rules_met is null or earlier.rules_met <> matches.rules_met
