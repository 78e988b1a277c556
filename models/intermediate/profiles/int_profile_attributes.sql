-- depends_on: {{ ref('int_valid_rules') }}
{%- set stages = rules_of(['lifecycle']) | groupby('priority') %}

with scores as (

    select
        store_id,
        customer_id,
        max(case when score = 'wtp' then score_value end) as wtp_score,
        max(case when score = 'lead' then score_value end) as lead_score,
        max(case when score = 'health' then score_value end) as health_score
    from {{ ref('int_scores') }}
    group by store_id, customer_id

),

facts as (

    select
        facts.*,
        scores.wtp_score,
        scores.lead_score,
        scores.health_score,
        journeys.stage as journey_stage,
        journeys.entered_at as journey_stage_entered_at
    from {{ ref('int_profile_facts') }} as facts
    left join scores on facts.store_id = scores.store_id and facts.customer_id = scores.customer_id
    left join {{ ref('int_journey_stages') }} as journeys
        on facts.store_id = journeys.store_id and facts.customer_id = journeys.customer_id and journeys.is_current

)

select
    facts.store_id,
    facts.customer_id,
    facts.is_identified,
    facts.has_email,
    facts.has_phone,
    facts.city,
    facts.state,
    facts.country,
    facts.timezone,
    facts.locale,
    facts.currency,
    facts.acquisition_source,
    facts.acquisition_campaign,
    facts.acquisition_date,
    facts.created_at,
    facts.gdpr_consent,
    facts.do_not_track,
    facts.email_subscribed,
    facts.is_unsubscribed,
    facts.sms_subscribed,
    facts.tags,
    facts.first_seen_at,
    facts.last_seen_at,
    facts.days_since_seen,
    facts.active_days,
    facts.total_events,
    facts.total_sessions,
    facts.total_pageviews,
    facts.total_product_views,
    facts.total_add_to_cart,
    facts.total_searches,
    facts.articles_read,
    facts.videos_watched,
    facts.podcasts_heard,
    facts.downloads,
    facts.emails_received,
    facts.emails_opened,
    facts.emails_clicked,
    facts.sessions_7d,
    facts.sessions_30d,
    facts.product_views_14d,
    facts.product_views_30d,
    facts.add_to_carts_14d,
    facts.email_clicks_30d,
    facts.active_days_30d,
    facts.active_days_previous_30d,
    facts.active_days_change,
    facts.average_session_seconds,
    facts.bounce_rate,
    facts.cart_abandonment_rate,
    facts.cart_abandoned_at,
    facts.checkout_abandoned_at,
    facts.total_orders,
    facts.total_revenue,
    facts.gross_revenue,
    facts.average_order_value,
    facts.first_order_at,
    facts.last_order_at,
    facts.days_since_purchase,
    facts.purchase_frequency_days,
    facts.order_gap_ratio,
    facts.orders_30d,
    facts.orders_90d,
    facts.discounted_order_rate,
    facts.refund_rate,
    facts.first_order_month,
    facts.is_new,
    facts.total_tickets,
    facts.open_tickets,
    facts.tickets_90d,
    facts.unhappy_tickets_90d,
    facts.preferred_category,
    facts.preferred_device,
    facts.preferred_source,
    facts.interests,
    facts.preferred_verticals,
    facts.preferred_content_types,
    facts.preferred_channels,
    facts.axis_segments,
    facts.axis_position,
    facts.behavior_cluster,
    facts.churn_probability,
    facts.next_purchase_probability,
    facts.predicted_ltv,
    facts.growth_potential,
    facts.engagement_score,
    facts.rfm_recency,
    facts.rfm_frequency,
    facts.rfm_monetary,
    facts.rfm_code,
    facts.rfm_segment,
    facts.wtp_score,
    facts.lead_score,
    facts.health_score,
    {{ round_to('(facts.churn_probability + 1 - facts.health_score / cast(100 as double precision)) / 2', 6) }} as risk_score,
    facts.journey_stage,
    facts.journey_stage_entered_at,
    -- the highest stage whose rules are met
    case
        {%- for stage in stages | reverse %}
            when {{ rules_joined(stage.list, 'facts') }} then {{ sql_text(stage.list[0].owner_id) }}
        {%- endfor %}
        {%- if not stages %}
            when false then null
        {%- endif %}
        else 'anonymous'
    end as lifecycle_stage
from facts
