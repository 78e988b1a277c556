{#- How the steps of visits are told, for the body of a CTE: one row per event, by device_number and place. A load of a page is one
    view of it, and one step of its visit, and may be told by several events. events: a CTE with a row per event, of which place numbers
    those of a device in their order. Example: {{ page_steps('numbered') }} -#}
{% macro page_steps(events) -%}
    {%- set address = 'device_number, is_in_visit, page_url' -%}
    with views as (

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
        from {{ events }}
        window page as (partition by {{ address }} order by place)

    ),

    loads as (

        select
            *,
            cast(sum(case when is_of_same_load then 0 else 1 end) over (partition by {{ address }} order by place) as bigint) as load_number
        from views

    )

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
{%- endmacro %}

{#- Whose and which visit events belong to, for the body of a CTE: one row per event, by device_number and place. events: as in page_steps.
    Example: {{ visit_parts('numbered') }} -#}
{% macro visit_parts(events) -%}
    {%- set stream = 'device_number, is_in_visit, given_session_id' -%}
    with pauses as (

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
        from {{ events }}
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

    )

    select
        *,
        case when is_in_visit then named_customer_id end as visitor_id,
        cast(sum(case when is_switch then 1 else 0 end) over (
            partition by {{ stream }}, gap_number
            order by place
        ) as bigint) as part_number
    from owned
{%- endmacro %}

{#- What of visits is in sight, for the body of a CTE: one row per event with its place among those of its visit that are. Placed before
    anybody is out of sight, visits are put in order again on devices alone of which some event is. events: a CTE of flagged events.
    Example: {{ visits_in_sight('flagged') }} -#}
{% macro visits_in_sight(events) -%}
    {%- set visit = 'store_id, device_id, is_in_visit, given_session_id, gap_number, part_number, named_customer_id' -%}
    {%- set passed_on = [
        'store_id', 'event_id', 'device_id', 'fate', 'fact_at', 'repeated_at', 'occurred_at', 'event_customer_id', 'email', 'is_in_visit',
        'given_session_id', 'is_step', 'step_at', 'measured_seconds', 'is_page_load', 'reported_customer_id', 'names_untracked',
        'is_of_untracked', 'source_customer_id', 'is_hidden', 'session_sequence', 'first_event_id', 'next_at', 'next_step_at'
    ] -%}
    with hiding as (

        -- devices of which some event may be out of sight: what remains of their visits is put in order again
        select distinct
            store_id,
            device_id
        from {{ events }}
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
        from {{ events }}
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
        from {{ events }}
        where (store_id, device_id) not in (
            select
                hiding.store_id,
                hiding.device_id
            from hiding
        )

    )

    select
        {{ passed_on | join(',\n        ') }},
        fate = 'accepted' and not is_hidden as is_seen,
        is_in_visit and not is_hidden as is_placed
    from (
        select {{ passed_on | join(', ') }} from ordered
        union all
        select {{ passed_on | join(', ') }} from passed
    ) as events
{%- endmacro %}
