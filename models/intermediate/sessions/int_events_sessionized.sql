{{ config(
    materialized='incremental',
    incremental_strategy='replace_keys',
    unique_key=['store_id', 'device_id'],
    on_schema_change='append_new_columns',
    meta={'shaped_by': {
        'vars': ['opens_are_activity', 'session_timeout_minutes', 'session_max_gap_hours', 'time_spent_cap_minutes'],
        'seeds': {
            'event_types': 'true', 'custom_event_types': 'true',
            'identity_rules': "rule = 'blocked'", 'custom_identity_rules': 'true'
        },
        'models': ['base_events'],
        'columns': true
    }},
    post_hook="{{ ensure_index(['store_id', 'device_id']) }}"
) }}

-- depends_on: {{ ref('stg_stores') }}
{%- set visit = 'device_number, is_in_visit, given_session_id, gap_number, part_number, visitor_id' %}

with arrived as (

    select
        events.store_id,
        events.event_id,
        events.device_id,
        events.fate,
        events.fact_at,
        events.repeated_at,
        events.occurred_at,
        events.event_type,
        events.source_customer_id as event_customer_id,
        events.email,
        events.session_id,
        coalesce(event_types.is_page, false) as is_page,
        -- a visit is what the person did in the shop: not what the shop sent, or a machine reported, and no message
        events.fate = 'accepted' and coalesce(event_types.is_own_act and not event_types.is_message, true) as is_in_visit,
        case when events.view_duration > 0 then least(events.view_duration, 60 * {{ var('time_spent_cap_minutes') }}) end as view_duration,
        case when event_types.is_page or events.event_type in ('product_view', 'collection_view') then events.page_url end as page_url
    from {{ ref('stg_events') }} as events
    left join {{ ref('stg_event_types') }} as event_types on {{ name_key('events.raw_event_type') }} = event_types.name_key
    where {{ is_made_again(is_incremental(), 'events', devices_with_other_fates) }}

),

devices as (

    select
        store_id,
        device_id,
        row_number() over (order by {{ byte_order('store_id') }}, {{ byte_order('device_id') }}) as device_number
    from arrived
    group by store_id, device_id

),

numbered as materialized (

    -- two numbers stand for an event in all that follows, so that what is sorted over and over is narrow: its device's, and its place
    -- among the events of that
    select
        arrived.*,
        devices.device_number,
        arrived.device_id like 'nobody:%' as is_of_nobody,
        case when arrived.is_in_visit or arrived.fate <> 'accepted' then arrived.session_id end as given_session_id,
        row_number() over (
            partition by devices.device_number
            order by arrived.occurred_at, {{ byte_order('arrived.event_id') }}, arrived.fact_at, arrived.repeated_at
        ) as place
    from arrived
    inner join devices on arrived.store_id = devices.store_id and arrived.device_id = devices.device_id

),

steps as (

    {{ page_steps('numbered') | indent(4) }}

),

parts as (

    {{ visit_parts('numbered') | indent(4) }}

),

visits as (

    -- the visit of an event, as it is where nobody on the device asked not to be tracked: int_events_enriched sees to those
    select
        parts.*,
        steps.is_page_load,
        steps.is_step,
        steps.step_at,
        steps.step_rank,
        steps.measured_seconds
    from parts
    inner join steps on parts.device_number = steps.device_number and parts.place = steps.place

),

sequenced as (

    select
        *,
        row_number() over visit as visit_sequence,
        first_value(event_id) over visit as visit_event_id,
        lead(occurred_at) over visit as visit_next_at,
        lead(step_at) over (
            partition by {{ visit }}, is_step
            order by step_at, step_rank, {{ byte_order('event_id') }}
        ) as visit_next_step_at
    from visits
    window visit as (partition by {{ visit }} order by place)

)

select
    numbered.store_id,
    numbered.event_id,
    numbered.device_id,
    numbered.fate,
    numbered.fact_at,
    numbered.repeated_at,
    numbered.occurred_at,
    numbered.event_type,
    numbered.event_customer_id,
    numbered.email,
    numbered.given_session_id,
    sequenced.gap_number,
    sequenced.is_step,
    sequenced.step_at,
    sequenced.measured_seconds,
    sequenced.visitor_id as named_customer_id,
    sequenced.part_number,
    -- what names neither device, person nor visit is seen, and part of no visit
    numbered.is_in_visit and not numbered.is_of_nobody as is_in_visit,
    sequenced.is_page_load and numbered.is_in_visit as is_page_load,
    {%- for column in ['sequence', 'event_id', 'next_at', 'next_step_at'] %}
        case when numbered.is_in_visit and not numbered.is_of_nobody then sequenced.visit_{{ column }} end as visit_{{ column }},
    {%- endfor %}
    (select max(loads.batch_id) from {{ ref('base_events') }} as loads) as source_batch_id,
    {{ next_batch_id(is_incremental()) }} as batch_id
from numbered
inner join sequenced on numbered.device_number = sequenced.device_number and numbered.place = sequenced.place
