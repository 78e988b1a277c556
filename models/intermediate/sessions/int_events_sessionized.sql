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
        coalesce(event_types.is_page, false) as is_page,
        -- a visit is what the person did in the shop: not what the shop sent, or a machine reported, and no message
        events.fate = 'accepted' and coalesce(event_types.is_own_act and not event_types.is_message, true) as is_in_visit,
        case when events.view_duration > 0 then least(events.view_duration, 60 * {{ var('time_spent_cap_minutes') }}) end as view_duration,
        case when event_types.is_page or events.event_type in ('product_view', 'collection_view') then events.page_url end as page_url,
        case
            when events.fate <> 'accepted' or coalesce(event_types.is_own_act and not event_types.is_message, true) then events.session_id
        end as given_session_id
    from {{ ref('stg_events') }} as events
    left join {{ ref('stg_event_types') }} as event_types on {{ name_key('events.raw_event_type') }} = event_types.name_key
    where {{ has_other_fates(is_incremental(), 'events') }}

),

views as (

    -- seconds since the view of the same address before
    select
        *,
        {{ elapsed_seconds('lag(occurred_at) over same_address', 'occurred_at') }} as seconds_since_view,
        date_trunc('second', occurred_at) = date_trunc('second', lag(occurred_at) over same_address) as is_of_same_second,
        event_type <> lag(event_type) over same_address as is_of_another_kind
    from arrived
    window same_address as (
        partition by store_id, device_id, is_in_visit, page_url
        order by occurred_at, {{ byte_order('event_id') }}
    )

),

loads as (

    -- events of one page load: of one device and address, within one second, or of another kind at most a second later, as
    -- when a page and its product are told of one by one; one without an address is a load by itself
    select
        *,
        sum(
            case when page_url is not null and (is_of_same_second or (is_of_another_kind and seconds_since_view <= 1)) then 0 else 1 end
        ) over (
            partition by store_id, device_id, is_in_visit, page_url
            order by occurred_at, {{ byte_order('event_id') }}
            rows between unbounded preceding and current row
        ) as load_number
    from views

),

steps as (

    -- a load is one view of a page, and one step of the visit: the product's, else the collection's. A given session id counts
    -- within its device, and events without one are a stream of their own
    select
        *,
        is_page and row_number() over (
            partition by store_id, device_id, is_in_visit, page_url, load_number, is_page
            order by occurred_at, {{ byte_order('event_id') }}
        ) = 1 as is_page_load,
        row_number() over (
            partition by store_id, device_id, is_in_visit, page_url, load_number
            order by
                case event_type when 'product_view' then 1 when 'collection_view' then 2 else 3 end,
                occurred_at,
                {{ byte_order('event_id') }}
        ) = 1 as is_step,
        min(occurred_at) over (partition by store_id, device_id, is_in_visit, page_url, load_number) as step_at,
        max(view_duration) over (partition by store_id, device_id, is_in_visit, page_url, load_number) as measured_seconds,
        {{ elapsed_seconds('lag(occurred_at) over stream', 'occurred_at') }} as seconds_before
    from loads
    window stream as (
        partition by store_id, device_id, is_in_visit, given_session_id
        order by occurred_at, {{ byte_order('event_id') }}
    )

),

gaps as (

    -- a pause ends a session: 30 minutes without a given id, a day with one
    select
        *,
        sum(
            case
                when given_session_id is null and seconds_before > 60 * {{ var('session_timeout_minutes') }} then 1
                when given_session_id is not null and seconds_before > 3600 * {{ var('session_max_gap_hours') }} then 1
                else 0
            end
        ) over (
            partition by store_id, device_id, is_in_visit, given_session_id
            order by occurred_at, {{ byte_order('event_id') }}
            rows between unbounded preceding and current row
        ) as gap_number
    from steps

),

named as (

    select
        *,
        count(event_customer_id) over (
            partition by store_id, device_id, is_in_visit, given_session_id, gap_number
            order by occurred_at, {{ byte_order('event_id') }}
            rows between unbounded preceding and current row
        ) as times_named
    from gaps

),

owned as (

    -- whose an event is: the customer whom it names, else who was named before it, and before anybody was, the first who is
    select
        *,
        max(event_customer_id) over (
            partition by store_id, device_id, is_in_visit, given_session_id, gap_number, greatest(times_named, 1)
        ) as named_customer_id
    from named

),

switches as (

    -- another customer ends a session too, where no id was given; one with a given id, as of a tablet in a shop, is split by person
    select
        *,
        given_session_id is null
        and named_customer_id <> lag(named_customer_id) over (
            partition by store_id, device_id, is_in_visit, given_session_id, gap_number
            order by occurred_at, {{ byte_order('event_id') }}
        ) as is_switch
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
    sum(case when is_switch then 1 else 0 end) over (
        partition by store_id, device_id, is_in_visit, given_session_id, gap_number
        order by occurred_at, {{ byte_order('event_id') }}
        rows between unbounded preceding and current row
    ) as part_number,
    (select max(loads.batch_id) from {{ ref('base_events') }} as loads) as source_batch_id,
    {{ next_batch_id(is_incremental()) }} as batch_id
from switches
