{#- who has ordered, and of none of whose orders the value is known, spent nobody knows how much #}
{%- set is_unvalued = 'sum(orders) > 0 and sum(unvalued_orders) = sum(orders)' -%}

with stores as (

    select
        store_id,
        {{ as_of_date('timezone') }} as today
    from {{ ref('stg_stores') }}

),

days as (

    select
        days.*,
        stores.today - days.activity_date as days_ago,
        days.first_activity_at is not null as is_active
    from {{ ref('int_customer_days') }} as days
    inner join stores on days.store_id = stores.store_id

)

select
    store_id,
    customer_id,
    cast(sum(events) as bigint) as total_events,
    cast(sum(sessions) as bigint) as total_sessions,
    cast(sum(page_view) as bigint) as total_page_views,
    cast(sum(product_view) as bigint) as total_product_views,
    cast(sum(add_to_cart) as bigint) as total_add_to_cart,
    cast(sum(search) as bigint) as total_searches,
    cast(sum(orders) as bigint) as orders,
    cast(coalesce(sum(unvalued_orders), 0) as bigint) as unvalued_orders,
    cast(case when {{ is_unvalued }} then null else {{ fit_money('sum(gross_revenue)') }} end as numeric(18, 2)) as gross_revenue,
    {{ fit_money('sum(refunded_amount)') }} as refunded_amount,
    cast(
        case when {{ is_unvalued }} then null else {{ fit_money('sum(gross_revenue)') }} - {{ fit_money('sum(refunded_amount)') }} end
        as numeric(18, 2)
    ) as net_revenue,
    cast(sum(article_read) as bigint) as articles_read,
    cast(sum(video_watch) as bigint) as videos_watched,
    cast(sum(podcast_listen) as bigint) as podcasts_heard,
    cast(sum(download) as bigint) as downloads,
    -- what was told as sent and as delivered came once
    cast(greatest(sum(email_sent), sum(email_delivered)) as bigint) as emails_received,
    cast(sum(email_open) as bigint) as emails_opened,
    cast(sum(email_click) as bigint) as emails_clicked,
    cast(sum(email_unsubscribe) as bigint) as email_unsubscribes,
    max(case when email_unsubscribe > 0 then activity_date end) as last_unsubscribe_date,
    cast(sum(email_click{{ ' + email_open' if var('opens_are_activity') }}) as bigint) as email_responses,
    cast(sum(sms_click{{ ' + sms_open' if var('opens_are_activity') }}) as bigint) as sms_responses,
    cast(sum(social_click) as bigint) as social_clicks,
    -- windows of whole local days that end with as_of's
    cast(sum(case when days_ago < 7 then sessions else 0 end) as bigint) as sessions_7d,
    cast(sum(case when days_ago < 30 then sessions else 0 end) as bigint) as sessions_30d,
    cast(sum(case when days_ago < 14 then product_view else 0 end) as bigint) as product_views_14d,
    cast(sum(case when days_ago < 30 then product_view else 0 end) as bigint) as product_views_30d,
    cast(sum(case when days_ago < 14 then add_to_cart else 0 end) as bigint) as add_to_carts_14d,
    cast(sum(case when days_ago < 30 then email_click else 0 end) as bigint) as email_clicks_30d,
    cast(sum(case when days_ago < 30 then article_read else 0 end) as bigint) as articles_read_30d,
    cast(sum(case when days_ago < 30 then video_watch else 0 end) as bigint) as videos_watched_30d,
    cast(sum(case when days_ago < 30 then download else 0 end) as bigint) as downloads_30d,
    cast(sum(case when days_ago < 30 then orders else 0 end) as bigint) as orders_30d,
    cast(sum(case when days_ago < 90 then orders else 0 end) as bigint) as orders_90d,
    cast(sum(case when is_active and days_ago < 30 then 1 else 0 end) as bigint) as active_days_30d,
    cast(sum(case when is_active and days_ago >= 30 and days_ago < 60 then 1 else 0 end) as bigint) as active_days_previous_30d,
    min(first_activity_at) as first_seen_at,
    max(last_activity_at) as last_seen_at,
    count(first_activity_at) as active_days,
    min(case when is_active then activity_date end) as first_active_date,
    min(case when is_active then days_ago end) as days_since_seen
from days
group by store_id, customer_id
