-- If this fails, the daily rollup and the events it was made of tell different stories.
with events as (

    select
        store_id,
        sum(case when is_own_act then 1 else 0 end) as events,
        sum(case when event_type = 'product_view' then 1 else 0 end) as product_views,
        sum(case when event_type = 'email_sent' then 1 else 0 end) as emails,
        sum(case when is_page_load then 1 else 0 end) as page_views
    from {{ ref('int_events_enriched') }}
    where fate = 'accepted'
    group by store_id

),

visits as (

    select
        store_id,
        count(*) as sessions
    from {{ ref('int_event_sessions') }}
    group by store_id

),

rollup as (

    select
        store_id,
        sum(events) as events,
        sum(product_view) as product_views,
        sum(email_sent) as emails,
        sum(page_view) as page_views,
        sum(sessions) as sessions
    from {{ ref('int_visitor_days') }}
    group by store_id

)

select
    events.store_id,
    events.events,
    rollup.events as rollup_events,
    visits.sessions,
    rollup.sessions as rollup_sessions
from events
left join visits on events.store_id = visits.store_id
left join rollup on events.store_id = rollup.store_id
where
    rollup.events is null
    or events.events <> rollup.events
    or events.product_views <> rollup.product_views
    or events.emails <> rollup.emails
    or events.page_views <> rollup.page_views
    or coalesce(visits.sessions, 0) <> rollup.sessions
