-- RFM groups: how many customers, what they spend, how often, and how long ago
select
    profiles.store_id,
    profiles.rfm_segment,
    count(*) as customer_count,
    {{ money('avg(profiles.total_revenue)') }} as avg_revenue,
    {{ round_to('avg(profiles.total_orders)', 1) }} as avg_orders,
    {{ round_to('avg(summary.days_since_purchase)', 0) }} as avg_days_since_order
from {{ ref('audience_profiles') }} as profiles
inner join {{ ref('customer_behavior_summary') }} as summary
    on profiles.store_id = summary.store_id and profiles.customer_id = summary.customer_id
where profiles.rfm_segment is not null
group by profiles.store_id, profiles.rfm_segment
order by profiles.store_id asc, avg_revenue desc, profiles.rfm_segment asc
