with people as (

    select
        customers.store_id,
        customers.customer_id,
        true as in_profiles,
        md5({{ sql_text(var('fit_seed') ~ ':') }} || customers.customer_id) as sample_key,
        sessions.customer_id is not null as has_visits,
        {{ round_to('coalesce(sessions.average_session_seconds, 0)', 3) }} as average_session_duration,
        {{ round_to('coalesce(sessions.page_views_per_session, 0)', 6) }} as average_page_views_per_session,
        cast(coalesce(engagement.engagement_score, 0) as double precision) as engagement_score,
        cast(coalesce(totals.orders, 0) as double precision) as total_orders,
        {{ round_to(average_order_value('totals'), 2) }} as average_order_value,
        cast(coalesce(purchases.days_since_purchase, 999) as double precision) as days_since_last_purchase,
        cast((cast(favorites.price_range_low as numeric(19, 2)) + favorites.price_range_high) / 2 as double precision) as price_preference
    from {{ ref('int_customers') }} as customers
    left join {{ ref('int_session_features') }} as sessions
        on customers.store_id = sessions.store_id and customers.customer_id = sessions.customer_id
    left join {{ ref('int_engagement_scores') }} as engagement
        on customers.store_id = engagement.store_id and customers.customer_id = engagement.customer_id
    left join {{ ref('int_activity_totals') }} as totals
        on customers.store_id = totals.store_id and customers.customer_id = totals.customer_id
    left join {{ ref('int_purchase_features') }} as purchases
        on customers.store_id = purchases.store_id and customers.customer_id = purchases.customer_id
    left join {{ ref('int_favorites') }} as favorites
        on customers.store_id = favorites.store_id and customers.customer_id = favorites.customer_id
    where customers.is_identified and not coalesce(customers.do_not_track, false)

),

medians as (

    -- of those whose money is known
    select
        store_id,
        percentile_cont(0.5) within group (order by average_order_value) as average_order_value,
        percentile_cont(0.5) within group (order by price_preference) as price_preference
    from people
    group by store_id

)

-- what did not happen counts as nothing, a last purchase that never was as 999 days ago, and money that nobody knows as the store's median
select
    people.store_id,
    people.customer_id,
    people.in_profiles,
    people.sample_key,
    people.average_session_duration,
    people.has_visits as average_session_duration_is_known,
    people.average_page_views_per_session,
    people.has_visits as average_page_views_per_session_is_known,
    people.engagement_score,
    people.total_orders,
    coalesce(people.average_order_value, {{ round_to('medians.average_order_value', 2) }}, 0) as average_order_value,
    people.average_order_value is not null as average_order_value_is_known,
    people.days_since_last_purchase,
    coalesce(people.price_preference, {{ round_to('medians.price_preference', 2) }}, 0) as price_preference,
    people.price_preference is not null as price_preference_is_known
from people
inner join medians on people.store_id = medians.store_id
