{{ config(
    materialized='incremental',
    incremental_strategy='replace_keys',
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

flagged as materialized (

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

placed as (

    {{ visits_in_sight('flagged') | indent(4) }}

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

),

-- of a run that places some devices anew, nothing of others is read further
seen as (

    select * from {{ ref('stg_events') }}
    where
        fate = 'accepted'
        and {{ '(store_id, device_id) in (select flagged.store_id, flagged.device_id from flagged)' if is_incremental() else 'true' }}

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
    timed.is_seen and timed.is_page_load as is_page_load,
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
left join seen as events on timed.store_id = events.store_id and timed.seen_event_id = events.event_id
left join {{ ref('stg_event_types') }} as event_types on {{ name_key('events.raw_event_type') }} = event_types.name_key
left join {{ ref('stg_event_types') }} as page_types on {{ name_key('events.page_type') }} = page_types.name_key
