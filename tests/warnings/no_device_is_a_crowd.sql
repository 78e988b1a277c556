{{ config(severity='warn') }}

-- A warning, since a busy device may be a kiosk: one visitor has a tenth of a store's events, and makes its means. Who it is is not said,
-- as runs are logged.
with devices as (

    select
        store_id,
        person_identifier,
        sum(events) as events
    from {{ ref('int_visitor_days') }}
    group by store_id, person_identifier

),

stores as (

    select
        store_id,
        sum(events) as events,
        max(events) as most
    from devices
    group by store_id

)

select
    store_id,
    'One visitor has ' || cast(most as bigint) || ' of the ' || cast(events as bigint) || ' events of the store. Is it a machine? '
    || 'customer_events grouped by anonymous_id shows which; leave its rows out of the raw table.' as sentence
from stores
where most >= 10000 and 10 * most > events
