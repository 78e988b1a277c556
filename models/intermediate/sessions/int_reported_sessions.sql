{{ config(materialized='view') }}

with reported as (

    select
        store_id,
        session_id,
        source_customer_id,
        anonymous_id,
        started_at,
        ended_at,
        referrer_type,
        browser,
        campaign,
        {{ lower_letters('source') }} as source,
        {{ lower_letters('medium') }} as medium,
        lower(device_type) as device_type,
        {{ identifier_of({'anon': 'anonymous_id', 'customer': 'source_customer_id', 'session': 'session_id'}) }} as device_id
    from {{ ref('stg_sessions') }}

),

-- a row that names no device speaks of every visit of its id, unless it names another customer
matches as (

    -- joined by equal ids before the rest: an outer join that asks for this or that compares each row with each
    select
        reported.store_id,
        reported.session_id,
        reported.device_id,
        events.session_key,
        row_number() over (
            partition by events.store_id, events.session_key
            order by
                case when reported.device_id = events.device_id then 0 else 1 end,
                case when reported.source_customer_id = events.source_customer_id then 0 else 1 end,
                {{ byte_order('reported.device_id') }}
        ) as match_rank
    from reported
    inner join {{ ref('int_event_sessions') }} as events
        on reported.store_id = events.store_id and reported.session_id = events.session_id
    where
        events.has_given_session_id
        and (reported.device_id = events.device_id or (
            reported.anonymous_id is null
            and coalesce(reported.source_customer_id = events.source_customer_id, true)
        ))

)

select
    reported.*,
    matches.session_key,
    matches.match_rank
from reported
left join matches
    on reported.store_id = matches.store_id and reported.session_id = matches.session_id and reported.device_id = matches.device_id
