select
    cast(summary.store_id as text) as store_id,
    cast(summary.customer_id as text) as customer_id,
    cast(summary.orders as bigint) as total_purchases,
    cast(summary.avg_order_value as double precision) as avg_purchase_value,
    cast(case when axes.in_orders then axes.orders_per_month end as double precision) as purchase_frequency,
    cast(purchases.purchase_consistency as double precision) as purchase_consistency,
    cast(purchases.seasonal_purchase_pattern as double precision) as seasonal_purchase_pattern,
    cast(summary.total_sessions as bigint) as total_sessions,
    {{ round_to('summary.average_session_seconds / 60', 6) }} as avg_session_duration,
    cast(summary.page_views_per_session as double precision) as page_views_per_session,
    cast(sessions.bounce_rate as double precision) as bounce_rate,
    cast(coalesce(engagement.engagement_score, 0) as bigint) as engagement_score,
    cast(sessions.search_frequency as double precision) as search_frequency,
    cast(discovery.search_query_diversity as double precision) as search_query_diversity,
    cast(discovery.product_discovery_method as text) as product_discovery_method,
    cast(explorations.category_exploration as double precision) as category_exploration,
    cast(discovery.attributed_value as numeric(18, 2)) as attributed_value,
    cast(sessions.cart_abandonment_rate as double precision) as cart_abandonment_rate,
    cast(sessions.checkout_completion_rate as double precision) as checkout_completion_rate,
    cast(discovery.product_comparison_behavior as double precision) as product_comparison_behavior,
    cast(discovery.impulse_purchase_tendency as double precision) as impulse_purchase_tendency,
    cast(preferences.preferred_device as text) as preferred_device,
    cast(preferences.preferred_browser as text) as preferred_browser,
    cast(preferences.channel_preference as text) as channel_preference,
    cast(sessions.mobile_usage_pattern as double precision) as mobile_usage_pattern,
    cast(sessions.desktop_usage_pattern as double precision) as desktop_usage_pattern,
    cast(preferences.preferred_shopping_time as bigint) as preferred_shopping_time,
    cast(preferences.shopping_day_preference as bigint) as shopping_day_preference,
    cast(sessions.seasonal_behavior as double precision) as seasonal_behavior,
    cast(case when axes.in_orders then axes.frequency_trend end as double precision) as loyalty_trend,
    cast(case when axes.in_orders then axes.frequency_trend_is_known end as boolean) as loyalty_trend_is_known,
    cast(clusters.segment_name as text) as customer_segment,
    cast(results.risk_score as double precision) as risk_score,
    cast(facts.predicted_ltv as double precision) as lifetime_value_prediction,
    cast(facts.churn_probability as double precision) as churn_probability,
    {{ as_of() }} as last_computed_at
from {{ ref('int_behavior_summary') }} as summary
left join {{ ref('int_purchase_features') }} as purchases
    on summary.store_id = purchases.store_id and summary.customer_id = purchases.customer_id
left join {{ ref('int_session_features') }} as sessions
    on summary.store_id = sessions.store_id and summary.customer_id = sessions.customer_id
left join {{ ref('int_engagement_scores') }} as engagement
    on summary.store_id = engagement.store_id and summary.customer_id = engagement.customer_id
left join {{ ref('int_discovery_features') }} as discovery
    on summary.store_id = discovery.store_id and summary.customer_id = discovery.customer_id
left join {{ ref('int_category_exploration') }} as explorations
    on summary.store_id = explorations.store_id and summary.customer_id = explorations.customer_id
left join {{ ref('int_preferences') }} as preferences
    on summary.store_id = preferences.store_id and summary.customer_id = preferences.customer_id
left join {{ ref('int_customer_axis_features') }} as axes
    on summary.store_id = axes.store_id and summary.customer_id = axes.customer_id
left join {{ ref('behavior_clusters') }} as members
    on summary.store_id = members.store_id and summary.customer_id = members.customer_id
left join {{ ref('int_cluster_segments') }} as clusters
    on members.store_id = clusters.store_id and members.dominant_segment_ids[1] = clusters.segment_id
left join {{ ref('int_profile_facts') }} as facts
    on summary.store_id = facts.store_id and summary.customer_id = facts.customer_id
left join {{ ref('int_rule_results') }} as results
    on summary.store_id = results.store_id and summary.customer_id = results.customer_id
where not coalesce(facts.do_not_track, false)
