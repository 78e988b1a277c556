{{ config(severity='warn') }}

-- A warning, since a shop may send any event it likes: these are kept as `other` and count as activity only. Add a row to
-- seeds/vocabulary/event_types.csv for each that means something.
select
    events.store_id,
    events.raw_event_type,
    count(*) as event_count
from {{ ref('stg_events') }} as events
where events.fate = 'accepted' and events.is_unknown_event_type
group by events.store_id, events.raw_event_type
