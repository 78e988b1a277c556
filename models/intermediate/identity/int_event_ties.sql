{{ config(
    materialized='incremental',
    incremental_strategy='replace',
    on_schema_change='append_new_columns',
    meta={
        'replaces': '(store_id, device_id) in ({{ touched_devices() }})',
        'shaped_by': {'models': ['int_events_enriched']}
    },
    post_hook="{{ ensure_index(['store_id', 'device_id']) }}"
) }}

with events as (

    select enriched.*
    from {{ ref('int_events_enriched') }} as enriched
    where enriched.fate = 'accepted' and {{ is_touched(is_incremental(), 'enriched') }}

)

select
    store_id,
    device_id,
    event_customer_id as source_customer_id,
    email,
    min(occurred_at) as first_at,
    max(batch_id) as batch_id
from events
group by store_id, device_id, event_customer_id, email
