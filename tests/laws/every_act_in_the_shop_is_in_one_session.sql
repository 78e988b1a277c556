-- If this fails, a session model lost or doubled events, or put a message, what the person did not do or what names nobody into a visit,
-- and everything counted from sessions is wrong.
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
        sum(case when is_own_act and not is_message and device_id not like 'nobody:%' then 1 else 0 end) as acts,
        sum(
            case when (session_key is not null) <> (is_own_act and not is_message and device_id not like 'nobody:%') then 1 else 0 end
        ) as misplaced
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
    placed.acts,
    placed.misplaced,
    counted.events as counted_events
from accepted
left join placed on accepted.store_id = placed.store_id
left join counted on accepted.store_id = counted.store_id
where
    placed.events is null
    or accepted.events <> placed.events
    or placed.events <> placed.distinct_events
    or placed.misplaced > 0
    or coalesce(counted.events, 0) <> placed.acts
