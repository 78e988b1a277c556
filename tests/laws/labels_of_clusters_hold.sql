-- No behavioural cluster has a label whose claims its members break. If this fails, people who never ordered are called frequent, or
-- customers are called contacts without orders: each row is a cluster and what its members did. Labels of the seed and words of
-- plain labels are held against the members here, whatever the seed says of them.
with members as (

    select
        clusters.store_id,
        clusters.segment_id,
        clusters.cluster_label,
        features.total_orders,
        features.engagement_score
    from {{ ref('int_cluster_segments') }} as clusters
    inner join {{ ref('behavior_clusters') }} as dominants
        on clusters.store_id = dominants.store_id and clusters.segment_id = dominants.dominant_segment_ids[1]
    inner join {{ ref('int_cluster_features') }} as features
        on dominants.store_id = features.store_id and dominants.customer_id = features.customer_id
    where clusters.is_current

),

measured as (

    select
        store_id,
        segment_id,
        cluster_label,
        avg(total_orders) as mean_orders,
        avg(case when total_orders >= 1 then 1.0 else 0.0 end) as ordered,
        avg(case when total_orders >= 2 then 1.0 else 0.0 end) as came_back,
        percentile_cont(0.5) within group (order by engagement_score) as engagement_score
    from members
    group by store_id, segment_id, cluster_label

)

-- rounding apart
select *
from measured
where
    (cluster_label like '%Returning %' and came_back < 0.799999)
    or (
        (cluster_label like '%Occasional %' or cluster_label like '%High-Value%' or cluster_label like '%Budget%') and ordered < 0.799999
    )
    or (
        cluster_label in ('High-Value Loyal Customers', 'Frequent Budget Shoppers', 'Frequent Customers')
        and (mean_orders <= 10 or ordered < 0.799999)
    )
    or (cluster_label in ('Big Spenders (Infrequent)', 'At-Risk Customers') and (mean_orders >= 2 or ordered < 0.799999))
    or (cluster_label = 'Engaged Browsers' and engagement_score <= 70)
    or (cluster_label = 'Contacts Without Orders' and ordered > 0.100001)
