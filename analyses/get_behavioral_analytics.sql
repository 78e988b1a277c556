-- getBehavioralAnalytics: what a store's customers were and did on each of the last whole days (var days)
select
    days.activity_date,
    days.total_customers,
    days.new_customers,
    days.active_customers,
    days.at_risk_customers,
    days.churned_customers,
    days.total_page_views,
    days.total_product_views,
    days.total_add_to_cart,
    days.total_purchases,
    days.conversion_rate,
    days.avg_session_duration_minutes,
    days.bounce_rate,
    days.repeat_purchase_rate,
    days.avg_order_value,
    days.revenue
from {{ ref('behavioral_analytics') }} as days
inner join {{ ref('stg_stores') }} as stores on days.store_id = stores.store_id
where
    days.store_id = {{ sql_text(var('store_id', 'store_1')) }}
    and days.is_store
    and days.is_whole_day
    and days.activity_date > {{ last_begun_date('stores.timezone') }} - {{ var('days', 30) }}
order by days.activity_date desc
