-- the points of each part of the score
with points as (

    select
        store_id,
        customer_id,
        case
            when days_since_seen <= 7 then 30
            when days_since_seen <= 14 then 20
            when days_since_seen <= 30 then 10
            else 0
        end as engagement_recency,
        least(30, active_days_30d * 3) as engagement_frequency,
        case when orders_30d > 0 then 15 else 0 end as engagement_purchase,
        case when email_clicks_30d > 0 then 10 else 0 end as engagement_email_click,
        case when articles_read_30d > 0 then 5 else 0 end as engagement_article_read,
        case when videos_watched_30d > 0 then 5 else 0 end as engagement_video_watch,
        case when downloads_30d > 0 then 5 else 0 end as engagement_download
    from {{ ref('int_activity_totals') }}

)

select
    *,
    cast(least(100, (
        engagement_recency + engagement_frequency + engagement_purchase + engagement_email_click
        + engagement_article_read + engagement_video_watch + engagement_download
    )) as bigint) as engagement_score
from points
