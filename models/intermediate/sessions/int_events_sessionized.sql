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
        'models': ['base_events']
    }},
    post_hook="{{ ensure_index(['store_id', 'device_id']) }}"
) }}

-- depends_on: {{ ref('stg_stores') }}
{%- set address = 'store_id, device_id, is_in_visit, page_url' %}
{%- set stream = 'store_id, device_id, is_in_visit, given_session_id' %}
{%- set by_time = 'occurred_at, ' ~ byte_order('event_id') ~ ', fact_at, repeated_at' %}

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

views as (

    -- events of one page load: of one device and address, within one second, or of another kind at most a second later, as
    -- when a page and its product are told of one by one; one without an address is a load by itself
    select
        *,
        page_url is not null and (
            date_trunc('second', occurred_at) = date_trunc('second', lag(occurred_at) over page)
            or (event_type <> lag(event_type) over page and {{ elapsed_seconds('lag(occurred_at) over page', 'occurred_at') }} <= 1)
        ) as is_of_same_load,
        case when is_in_visit or fate <> 'accepted' then session_id end as given_session_id
    from arrived
    window page as (partition by {{ address }} order by {{ by_time }})

),

loads as (

    -- a pause ends a session: 30 minutes without a given id, a day with one. A given id counts within its device, and events without
    -- one are a stream of their own
    select
        *,
        sum(case when is_of_same_load then 0 else 1 end) over (partition by {{ address }} order by {{ by_time }}) as load_number,
        {{ elapsed_seconds('lag(occurred_at) over stream', 'occurred_at') }} > case
            when given_session_id is null then 60 * {{ var('session_timeout_minutes') }}
            else 3600 * {{ var('session_max_gap_hours') }}
        end as is_after_pause
    from views
    window stream as (partition by {{ stream }} order by {{ by_time }})

),

steps as (

    -- a load is one view of a page, and one step of the visit: the product's, else the collection's
    select
        *,
        is_page and row_number() over (partition by {{ address }}, load_number, is_page order by {{ by_time }}) = 1 as is_page_load,
        row_number() over (
            partition by {{ address }}, load_number
            order by case event_type when 'product_view' then 1 when 'collection_view' then 2 else 3 end, {{ by_time }}
        ) = 1 as is_step,
        min(occurred_at) over whole_load as step_at,
        max(view_duration) over whole_load as measured_seconds,
        sum(case when is_after_pause then 1 else 0 end) over (partition by {{ stream }} order by {{ by_time }}) as gap_number
    from loads
    window whole_load as (partition by {{ address }}, load_number)

),

named as (

    select
        *,
        count(event_customer_id) over (partition by {{ stream }}, gap_number order by {{ by_time }}) as times_named
    from steps

),

owned as (

    -- whose an event is: the customer whom it names, else who was named before it, and before anybody was, the first who is
    select
        *,
        max(event_customer_id) over (partition by {{ stream }}, gap_number, greatest(times_named, 1)) as named_customer_id
    from named

),

switches as (

    -- another customer ends a session too, where no id was given; one with a given id, as of a tablet in a shop, is split by person
    select
        *,
        given_session_id is null
        and named_customer_id <> lag(named_customer_id) over (partition by {{ stream }}, gap_number order by {{ by_time }}) as is_switch
    from owned

)

select
    store_id,
    event_id,
    device_id,
    fate,
    fact_at,
    repeated_at,
    occurred_at,
    event_type,
    event_customer_id,
    email,
    is_in_visit,
    given_session_id,
    gap_number,
    is_step,
    step_at,
    measured_seconds,
    is_page_load and is_in_visit as is_page_load,
    case when is_in_visit then named_customer_id end as named_customer_id,
    sum(case when is_switch then 1 else 0 end) over (partition by {{ stream }}, gap_number order by {{ by_time }}) as part_number,
    (select max(loads.batch_id) from {{ ref('base_events') }} as loads) as source_batch_id,
    {{ next_batch_id(is_incremental()) }} as batch_id
from switches
