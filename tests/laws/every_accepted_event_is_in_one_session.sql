-- If this fails, a session model lost or doubled events, and everything counted from sessions is wrong.
with accepted as (

    select
        events.store_id,
        count(*) as events
    from {{ ref('stg_events') }} as events
    left join {{ ref('int_events_enriched') }} as suppressed
        on
            events.store_id = suppressed.store_id
            and events.event_id = suppressed.event_id
            and suppressed.fate = 'suppressed'
    where events.fate = 'accepted' and suppressed.event_id is null
    group by events.store_id

),

placed as (

    select
        store_id,
        count(*) as events,
        count(distinct event_id) as distinct_events,
        sum(case when session_key is null then 1 else 0 end) as without_session
    from {{ ref('int_events_enriched') }}
    where fate = 'accepted'
    group by store_id

),

counted as (

    select
        store_id,
        sum(total_events) as events
    from {{ ref('int_event_sessions') }}
    group by store_id

)

select
    accepted.store_id,
    accepted.events,
    placed.events as placed_events,
    counted.events as counted_events
from accepted
left join placed on accepted.store_id = placed.store_id
left join counted on accepted.store_id = counted.store_id
where
    placed.events is null
    or accepted.events <> placed.events
    or placed.events <> placed.distinct_events
    or placed.without_session > 0
    or counted.events is null
    or counted.events <> accepted.events
