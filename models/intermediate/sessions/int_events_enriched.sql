{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key=['store_id', 'device_id'],
    on_schema_change='append_new_columns',
    meta={'shaped_by': {
        'vars': ['session_timeout_minutes', 'session_max_gap_hours', 'time_spent_cap_minutes'],
        'seeds': {'event_types': 'true', 'identity_rules': "rule = 'blocked'"},
        'models': ['base_events']
    }},
    post_hook=["{{ ensure_index(['store_id', 'device_id']) }}", "{{ ensure_index(['store_id', 'event_id']) }}"]
) }}

-- depends_on: {{ ref('stg_customers') }}
{%- set is_touched, next_batch = 'true', 'cast(1 as bigint)' %}
{%- if is_incremental() %}
    {%- set next_batch = '(select coalesce(max(known.batch_id), 0) + 1 from ' ~ this ~ ' as known)' %}
    {%- set is_touched = '(events.store_id, events.device_id) in (select touched.store_id, touched.device_id from touched)' %}
{%- endif %}

with event_types as (

    select * from {{ ref('event_types') }}

),

{% if is_incremental() %}
    untracked as (

        select
            store_id,
            source_customer_id
        from {{ ref('stg_customers') }}
        where do_not_track

    ),

    touched as (

        -- devices with an event that a new load settled, and those of whose events another became of them: as_of passed them, or
        -- went back behind them, or their customer asked not to be tracked, or no longer
        select
            events.store_id,
            events.device_id
        from {{ ref('base_events') }} as events
        where events.fate <> 'rejected' and events.batch_id > (select coalesce(max(known.source_batch_id), 0) from {{ this }} as known)
        union
        select
            known.store_id,
            known.device_id
        from {{ this }} as known
        left join untracked
            on known.store_id = untracked.store_id and known.event_customer_id = untracked.source_customer_id
        where known.fate <> {{ event_fate('known', 'untracked.source_customer_id is not null') }}

    ),

{% endif %}
events as (

    select
        events.store_id,
        events.event_id,
        events.device_id,
        events.occurred_at,
        events.session_id as given_session_id,
        events.source_customer_id,
        coalesce(event_types.is_page, false) as is_page,
        case when event_types.is_page then events.page_url end as page_url
    from {{ ref('stg_events') }} as events
    left join event_types on events.raw_event_type = event_types.raw_name
    where events.fate = 'accepted' and {{ is_touched }}

),

loads as (

    -- several events of one page load (same device, address and second) are one view of a page, one without an address is
    -- a view by itself; asked first, so that no later step has to carry addresses
    select
        store_id,
        event_id,
        device_id,
        occurred_at,
        given_session_id,
        source_customer_id,
        is_page and (page_url is null or row_number() over (
            partition by store_id, device_id, page_url, date_trunc('second', occurred_at)
            order by occurred_at, {{ byte_order('event_id') }}
        ) = 1) as is_page_load
    from events

),

lagged as (

    -- a given session id counts within its device, and events without one are a stream of their own
    select
        *,
        {{ elapsed_seconds(
            'lag(occurred_at) over (partition by store_id, device_id, given_session_id order by occurred_at, ' ~ byte_order('event_id') ~ ')',
            'occurred_at'
        ) }} as seconds_before
    from loads

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
            partition by store_id, device_id, given_session_id
            order by occurred_at, {{ byte_order('event_id') }}
            rows between unbounded preceding and current row
        ) as gap_number
    from lagged

),

switches as (

    -- so does another known customer, where no id was given: anonymous events between them belong to the one before
    select
        *,
        case
            when
                given_session_id is null
                and source_customer_id <> lag(source_customer_id) over (
                    partition by store_id, device_id, given_session_id, gap_number, source_customer_id is null
                    order by occurred_at, {{ byte_order('event_id') }}
                )
                then 1
            else 0
        end as is_switch
    from gaps

),

parts as (

    select
        *,
        sum(is_switch) over (
            partition by store_id, device_id, given_session_id, gap_number
            order by occurred_at, {{ byte_order('event_id') }}
            rows between unbounded preceding and current row
        ) as part_number
    from switches

),

placed as (

    select
        *,
        row_number() over session_order as session_sequence,
        first_value(event_id) over session_order as first_event_id,
        lead(occurred_at) over session_order as next_at,
        {{ last_known_of_partition(
            'source_customer_id', 'occurred_at', 'event_id',
            'store_id, device_id, given_session_id, gap_number, part_number'
        ) }} as session_customer_id
    from parts
    window session_order as (
        partition by store_id, device_id, given_session_id, gap_number, part_number
        order by occurred_at, {{ byte_order('event_id') }}
    )

),

keyed as (

    select
        store_id,
        event_id,
        device_id,
        'accepted' as fate,
        source_customer_id as event_customer_id,
        session_customer_id as source_customer_id,
        case
            when session_customer_id is not null then 'customer:' || session_customer_id
            when device_id like 'anon:%' or device_id like 'email:%' then device_id
        end as person_identifier,
        md5({{ composed_key(['store_id', 'device_id', 'session_customer_id']) }}) as visitor_key,
        md5({{ composed_key(['store_id', 'device_id', 'given_session_id', 'first_event_id']) }}) as session_key,
        session_sequence,
        is_page_load,
        {{ elapsed_seconds('occurred_at', 'next_at') }} as seconds_to_next,
        cast(null as timestamp) as fact_at,
        cast(null as timestamp) as repeated_at
    from placed
    union all
    -- what a device had and does not count stays in sight, so that a later run sees when that changes
    select
        events.store_id,
        events.event_id,
        events.device_id,
        events.fate,
        events.source_customer_id as event_customer_id,
        null as source_customer_id,
        null as person_identifier,
        null as visitor_key,
        null as session_key,
        null as session_sequence,
        false as is_page_load,
        null as seconds_to_next,
        events.fact_at,
        events.repeated_at
    from {{ ref('stg_events') }} as events
    where events.fate <> 'accepted' and {{ is_touched }}

),

accepted as (

    select * from {{ ref('stg_events') }}
    where fate = 'accepted'

)

select
    keyed.store_id,
    keyed.event_id,
    keyed.device_id,
    keyed.fate,
    keyed.event_customer_id,
    keyed.source_customer_id,
    keyed.person_identifier,
    keyed.visitor_key,
    keyed.session_key,
    keyed.session_sequence,
    events.occurred_at,
    events.event_type,
    events.email,
    keyed.is_page_load,
    event_types.funnel_step,
    event_types.interaction_type,
    events.page_url,
    events.referrer,
    events.product_id,
    events.variant_id,
    events.product_name,
    events.product_category,
    events.search_query,
    events.order_id,
    events.event_value,
    events.channel,
    events.source,
    events.medium,
    events.campaign,
    events.device_type,
    events.browser,
    keyed.seconds_to_next,
    coalesce(events.fact_at, keyed.fact_at) as fact_at,
    coalesce(events.repeated_at, keyed.repeated_at) as repeated_at,
    coalesce(events.session_id, keyed.session_key) as session_id,
    events.session_id is not null as has_given_session_id,
    coalesce(event_types.is_engagement, false) as is_engagement,
    coalesce(event_types.is_key, false) as is_key,
    coalesce(event_types.is_content, false) as is_content,
    coalesce(event_types.is_message, false) as is_message,
    least(coalesce(keyed.seconds_to_next, 0), 60 * {{ var('time_spent_cap_minutes') }}) as time_spent_seconds,
    (select max(loads.batch_id) from {{ ref('base_events') }} as loads) as source_batch_id,
    {{ next_batch }} as batch_id
from keyed
left join accepted as events
    on keyed.store_id = events.store_id and keyed.event_id = events.event_id and keyed.fate = events.fate
left join event_types on events.raw_event_type = event_types.raw_name
