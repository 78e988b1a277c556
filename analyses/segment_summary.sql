-- Segment performance: who the members of each active segment are now
select
    segments.store_id,
    segments.segment_id,
    segments.name as segment,
    segments.member_count,
    {{ round_to('avg(profiles.wtp_score)', 1) }} as avg_wtp,
    {{ money('avg(profiles.total_revenue)') }} as avg_revenue,
    {{ round_to('avg(profiles.engagement_score)', 1) }} as avg_engagement
from {{ ref('segments') }} as segments
inner join {{ ref('segment_memberships') }} as memberships
    on segments.store_id = memberships.store_id and segments.segment_id = memberships.segment_id and memberships.left_at is null
inner join {{ ref('audience_profiles') }} as profiles
    on memberships.store_id = profiles.store_id and memberships.customer_id = profiles.customer_id
where segments.is_active
group by segments.store_id, segments.segment_id, segments.name, segments.member_count
order by segments.store_id asc, avg_revenue desc, segments.segment_id asc
