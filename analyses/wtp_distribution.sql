-- Willingness to pay: how many people are in each tier, and what they have spent
with tiers as (

    select
        store_id,
        wtp_score,
        total_revenue,
        total_orders,
        case
            when wtp_score >= 80 then 'Very High (80-100)'
            when wtp_score >= 60 then 'High (60-79)'
            when wtp_score >= 40 then 'Medium (40-59)'
            when wtp_score >= 20 then 'Low (20-39)'
            else 'Very Low (0-19)'
        end as wtp_tier
    from {{ ref('audience_profiles') }}

)

select
    store_id,
    wtp_tier,
    count(*) as profile_count,
    {{ money('avg(total_revenue)') }} as avg_revenue,
    count(case when total_orders > 0 then 1 end) as customers
from tiers
group by store_id, wtp_tier
order by store_id asc, min(wtp_score) desc
