{{ config(
    materialized='incremental',
    incremental_strategy='replace_where',
    on_schema_change='append_new_columns',
    meta={
        'replaces': 'rows_of_new_events',
        'shaped_by': {'seeds': {'identity_rules': "rule = 'blocked'", 'custom_identity_rules': 'true'}, 'models': ['base_events']}
    },
    post_hook="{{ ensure_index(['store_id', 'device_id']) }}"
) }}

-- Made of what came in, whoever asked not to be tracked: who a device belongs to has to be known to leave it out.

with events as (

    select
        loaded.store_id,
        loaded.device_id,
        loaded.session_id,
        loaded.occurred_at,
        loaded.fact_at,
        loaded.repeated_at,
        {{ event_fate('loaded') }} as fate,
        {{ known_id('customer', 'loaded.customer_id') }} as source_customer_id,
        {{ known_id('email', 'loaded.email') }} as email
    from {{ ref('base_events') }} as loaded
    where loaded.fate in ('accepted', 'duplicate') and {{ is_made_again(is_incremental(), 'loaded', devices_of_new_events) }}

)

select
    store_id,
    device_id,
    source_customer_id,
    email,
    session_id,
    min(case when fate = 'accepted' then occurred_at end) as first_at,
    -- the next moment that makes another of an event, and the last that did: nights that pass them make the device again
    min(
        least(case when fact_at >= {{ as_of() }} then fact_at end, case when repeated_at >= {{ as_of() }} then repeated_at end)
    ) as changes_at,
    max(greatest({{ past('fact_at') }}, {{ past('repeated_at') }})) as changed_at,
    (select max(loads.batch_id) from {{ ref('base_events') }} as loads) as source_batch_id
from events
group by store_id, device_id, source_customer_id, email, session_id
