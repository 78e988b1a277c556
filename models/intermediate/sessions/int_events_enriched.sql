{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key=['store_id', 'device_id'],
    on_schema_change='append_new_columns',
    meta={'shaped_by': {
        'vars': ['opens_are_activity', 'time_spent_cap_minutes'],
        'seeds': {'event_types': 'true', 'custom_event_types': 'true'},
        'models': ['int_events_sessionized'],
        'columns': true
    }},
    post_hook=["{{ ensure_index(['store_id', 'device_id']) }}", "{{ ensure_index(['store_id', 'event_id']) }}"]
) }}
{%- set visit = 'store_id, device_id, is_in_visit, given_session_id, gap_number, part_number, named_customer_id' %}

{%- set passed_on = [
    'store_id', 'event_id', 'device_id', 'fate', 'fact_at', 'repeated_at', 'occurred_at', 'event_customer_id', 'email', 'is_in_visit',
    'given_session_id', 'is_step', 'step_at', 'measured_seconds', 'is_page_load', 'reported_customer_id', 'names_untracked',
    'is_of_untracked', 'source_customer_id', 'is_hidden', 'session_sequence', 'first_event_id', 'next_at', 'next_step_at'
] %}

with untracked as (

    {{ untracked_identifiers() | indent(4) }}

),

reported as (

    -- the customer whom the shop tells of the visit: of its device, else of any
    select
        events.*,
        coalesce(own.source_customer_id, any_device.source_customer_id) as reported_customer_id
    from {{ ref('int_events_sessionized') }} as events
    left join {{ ref('int_reported_customers') }} as own
        on events.store_id = own.store_id and events.given_session_id = own.session_id and events.device_id = own.device_id
    left join {{ ref('int_reported_customers') }} as any_device
        on events.store_id = any_device.store_id and events.given_session_id = any_device.session_id and any_device.device_id is null
    where {{ is_made_again(is_incremental(), 'events', devices_placed_anew) }}

),

flagged as {{ read_often() }} (

    select
        reported.*,
        {{ names_untracked('reported', 'event_customer_id') }} as names_untracked,
        {{ is_untracked('reported.store_id', 'reported.device_id') }} as is_of_untracked,
        case
            when reported.is_in_visit then coalesce(reported.named_customer_id, reported.reported_customer_id)
            else reported.event_customer_id
        end as source_customer_id
    from reported

),

hiding as (

    -- devices of which some event may be out of sight: what remains of their visits is put in order again
    select distinct
        store_id,
        device_id
    from flagged
    where fate = 'accepted' and (names_untracked or (source_customer_id is null and is_of_untracked))

),

judged as (

    -- a person who asked not to be tracked hides a part of a visit that is theirs, or nobody's who is named, and every event that
    -- names them; nobody's is also what happened on their device
    select
        *,
        fate = 'accepted' and (
            names_untracked
            or (source_customer_id is null and is_of_untracked)
            or (is_in_visit and bool_or(names_untracked and (named_customer_id is null or event_customer_id is not null)) over (
                partition by {{ visit }}
            ))
        ) as is_hidden
    from flagged
    where (store_id, device_id) in (
        select
            hiding.store_id,
            hiding.device_id
        from hiding
    )

),

ordered as (

    -- what is in sight of a visit, one after another
    select
        *,
        row_number() over session_order as session_sequence,
        first_value(event_id) over session_order as first_event_id,
        lead(occurred_at) over session_order as next_at,
        lead(step_at) over (
            partition by {{ visit }}, is_hidden, is_step
            order by step_at, case when event_type = 'product_view' then 1 else 0 end, {{ byte_order('event_id') }}
        ) as next_step_at
    from judged
    window session_order as (partition by {{ visit }}, is_hidden order by occurred_at, {{ byte_order('event_id') }})

),

passed as (

    select
        *,
        false as is_hidden,
        visit_sequence as session_sequence,
        visit_event_id as first_event_id,
        visit_next_at as next_at,
        visit_next_step_at as next_step_at
    from flagged
    where (store_id, device_id) not in (
        select
            hiding.store_id,
            hiding.device_id
        from hiding
    )

),

placed as (

    select
        {{ passed_on | join(',\n        ') }},
        fate = 'accepted' and not is_hidden as is_seen,
        is_in_visit and not is_hidden as is_placed
    from (
        select {{ passed_on | join(', ') }} from ordered
        union all
        select {{ passed_on | join(', ') }} from passed
    ) as events

),

timed as (

    select
        *,
        case when is_placed then md5({{ composed_key(['store_id', 'device_id', 'given_session_id', 'first_event_id']) }}) end
            as session_key,
        case when is_seen then event_id end as seen_event_id,
        case when is_placed and is_step then measured_seconds end as step_seconds,
        case when is_placed and is_step then {{ elapsed_seconds('step_at', 'next_step_at') }} end as seconds_to_next_step
    from placed

)

-- what a device had and does not count stays in sight, so that a later run sees when that changes
select
    timed.store_id,
    timed.event_id,
    timed.device_id,
    timed.event_customer_id,
    timed.session_key,
    event_types.funnel_step,
    event_types.interaction_type,
    {%- for column in [
        'occurred_at', 'event_type', 'page_url', 'referrer', 'product_id', 'variant_id', 'product_name', 'product_category',
        'search_query', 'order_id', 'event_value', 'channel', 'source', 'medium', 'campaign', 'device_type', 'browser'
    ] %}
        events.{{ column }},
    {%- endfor %}
    timed.fact_at,
    timed.repeated_at,
    timed.email,
    timed.step_seconds as measured_seconds,
    case when timed.is_hidden then 'suppressed' else timed.fate end as fate,
    case when timed.fate = 'accepted' then timed.reported_customer_id end as reported_customer_id,
    case when timed.fate = 'accepted' then timed.names_untracked end as names_untracked,
    case when timed.fate = 'accepted' then timed.is_of_untracked end as is_of_untracked,
    case when timed.is_seen then timed.source_customer_id end as source_customer_id,
    case when timed.is_placed then timed.session_sequence end as session_sequence,
    timed.is_placed and timed.is_page_load as is_page_load,
    case when timed.is_placed then {{ elapsed_seconds('timed.occurred_at', 'timed.next_at') }} end as seconds_to_next,
    case
        when not timed.is_seen then null
        when timed.source_customer_id is not null then {{ identifier_of({'customer': 'timed.source_customer_id'}) }}
        when timed.device_id like 'anon:%' or timed.device_id like 'email:%' then timed.device_id
    end as person_identifier,
    case
        when timed.is_seen then md5({{ composed_key(['timed.store_id', 'timed.device_id', 'timed.source_customer_id']) }})
    end as visitor_key,
    case when event_types.is_page then page_types.event_type end as page_kind,
    coalesce(timed.given_session_id, timed.session_key) as session_id,
    timed.given_session_id is not null as has_given_session_id,
    coalesce(event_types.is_engagement, false) as is_engagement,
    coalesce(event_types.is_key, false) as is_key,
    coalesce(event_types.is_content, false) as is_content,
    coalesce(event_types.is_message, false) as is_message,
    timed.is_seen and coalesce(event_types.is_own_act, true) as is_own_act,
    coalesce(
        timed.step_seconds, least(greatest(timed.seconds_to_next_step, 0), 60 * {{ var('time_spent_cap_minutes') }})
    ) as time_spent_seconds,
    (select max(loads.batch_id) from {{ ref('int_events_sessionized') }} as loads) as source_batch_id,
    {{ next_batch_id(is_incremental()) }} as batch_id
from timed
left join {{ ref('stg_events') }} as events
    on timed.store_id = events.store_id and timed.seen_event_id = events.event_id and events.fate = 'accepted'
left join {{ ref('stg_event_types') }} as event_types on {{ name_key('events.raw_event_type') }} = event_types.name_key
left join {{ ref('stg_event_types') }} as page_types on {{ name_key('events.page_type') }} = page_types.name_key
