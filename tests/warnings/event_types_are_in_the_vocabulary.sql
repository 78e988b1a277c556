{{ config(severity='warn') }}

-- A warning, since a shop may send any event it likes: these are kept as `other` and count as activity only. Add a row to
-- seeds/vocabulary/event_types.csv for each that means something.
select
    store_id,
    raw_event_type,
    count(*) as events
from {{ ref('base_events') }}
where fate = 'accepted' and is_unknown_event_type
group by store_id, raw_event_type
