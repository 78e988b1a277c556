-- Profile summary by lifecycle stage: how many people, how active, what they are worth
select
    store_id,
    lifecycle_stage,
    count(*) as profile_count,
    {{ round_to('avg(engagement_score)', 1) }} as avg_engagement,
    {{ round_to('avg(wtp_score)', 1) }} as avg_wtp,
    {{ money('avg(total_revenue)') }} as avg_revenue,
    count(case when email_subscribed then 1 end) as email_subscribers
from {{ ref('audience_profiles') }}
group by store_id, lifecycle_stage
order by
    store_id,
    case lifecycle_stage when 'advocate' then 1 when 'customer' then 2 when 'subscriber' then 3 when 'visitor' then 4 else 5 end
