{%- set nothing = 'cast(array[] as text[])' %}
{#- An event that says so is a later word than the records. -#}
{%- set said_on = 'coalesce(cast(customers.email_stated_at as date), totals.last_unsubscribe_date)' %}
{%- set left_the_list = 'coalesce(totals.last_unsubscribe_date >= ' ~ said_on ~ ', false)' %}

with stores as (

    select
        store_id,
        {{ as_of_date('timezone') }} as today
    from {{ ref('stg_stores') }}

),

interests as (

    select
        store_id,
        customer_id,
        array_agg(interest order by {{ byte_order('interest') }}) as interests
    from {{ ref('int_interests') }}
    group by store_id, customer_id

),

usual_gaps as (

    -- for people with a single order, or with all of theirs at once
    select
        store_id,
        {{ round_to('percentile_cont(0.5) within group (order by purchase_frequency_days)', 4) }} as usual_gap_days
    from {{ ref('int_purchase_features') }}
    where purchase_frequency_days > 0
    group by store_id

)

select
    customers.store_id,
    customers.customer_id,
    -- who it is
    customers.is_identified,
    customers.email is not null as has_email,
    customers.phone is not null as has_phone,
    customers.city,
    customers.state,
    customers.country,
    customers.timezone,
    customers.locale,
    customers.currency,
    customers.acquisition_source,
    customers.acquisition_campaign,
    customers.created_at,
    least(coalesce(customers.acquired_at, customers.created_at), totals.first_seen_at) as acquisition_date,
    customers.gdpr_consent,
    customers.do_not_track,
    coalesce(customers.email_subscribed, false) and not {{ left_the_list }} as email_subscribed,
    coalesce(not customers.email_subscribed, false) or {{ left_the_list }} as is_unsubscribed,
    coalesce(customers.sms_subscribed, false) as sms_subscribed,
    coalesce(string_to_array({{ replace_all(clean_text('customers.tags'), ' *, *', ',') }}, ','), {{ nothing }}) as tags,
    -- what they did
    totals.first_seen_at,
    totals.last_seen_at,
    cast(totals.days_since_seen as bigint) as days_since_seen,
    coalesce(totals.total_page_views, 0) as total_pageviews,
    {%- for column in [
        'active_days', 'total_events', 'total_sessions', 'total_product_views', 'total_add_to_cart', 'total_searches', 'articles_read',
        'videos_watched', 'podcasts_heard', 'downloads', 'emails_received', 'emails_opened', 'emails_clicked', 'sessions_7d',
        'sessions_30d', 'product_views_14d', 'product_views_30d', 'add_to_carts_14d', 'email_clicks_30d', 'active_days_30d',
        'active_days_previous_30d'
    ] %}
        coalesce(totals.{{ column }}, 0) as {{ column }},
    {%- endfor %}
    coalesce(totals.active_days_30d - totals.active_days_previous_30d, 0) as active_days_change,
    sessions.average_session_seconds,
    sessions.bounce_rate,
    sessions.cart_abandonment_rate,
    case
        when purchases.last_order_at is null or sessions.last_unordered_cart_at > purchases.last_order_at
            then sessions.last_unordered_cart_at
    end as cart_abandoned_at,
    case
        when purchases.last_order_at is null or sessions.last_unordered_checkout_at > purchases.last_order_at
            then sessions.last_unordered_checkout_at
    end as checkout_abandoned_at,
    -- what they bought
    coalesce(totals.orders, 0) as total_orders,
    {{ known_money('net_revenue', 'totals') }} as total_revenue,
    {{ known_money('gross_revenue', 'totals') }} as gross_revenue,
    {{ money(average_order_value('totals')) }} as average_order_value,
    {%- for column in ['first_order_at', 'last_order_at', 'days_since_purchase', 'purchase_frequency_days', 'loyalty_trend'] %}
        purchases.{{ column }},
    {%- endfor %}
    {{ round_to(ratio(
        'purchases.days_since_purchase', 'coalesce(nullif(purchases.purchase_frequency_days, 0), gaps.usual_gap_days)'
    ), 4) }} as order_gap_ratio,
    coalesce(totals.orders_30d, 0) as orders_30d,
    coalesce(totals.orders_90d, 0) as orders_90d,
    {{ round_to(ratio('purchases.discounted_orders', 'purchases.orders'), 6) }} as discounted_order_rate,
    {{ round_to(ratio('totals.refunded_amount', 'totals.gross_revenue'), 6) }} as refund_rate,
    coalesce(
        stores.today - coalesce(purchases.first_order_date, totals.first_active_date) < {{ var('new_customer_days') }}, true
    ) as is_new,
    cast(extract(year from purchases.first_order_date) as text) || '-'
    || lpad(cast(extract(month from purchases.first_order_date) as text), 2, '0') as first_order_month,
    -- what they ask for
    coalesce(tickets.total_tickets, 0) as total_tickets,
    coalesce(tickets.open_tickets, 0) as open_tickets,
    coalesce(tickets.tickets_90d, 0) as tickets_90d,
    coalesce(tickets.unhappy_tickets_90d, 0) as unhappy_tickets_90d,
    -- what they like
    favorites.preferred_category,
    preferences.preferred_device,
    preferences.preferred_source,
    coalesce(interests.interests, {{ nothing }}) as interests,
    coalesce(lists.preferred_verticals, {{ nothing }}) as preferred_verticals,
    coalesce(lists.preferred_content_types, {{ nothing }}) as preferred_content_types,
    coalesce(lists.preferred_channels, {{ nothing }}) as preferred_channels,
    -- where they stand among the others
    coalesce(axes.dominant_segment_keys, {{ nothing }}) as axis_segments,
    positions.axis_position,
    clusters.segment_name as behavior_cluster,
    -- what is expected of them
    predictions.churn_probability,
    predictions.next_purchase_probability,
    case when predictions.has_ordered then predictions.predicted_ltv_1year end as predicted_ltv,
    predictions.growth_potential,
    -- how they score
    coalesce(engagement.engagement_score, 0) as engagement_score,
    rfm.rfm_recency,
    rfm.rfm_frequency,
    rfm.rfm_monetary,
    rfm.rfm_code,
    rfm.rfm_segment
from {{ ref('int_customers') }} as customers
inner join stores on customers.store_id = stores.store_id
left join usual_gaps as gaps on customers.store_id = gaps.store_id
{%- for model, alias in [
    ('int_activity_totals', 'totals'), ('int_session_features', 'sessions'), ('int_purchase_features', 'purchases'),
    ('int_ticket_features', 'tickets'), ('int_favorites', 'favorites'), ('int_preferences', 'preferences'),
    ('int_preferred_lists', 'lists'), ('int_engagement_scores', 'engagement'), ('int_rfm_scores', 'rfm'),
    ('axis_fingerprints', 'axes'), ('int_axis_positions', 'positions'), ('behavior_clusters', 'cluster_members'), ('int_predictions', 'predictions')
] %}
    left join {{ ref(model) }} as {{ alias }}
        on customers.store_id = {{ alias }}.store_id and customers.customer_id = {{ alias }}.customer_id
{%- endfor %}
left join interests on customers.store_id = interests.store_id and customers.customer_id = interests.customer_id
left join {{ ref('int_cluster_segments') }} as clusters
    on cluster_members.store_id = clusters.store_id and cluster_members.dominant_segment_ids[1] = clusters.segment_id
