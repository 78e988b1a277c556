-- getSegmentPerformance: how a segment did on each of the last days (var days), by who was in it on that day
select
    days.activity_date,
    -- the last has only begun, and is the first there is after the first night
    days.is_whole_day,
    days.member_count,
    days.active_members,
    days.churn_rate,
    days.lifetime_value,
    days.avg_order_value,
    days.purchase_frequency,
    days.conversion_rate,
    days.email_open_rate,
    days.email_click_rate,
    days.sms_open_rate,
    days.engagement_score,
    days.revenue_generated
from {{ ref('segment_performance') }} as days
inner join {{ ref('stg_stores') }} as stores on days.store_id = stores.store_id
where
    days.store_id = {{ sql_text(var('store_id', 'store_1')) }}
    and days.segment_id = {{ sql_text(var('segment_id', 'champions')) }}
    and days.activity_date > {{ last_begun_date('stores.timezone') }} - {{ var('days', 30) }}
order by days.activity_date desc
