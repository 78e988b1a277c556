-- Willingness to pay: how many people are in each tier, and what they have spent
select
    store_id,
    case
        when wtp_score >= 80 then 'Very High (80-100)'
        when wtp_score >= 60 then 'High (60-79)'
        when wtp_score >= 40 then 'Medium (40-59)'
        when wtp_score >= 20 then 'Low (20-39)'
        else 'Very Low (0-19)'
    end as wtp_tier,
    count(*) as profile_count,
    {{ money('avg(total_revenue)') }} as avg_revenue,
    count(case when total_orders > 0 then 1 end) as customers
from {{ ref('audience_profiles') }}
group by 1, 2
order by 1, min(wtp_score) desc
