{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
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
{%- set address = 'device_number, is_in_visit, page_url' %}
{%- set stream = 'device_number, is_in_visit, given_session_id' %}
{%- set visit = stream ~ ', gap_number, part_number, visitor_id' %}

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
        case when arrived.is_in_visit or arrived.fate <> 'accepted' then arrived.session_id end as given_session_id,
        row_number() over (
            partition by devices.device_number
            order by arrived.occurred_at, {{ byte_order('arrived.event_id') }}, arrived.fact_at, arrived.repeated_at
        ) as place
    from arrived
    inner join devices on arrived.store_id = devices.store_id and arrived.device_id = devices.device_id

),

views as (

    -- events of one page load: of one device and address, within one second, or of another kind at most a second later, as
    -- when a page and its product are told of one by one; one without an address is a load by itself
    select
        device_number,
        place,
        is_in_visit,
        page_url,
        occurred_at,
        event_type,
        view_duration,
        is_page,
        page_url is not null and (
            date_trunc('second', occurred_at) = date_trunc('second', lag(occurred_at) over page)
            or (event_type <> lag(event_type) over page and {{ elapsed_seconds('lag(occurred_at) over page', 'occurred_at') }} <= 1)
        ) as is_of_same_load
    from numbered
    window page as (partition by {{ address }} order by place)

),

loads as (

    select
        *,
        cast(sum(case when is_of_same_load then 0 else 1 end) over (partition by {{ address }} order by place) as bigint) as load_number
    from views

),

steps as (

    -- a load is one view of a page, and one step of the visit: the product's, else the collection's
    select
        device_number,
        place,
        is_page and place = min(case when is_page then place end) over whole_load as is_page_load,
        place = coalesce(
            min(case when event_type = 'product_view' then place end) over whole_load,
            min(case when event_type = 'collection_view' then place end) over whole_load,
            min(place) over whole_load
        ) as is_step,
        min(occurred_at) over whole_load as step_at,
        case when event_type = 'product_view' then 1 else 0 end as step_rank,
        max(view_duration) over whole_load as measured_seconds
    from loads
    window whole_load as (partition by {{ address }}, load_number)

),

pauses as (

    -- a pause ends a session: 30 minutes without a given id, a day with one. A given id counts within its device, and events without
    -- one are a stream of their own
    select
        device_number,
        place,
        is_in_visit,
        given_session_id,
        event_customer_id,
        event_id,
        occurred_at,
        {{ elapsed_seconds('lag(occurred_at) over stream', 'occurred_at') }} > case
            when given_session_id is null then 60 * {{ var('session_timeout_minutes') }}
            else 3600 * {{ var('session_max_gap_hours') }}
        end as is_after_pause,
        -- in the order of places, whichever customer it is
        case when event_customer_id is not null then lpad(cast(place as text), 12, '0') || event_customer_id end as naming
    from numbered
    window stream as (partition by {{ stream }} order by place)

),

gaps as (

    select
        *,
        cast(sum(case when is_after_pause then 1 else 0 end) over (partition by {{ stream }} order by place) as bigint) as gap_number
    from pauses

),

named as (

    select
        *,
        substring(max(naming) over (gap rows between unbounded preceding and 1 preceding) from 13) as customer_before,
        substring(min(naming) over (gap rows between unbounded preceding and unbounded following) from 13) as first_customer
    from gaps
    window gap as (partition by {{ stream }}, gap_number order by place)

),

owned as (

    -- whose an event is: the customer whom it names, else who was named before it, and before anybody was, the first who is.
    -- Another customer ends a session too, where no id was given; one with a given id, as of a tablet in a shop, is split by person
    select
        *,
        coalesce(event_customer_id, customer_before, first_customer) as named_customer_id,
        given_session_id is null and event_customer_id <> customer_before as is_switch
    from named

),

parts as (

    select
        *,
        case when is_in_visit then named_customer_id end as visitor_id,
        cast(sum(case when is_switch then 1 else 0 end) over (
            partition by {{ stream }}, gap_number
            order by place
        ) as bigint) as part_number
    from owned

),

visits as (

    -- the visit of an event, as it is where nobody on the device asked not to be tracked: int_events_enriched sees to those
    select
        parts.device_number,
        parts.place,
        parts.gap_number,
        parts.part_number,
        parts.visitor_id,
        parts.is_in_visit,
        parts.given_session_id,
        parts.occurred_at,
        parts.event_id,
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
    numbered.is_in_visit,
    numbered.given_session_id,
    sequenced.gap_number,
    sequenced.is_step,
    sequenced.step_at,
    sequenced.measured_seconds,
    sequenced.is_page_load and numbered.is_in_visit as is_page_load,
    sequenced.visitor_id as named_customer_id,
    sequenced.part_number,
    case when numbered.is_in_visit then sequenced.visit_sequence end as visit_sequence,
    case when numbered.is_in_visit then sequenced.visit_event_id end as visit_event_id,
    case when numbered.is_in_visit then sequenced.visit_next_at end as visit_next_at,
    case when numbered.is_in_visit then sequenced.visit_next_step_at end as visit_next_step_at,
    (select max(loads.batch_id) from {{ ref('base_events') }} as loads) as source_batch_id,
    {{ next_batch_id(is_incremental()) }} as batch_id
from numbered
inner join sequenced on numbered.device_number = sequenced.device_number and numbered.place = sequenced.place
