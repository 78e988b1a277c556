{{ config(
    materialized='incremental',
    incremental_strategy='replace_where',
    on_schema_change='append_new_columns',
    meta={
        'replaces': 'rows_of_touched_devices',
        'shaped_by': {'models': ['int_events_enriched'], 'by_zone': true, 'columns': true}
    },
    post_hook=["{{ ensure_index(['store_id', 'device_id']) }}", "{{ ensure_index(['store_id', 'person_identifier', 'activity_date']) }}"]
) }}

{%- set counted = counted_event_types() | reject('equalto', 'page_view') -%}

with quarter_hours as (

    -- a quarter of an hour lies within one local day in every zone, so one conversion of time zones serves all of its
    -- events: three microseconds an event are half of what this model would cost
    select
        events.store_id,
        {{ quarter_hour('events.occurred_at') }} as quarter_hour,
        cast({{ local_time('min(events.occurred_at)', 'stores.timezone') }} as date) as activity_date
    from {{ ref('int_events_enriched') }} as events
    inner join {{ ref('stg_stores') }} as stores on events.store_id = stores.store_id
    where
        events.fate = 'accepted'
        and {{ is_made_again(is_incremental(), 'events', touched_devices) }}
    group by events.store_id, stores.timezone, {{ quarter_hour('events.occurred_at') }}

),

events as (

    select
        events.*,
        quarter_hours.activity_date
    from {{ ref('int_events_enriched') }} as events
    inner join quarter_hours
        on events.store_id = quarter_hours.store_id and {{ quarter_hour('events.occurred_at') }} = quarter_hours.quarter_hour
    where
        events.fate = 'accepted'
        and {{ is_made_again(is_incremental(), 'events', touched_devices) }}

),

visits as (

    -- a visit counts on the day on which it began
    select
        sessions.store_id,
        sessions.visitor_key,
        cast(sessions.started_at_local as date) as activity_date,
        count(*) as sessions
    from {{ ref('int_event_sessions') }} as sessions
    where {{ is_made_again(is_incremental(), 'sessions', touched_devices) }}
    group by sessions.store_id, sessions.visitor_key, cast(sessions.started_at_local as date)

),

days as (

    select
        store_id,
        visitor_key,
        activity_date,
        min(device_id) as device_id,
        min(source_customer_id) as source_customer_id,
        min(person_identifier) as person_identifier,
        min(case when is_own_act then occurred_at end) as first_event_at,
        max(case when is_own_act then occurred_at end) as last_event_at,
        -- sums of DuckDB have 128 bits, which take six times as long to read
        cast(sum(case when is_own_act then 1 else 0 end) as bigint) as events,
        cast(sum(case when is_page_load then 1 else 0 end) as bigint) as page_view,
        {%- for event_type in counted %}
            cast(sum(case when event_type = '{{ event_type }}' then 1 else 0 end) as bigint) as {{ event_type }},
        {%- endfor %}
        -- summed as whole milliseconds: sums of doubles depend on the order of the rows
        cast(sum({{ milliseconds('time_spent_seconds') }}) as bigint) as engaged_milliseconds,
        {{ fit_money("sum(case when event_type = 'purchase' then coalesce(event_value, 0) else 0 end)") }} as purchase_event_value,
        max(batch_id) as batch_id
    from events
    group by store_id, visitor_key, activity_date

)

select
    days.*,
    coalesce(visits.sessions, 0) as sessions
from days
left join visits
    on
        days.store_id = visits.store_id
        and days.visitor_key = visits.visitor_key
        and days.activity_date = visits.activity_date
