{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key=['store_id', 'device_id'],
    on_schema_change='append_new_columns',
    meta={'shaped_by': {
        'vars': ['session_timeout_minutes', 'session_max_gap_hours', 'time_spent_cap_minutes'],
        'seeds': {
            'event_types': 'true', 'custom_event_types': 'true',
            'identity_rules': "rule = 'blocked'", 'custom_identity_rules': 'true'
        },
        'models': ['base_events']
    }},
    post_hook=["{{ ensure_index(['store_id', 'device_id']) }}", "{{ ensure_index(['store_id', 'event_id']) }}"]
) }}

{#- A visit in which somebody is named who asked not to be tracked is left out as a whole, and one of nobody else on their device. -#}
{%- set is_hidden = '(session_names_untracked or (session_customer_id is null and is_of_untracked))' %}
{%- set is_touched, next_batch = 'true', 'cast(1 as bigint)' %}
{%- if is_incremental() %}
    {%- set next_batch = '(select coalesce(max(known.batch_id), 0) + 1 from ' ~ this ~ ' as known)' %}
    {%- set is_touched = '(events.store_id, events.device_id) in (select touched.store_id, touched.device_id from touched)' %}
{%- endif %}

with event_types as (

    select * from {{ ref('stg_event_types') }}

),

untracked as (

    {{ untracked_identifiers() | indent(4) }}

),

{% if is_incremental() %}
    touched as (

        -- devices with an event that a new load settled, and those of whose events another became of them: as_of passed them, or
        -- went back behind them, the shop tells another customer of their visit, or somebody whom they name asked not to be
        -- tracked, or no longer
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
        left join {{ ref('int_told_customers') }} as own
            on
                known.store_id = own.store_id
                and known.session_id = own.session_id
                and known.device_id = own.device_id
                and known.has_given_session_id
        left join {{ ref('int_told_customers') }} as any_device
            on
                known.store_id = any_device.store_id
                and known.session_id = any_device.session_id
                and any_device.device_id is null
                and known.has_given_session_id
        where
            known.fate <> {{ event_fate('known', "known.fate = 'suppressed'") }}
            or (
                known.fate in ('accepted', 'suppressed')
                and (
                    known.told_customer_id is distinct from coalesce(own.source_customer_id, any_device.source_customer_id)
                    or known.names_untracked is distinct from {{ names_untracked('known', 'event_customer_id') }}
                    or known.is_of_untracked is distinct from {{ is_untracked('known.store_id', 'known.device_id') }}
                )
            )

    ),

{% endif %}
arrived as (

    select
        events.store_id,
        events.event_id,
        events.device_id,
        events.occurred_at,
        events.session_id as given_session_id,
        events.source_customer_id,
        events.email,
        coalesce(own.source_customer_id, any_device.source_customer_id) as told_customer_id,
        coalesce(event_types.is_page, false) as is_page,
        case when event_types.is_page then events.page_url end as page_url
    from {{ ref('stg_events') }} as events
    left join event_types on {{ name_key('events.raw_event_type') }} = event_types.name_key
    left join {{ ref('int_told_customers') }} as own
        on events.store_id = own.store_id and events.session_id = own.session_id and events.device_id = own.device_id
    left join {{ ref('int_told_customers') }} as any_device
        on events.store_id = any_device.store_id and events.session_id = any_device.session_id and any_device.device_id is null
    where events.fate = 'accepted' and {{ is_touched }}

),

events as (

    select
        arrived.store_id,
        arrived.event_id,
        arrived.device_id,
        arrived.occurred_at,
        arrived.given_session_id,
        arrived.source_customer_id,
        arrived.told_customer_id,
        arrived.is_page,
        arrived.page_url,
        {{ names_untracked('arrived', 'source_customer_id') }} as names_untracked,
        {{ is_untracked('arrived.store_id', 'arrived.device_id') }} as is_of_untracked
    from arrived

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
        told_customer_id,
        names_untracked,
        is_of_untracked,
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
        bool_or(names_untracked) over (
            partition by store_id, device_id, given_session_id, gap_number, part_number
        ) as session_names_untracked,
        coalesce(
            {{ last_known_of_partition(
                'source_customer_id', 'occurred_at', 'event_id',
                'store_id, device_id, given_session_id, gap_number, part_number'
            ) }},
            told_customer_id
        ) as session_customer_id
    from parts
    window session_order as (
        partition by store_id, device_id, given_session_id, gap_number, part_number
        order by occurred_at, {{ byte_order('event_id') }}
    )

),

hidden as (

    select * from placed
    where {{ is_hidden }}

),

keyed as (

    select
        store_id,
        event_id,
        device_id,
        'accepted' as fate,
        source_customer_id as event_customer_id,
        told_customer_id,
        cast(null as text) as email,
        given_session_id,
        names_untracked,
        is_of_untracked,
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
    where not {{ is_hidden }}
    union all
    -- what a device had and does not count stays in sight, so that a later run sees when that changes
    select
        events.store_id,
        events.event_id,
        events.device_id,
        case when hidden.event_id is not null then 'suppressed' else events.fate end as fate,
        events.source_customer_id as event_customer_id,
        hidden.told_customer_id,
        events.email,
        events.session_id as given_session_id,
        hidden.names_untracked,
        hidden.is_of_untracked,
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
    left join hidden
        on events.store_id = hidden.store_id and events.event_id = hidden.event_id and events.fate = 'accepted'
    where (events.fate <> 'accepted' or hidden.event_id is not null) and {{ is_touched }}

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
    keyed.told_customer_id,
    keyed.names_untracked,
    keyed.is_of_untracked,
    keyed.source_customer_id,
    keyed.person_identifier,
    keyed.visitor_key,
    keyed.session_key,
    keyed.session_sequence,
    events.occurred_at,
    events.event_type,
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
    coalesce(events.email, keyed.email) as email,
    coalesce(keyed.given_session_id, keyed.session_key) as session_id,
    keyed.given_session_id is not null as has_given_session_id,
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
left join event_types on {{ name_key('events.raw_event_type') }} = event_types.name_key
