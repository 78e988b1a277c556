{{ config(
    materialized='incremental',
    incremental_strategy='replace_arrivals',
    on_schema_change='append_new_columns',
    meta={'shaped_by': {'vars': ['earliest_date', 'raw_database', 'raw_schema', 'raw_tables']}},
    post_hook="{{ ensure_index(['store_id']) }}"
) }}

-- apart from base_events, because writing a row as JSON costs more than everything else that is done to it, and only
-- a filter on the input itself keeps that to the rows that were refused
select
    events.store_id,
    events.raw_row,
    {{ load_stamp('events.loaded_at') }} as loaded_at,
    events.arrived_at,
    {{ event_rejection() }} as rejection
from {{ source('input', 'events') }} as events
where
    events.arrived_at < {{ arrivals_end() if is_incremental() else as_of() }}
    {%- if is_incremental() %}
        and {{ landed_since('events', arrival_window(), stores_unread(refused=true)) }}
    {%- endif %}
    -- implied by the line below; a filter without arithmetic is one that DuckDB applies before it writes any JSON
    and (
        events.store_id is null
        or events.event_id is null
        or events.event_type is null
        or events.occurred_at is null
        or events.occurred_at > events.arrived_at
    )
    and {{ event_rejection() }} is not null
