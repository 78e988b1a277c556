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
    post_hook=["{{ ensure_index(['store_id', 'device_id']) }}", "{{ ensure_index(['store_id', 'event_id']) }}"]
) }}

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
        events.event_type,
        events.source_customer_id,
        events.email,
        coalesce(event_types.is_page, false) as is_page,
        -- a visit is what the person did in the shop: not what the shop sent, or a machine reported, and no message
        coalesce(event_types.is_own_act and not event_types.is_message, true) as is_visited,
        case
            when events.view_duration > 0 then least(events.view_duration, 60 * {{ var('time_spent_cap_minutes') }})
        end as view_duration,
        case when event_types.is_page or events.event_type in ('product_view', 'collection_view') then events.page_url end as page_url,
        case when coalesce(event_types.is_own_act and not event_types.is_message, true) then events.session_id end as given_session_id
    from {{ ref('stg_events') }} as events
    left join event_types on {{ name_key('events.raw_event_type') }} = event_types.name_key
    where events.fate = 'accepted' and {{ is_touched }}

),

told as (

    select
        arrived.*,
        coalesce(own.source_customer_id, any_device.source_customer_id) as told_customer_id
    from arrived
    left join {{ ref('int_told_customers') }} as own
        on arrived.store_id = own.store_id and arrived.given_session_id = own.session_id and arrived.device_id = own.device_id
    left join {{ ref('int_told_customers') }} as any_device
        on arrived.store_id = any_device.store_id and arrived.given_session_id = any_device.session_id and any_device.device_id is null

),

events as (

    select
        told.*,
        {{ names_untracked('told', 'source_customer_id') }} as names_untracked,
        {{ is_untracked('told.store_id', 'told.device_id') }} as is_of_untracked
    from told

),

views as (

    -- seconds since the view of the same address before
    select
        *,
        {{ elapsed_seconds('lag(occurred_at) over same_address', 'occurred_at') }} as seconds_since_view,
        date_trunc('second', occurred_at) = date_trunc('second', lag(occurred_at) over same_address) as is_of_same_second,
        event_type <> lag(event_type) over same_address as is_of_another_kind
    from events
    where is_visited
    window same_address as (
        partition by store_id, device_id, page_url
        order by occurred_at, {{ byte_order('event_id') }}
    )

),

loads as (

    -- events of one page load: of one device and address, within one second, or of another kind at most a second later, as
    -- when a page and its product are told of one by one; one without an address is a load by itself
    select
        *,
        sum(
            case
                when page_url is not null and (is_of_same_second or (is_of_another_kind and seconds_since_view <= 1)) then 0
                else 1
            end
        ) over (
            partition by store_id, device_id, page_url
            order by occurred_at, {{ byte_order('event_id') }}
            rows between unbounded preceding and current row
        ) as load_number
    from views

),

steps as (

    -- a load is one view of a page, and one step of the visit: the product's, else the collection's; no later step has to carry addresses
    select
        store_id,
        event_id,
        device_id,
        occurred_at,
        event_type,
        given_session_id,
        source_customer_id,
        told_customer_id,
        names_untracked,
        is_of_untracked,
        is_page and row_number() over (
            partition by store_id, device_id, page_url, load_number, is_page
            order by occurred_at, {{ byte_order('event_id') }}
        ) = 1 as is_page_load,
        row_number() over (
            partition by store_id, device_id, page_url, load_number
            order by
                case event_type when 'product_view' then 1 when 'collection_view' then 2 else 3 end,
                occurred_at,
                {{ byte_order('event_id') }}
        ) = 1 as is_step,
        min(occurred_at) over (partition by store_id, device_id, page_url, load_number) as step_at,
        max(view_duration) over (partition by store_id, device_id, page_url, load_number) as measured_seconds
    from loads

),

lagged as (

    -- a given session id counts within its device, and events without one are a stream of their own
    select
        *,
        {{ elapsed_seconds(
            'lag(occurred_at) over (partition by store_id, device_id, given_session_id order by occurred_at, ' ~ byte_order('event_id') ~ ')',
            'occurred_at'
        ) }} as seconds_before
    from steps

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

named as (

    select
        *,
        count(source_customer_id) over (
            partition by store_id, device_id, given_session_id, gap_number
            order by occurred_at, {{ byte_order('event_id') }}
            rows between unbounded preceding and current row
        ) as times_named
    from gaps

),

owned as (

    -- whose an event is: the customer whom it names, else who was named before it, and before anybody was, the first who is
    select
        *,
        max(source_customer_id) over (
            partition by store_id, device_id, given_session_id, gap_number, greatest(times_named, 1)
        ) as named_customer_id
    from named

),

switches as (

    -- another customer ends a session too, where no id was given; one with a given id, as of a tablet in a shop, is split by person
    select
        *,
        case
            when
                given_session_id is null
                and named_customer_id <> lag(named_customer_id) over (
                    partition by store_id, device_id, given_session_id, gap_number
                    order by occurred_at, {{ byte_order('event_id') }}
                )
                then 1
            else 0
        end as is_switch
    from owned

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

judged as (

    -- a person who asked not to be tracked hides a part of a visit that is theirs, or nobody's who is named, and every event that
    -- names them; nobody's is also what happened on their device
    select
        *,
        coalesce(named_customer_id, told_customer_id) as session_customer_id,
        names_untracked
        or (coalesce(named_customer_id, told_customer_id) is null and is_of_untracked)
        or bool_or(names_untracked and (named_customer_id is null or source_customer_id is not null)) over (
            partition by store_id, device_id, given_session_id, gap_number, part_number, named_customer_id
        ) as is_hidden
    from parts

),

placed as (

    select
        *,
        row_number() over session_order as session_sequence,
        first_value(event_id) over session_order as first_event_id,
        lead(occurred_at) over session_order as next_at,
        lead(step_at) over (
            partition by store_id, device_id, given_session_id, gap_number, part_number, named_customer_id, is_step
            order by step_at, case when event_type = 'product_view' then 1 else 0 end, {{ byte_order('event_id') }}
        ) as next_step_at
    from judged
    where not is_hidden
    window session_order as (
        partition by store_id, device_id, given_session_id, gap_number, part_number, named_customer_id
        order by occurred_at, {{ byte_order('event_id') }}
    )

),

beside as (

    -- what is part of no visit
    select
        *,
        names_untracked or (source_customer_id is null and is_of_untracked) as is_hidden
    from events
    where not is_visited

),

hidden as (

    select
        store_id,
        event_id,
        given_session_id,
        told_customer_id,
        names_untracked,
        is_of_untracked
    from judged
    where is_hidden
    union all
    select
        store_id,
        event_id,
        given_session_id,
        told_customer_id,
        names_untracked,
        is_of_untracked
    from beside
    where is_hidden

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
        md5({{ composed_key(['store_id', 'device_id', 'given_session_id', 'first_event_id']) }}) as session_key,
        session_sequence,
        is_page_load,
        {{ elapsed_seconds('occurred_at', 'next_at') }} as seconds_to_next,
        case when is_step then measured_seconds end as measured_seconds,
        case when is_step then {{ elapsed_seconds('step_at', 'next_step_at') }} end as seconds_to_next_step,
        cast(null as timestamp) as fact_at,
        cast(null as timestamp) as repeated_at
    from placed
    union all
    select
        store_id,
        event_id,
        device_id,
        'accepted' as fate,
        source_customer_id as event_customer_id,
        told_customer_id,
        null as email,
        null as given_session_id,
        names_untracked,
        is_of_untracked,
        source_customer_id,
        null as session_key,
        null as session_sequence,
        false as is_page_load,
        null as seconds_to_next,
        null as measured_seconds,
        null as seconds_to_next_step,
        null as fact_at,
        null as repeated_at
    from beside
    where not is_hidden
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
        case when hidden.event_id is not null then hidden.given_session_id else events.session_id end as given_session_id,
        hidden.names_untracked,
        hidden.is_of_untracked,
        null as source_customer_id,
        null as session_key,
        null as session_sequence,
        false as is_page_load,
        null as seconds_to_next,
        null as measured_seconds,
        null as seconds_to_next_step,
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
    case
        when keyed.fate <> 'accepted' then null
        when keyed.source_customer_id is not null then 'customer:' || keyed.source_customer_id
        when keyed.device_id like 'anon:%' or keyed.device_id like 'email:%' then keyed.device_id
    end as person_identifier,
    case
        when keyed.fate = 'accepted' then md5({{ composed_key(['keyed.store_id', 'keyed.device_id', 'keyed.source_customer_id']) }})
    end as visitor_key,
    case when event_types.is_page then page_types.event_type end as page_kind,
    coalesce(keyed.given_session_id, keyed.session_key) as session_id,
    keyed.given_session_id is not null as has_given_session_id,
    coalesce(event_types.is_engagement, false) as is_engagement,
    coalesce(event_types.is_key, false) as is_key,
    coalesce(event_types.is_content, false) as is_content,
    coalesce(event_types.is_message, false) as is_message,
    keyed.fate = 'accepted' and coalesce(event_types.is_own_act, true) as is_own_act,
    keyed.measured_seconds,
    coalesce(
        keyed.measured_seconds,
        least(greatest(keyed.seconds_to_next_step, 0), 60 * {{ var('time_spent_cap_minutes') }})
    ) as time_spent_seconds,
    (select max(loads.batch_id) from {{ ref('base_events') }} as loads) as source_batch_id,
    {{ next_batch }} as batch_id
from keyed
left join accepted as events
    on keyed.store_id = events.store_id and keyed.event_id = events.event_id and keyed.fate = events.fate
left join event_types on {{ name_key('events.raw_event_type') }} = event_types.name_key
left join event_types as page_types on {{ name_key('events.page_type') }} = page_types.name_key
