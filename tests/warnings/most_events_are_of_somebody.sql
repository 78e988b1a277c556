{{ config(severity='warn') }}

-- A warning, since visitors may refuse to be told apart: a tenth of a store's events names neither a device nor a person nor a visit.
-- Visits and their rates are of the others, and a loader that loses the ids looks the same.
with days as (

    select
        store_id,
        cast(sum(events) as bigint) as events,
        cast(sum(case when device_id like 'nobody:%' then events else 0 end) as bigint) as of_nobody
    from {{ ref('int_visitor_days') }}
    group by store_id

)

select
    store_id,
    cast(round(100.0 * of_nobody / events) as bigint) || '% of the events of the store (' || of_nobody || ' of ' || events
    || ') name no device, customer or visit, as where consent is denied. They count as events and page views of their day, and are in '
    || 'no visit: visits, bounces, funnels and conversion are of the others. '
    || 'If consent is not the reason, see whether the loader fills anonymous_id.'
        as sentence
from days
where of_nobody >= 1000 and 10 * of_nobody > events
