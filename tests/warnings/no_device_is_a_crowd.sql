{{ config(severity='warn') }}

-- A warning, since a busy device may be a kiosk: one visitor has a tenth of a store's events, and makes its means; or visits that are
-- quarantined have a tenth of its page views, of which no mean tells, but every count of what was looked at. Who it is is not said, as
-- runs are logged.
with devices as (

    select
        store_id,
        coalesce(person_identifier, device_id) as visitor,
        sum(events) as events
    from {{ ref('int_visitor_days') }}
    group by store_id, coalesce(person_identifier, device_id)

),

stores as (

    select
        store_id,
        sum(events) as events,
        max(events) as most
    from devices
    group by store_id

),

visits as (

    select
        store_id,
        cast(sum(page_views) as bigint) as page_views,
        cast(sum(case when is_quarantined then page_views else 0 end) as bigint) as quarantined_page_views,
        sum(case when is_quarantined then 1 else 0 end) as quarantined_visits
    from {{ ref('int_sessions') }}
    group by store_id

)

select
    store_id,
    'One visitor has ' || cast(most as bigint) || ' of the ' || cast(events as bigint) || ' events of the store. Is it a machine? '
    || 'customer_events grouped by anonymous_id shows which; leave its rows out of the raw table.' as sentence
from stores
where most >= 10000 and 10 * most > events
union all
select
    store_id,
    'Quarantined visits (' || quarantined_visits || ') have ' || quarantined_page_views || ' of the ' || page_views
    || ' page views of the store. Are they machines? sessions where is_quarantined shows whose they are; '
    || 'leave their rows out of the raw table.' as sentence
from visits
where quarantined_page_views >= 1000 and 10 * quarantined_page_views > page_views
