-- The sessions and the daily rollup of the spine as one would write them for one shop, once, in DuckDB alone: no fates, no
-- history, no identities and so no opt-outs, no tests, only the columns that the two tables need. `data` names the folder of Parquet files.
create temp table event_types as select * from read_csv(getvariable('event_types'));
create temp table zones as
select store_id, timezone from read_parquet(getvariable('data') || '/stores/*.parquet');

create temp table events as
with arrived as (
    select
        store_id, event_id, coalesce(types.event_type, 'other') as event_type, is_page, is_key, is_own_act,
        coalesce(is_own_act and not is_message, true) as is_visited, funnel_step, occurred_at,
        events.customer_id, loaded_at, session_id, page_url, product_id, product_category, event_value, referrer, source, medium,
        campaign, channel, device_type, browser, time_bucket(interval 15 minutes, occurred_at) as quarter_hour,
        case
            when anonymous_id is not null then 'anon:' || anonymous_id
            when events.customer_id is not null then 'customer:' || events.customer_id
            else coalesce('email:' || email, 'event:' || event_id)
        end as device_id
    from read_parquet(getvariable('data') || '/events/*.parquet') as events
    left join event_types as types on lower(trim(events.event_type)) = types.raw_name
    where
        loaded_at < cast(getvariable('as_of') as timestamp) and trim(event_id) <> '' and store_id is not null
        and events.event_type is not null and occurred_at >= '2000-01-01' and occurred_at <= loaded_at + interval 1 day
),

repeated as (
    select store_id, event_id from arrived
    group by all
    having count(*) > 1
)

select * from arrived anti join repeated using (store_id, event_id)
union all
select * from arrived semi join repeated using (store_id, event_id)
qualify row_number() over (partition by store_id, event_id order by loaded_at) = 1;

create temp table placed as
with lagged as (
    select
        *, occurred_at - lag(occurred_at) over (partition by store_id, device_id, session_id order by occurred_at, event_id) as pause
    from events
    where is_visited
),

gaps as (
    select
        *, sum(case when pause > case when session_id is null then interval 30 minutes else interval 24 hours end then 1 else 0 end)
            over (partition by store_id, device_id, session_id order by occurred_at, event_id) as gap
    from lagged
),

switches as (
    select
        *, case when session_id is null and customer_id <> lag(customer_id) over (
            partition by store_id, device_id, session_id, gap, customer_id is null order by occurred_at, event_id
        ) then 1 else 0 end as switched
    from gaps
),

parts as (
    select
        *, sum(switched) over (partition by store_id, device_id, session_id, gap order by occurred_at, event_id) as part
    from switches
)

select
    * exclude (pause, switched),
    row_number() over visit as place,
    least(coalesce(epoch(lead(occurred_at) over visit - occurred_at), 0), 1800) as seconds,
    first_value(event_id) over visit as first_event,
    last_value(customer_id ignore nulls) over (visit rows between unbounded preceding and unbounded following) as visitor,
    is_page and row_number() over (
        partition by store_id, device_id, coalesce(page_url, event_id), date_trunc('second', occurred_at), is_page
        order by occurred_at, event_id
    ) = 1 as is_load
from parts
window visit as (partition by store_id, device_id, session_id, gap, part order by occurred_at, event_id)
union all by name
select *, 0 as seconds, customer_id as visitor, false as is_load from events
where not is_visited;

create table sessions as
select
    store_id, md5(store_id || device_id || coalesce(session_id, '') || first_event) as session_key, any_value(session_id) as session_id,
    any_value(device_id) as device_id, any_value(visitor) as customer_id, min(occurred_at) as started_at, max(occurred_at) as ended_at,
    count(*) as total_events, count_if(is_load) as page_views,
    count_if(event_type = 'product_view') as product_views,
    count(distinct case when event_type = 'product_view' then product_id end) as products_viewed,
    count(distinct case when event_type in ('page_view', 'product_view', 'collection_view') then product_category end) as categories_explored,
    count_if(event_type = 'search') as searches, count_if(is_key) as key_events,
    min(case when funnel_step = 'product_view' then occurred_at end) as first_product_view_at,
    min(case when funnel_step = 'cart' then occurred_at end) as first_cart_at,
    min(case when funnel_step = 'checkout' then occurred_at end) as first_checkout_at,
    min(case when funnel_step = 'purchase' then occurred_at end) as first_purchase_at,
    arg_min(page_url, place) as landing_page, arg_max(page_url, place) as exit_page, arg_min(referrer, place) as referrer,
    arg_min(source, place) as source, arg_min(medium, place) as medium, arg_min(campaign, place) as campaign,
    arg_min(channel, place) as channel, arg_min(device_type, place) as device_type, arg_min(browser, place) as browser
from placed
where is_visited
group by store_id, device_id, session_id, first_event;

create table visitor_days as
with days as (
    select
        store_id, quarter_hour,
        cast(timezone(any_value(timezone), timezone('UTC', any_value(quarter_hour))) as date) as day
    from placed
    inner join zones using (store_id)
    group by all
),

counted as (
    select
        store_id, device_id, visitor, day, count_if(coalesce(is_own_act, true)) as events, count_if(is_load) as page_view,
        sum(round(seconds * 1000)) as engaged, min(occurred_at) filter (coalesce(is_own_act, true)) as first_event_at,
        max(occurred_at) filter (coalesce(is_own_act, true)) as last_event_at, sum(event_value) as event_value,
        count_if(event_type = 'product_view') as product_view, count_if(event_type = 'collection_view') as collection_view,
        count_if(event_type = 'search') as search, count_if(event_type = 'cart_view') as cart_view,
        count_if(event_type = 'add_to_cart') as add_to_cart, count_if(event_type = 'remove_from_cart') as remove_from_cart,
        count_if(event_type = 'checkout_start') as checkout_start, count_if(event_type = 'payment_info') as payment_info,
        count_if(event_type = 'purchase') as purchase, count_if(event_type = 'wishlist') as wishlist,
        count_if(event_type = 'review') as review, count_if(event_type = 'share') as share, count_if(event_type = 'referral') as referral,
        count_if(event_type = 'article_read') as article_read, count_if(event_type = 'video_watch') as video_watch,
        count_if(event_type = 'podcast_listen') as podcast_listen, count_if(event_type = 'download') as download,
        count_if(event_type = 'email_sent') as email_sent, count_if(event_type = 'email_open') as email_open,
        count_if(event_type = 'email_click') as email_click, count_if(event_type = 'email_unsubscribe') as email_unsubscribe,
        count_if(event_type = 'sms_sent') as sms_sent, count_if(event_type = 'sms_open') as sms_open,
        count_if(event_type = 'sms_click') as sms_click, count_if(event_type = 'social_click') as social_click,
        count_if(event_type = 'ad_click') as ad_click, count_if(event_type = 'click') as click,
        count_if(event_type = 'support_ticket') as support_ticket, count_if(event_type = 'other') as other
    from placed
    inner join days using (store_id, quarter_hour)
    group by all
),

visits as (
    select
        store_id, device_id, customer_id as visitor,
        cast(timezone(timezone, timezone('UTC', started_at)) as date) as day, count(*) as sessions
    from sessions
    inner join zones using (store_id)
    group by all
)

select counted.*, coalesce(sessions, 0) as sessions
from counted
left join visits
    on
        counted.store_id = visits.store_id and counted.device_id = visits.device_id and counted.day = visits.day
        and counted.visitor is not distinct from visits.visitor;
