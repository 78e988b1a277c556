select
    store_id,
    segment_id,
    activity_date,
    is_whole_day,
    members as member_count,
    active_members,
    -- nobody is seen to leave on a day without a night
    case
        when scored_members is not null or members_left > 0
            then {{ round_to(ratio('members_left_by_criteria', 'members - members_joined + members_left'), 6) }}
    end as churn_rate,
    {{ money(ratio('net_revenue_to_date', 'members')) }} as lifetime_value,
    {{ money(ratio('gross_revenue', 'orders - unvalued_orders')) }} as avg_order_value,
    {{ round_to(ratio('orders_30d', 'members'), 6) }} as purchase_frequency,
    {{ round_to(ratio('visits_with_order', 'visits'), 6) }} as conversion_rate,
    {{ round_to(ratio('emails_opened', 'emails_sent'), 6) }} as email_open_rate,
    {{ round_to(ratio('emails_clicked', 'emails_sent'), 6) }} as email_click_rate,
    {{ round_to(ratio('sms_opened', 'sms_sent'), 6) }} as sms_open_rate,
    {{ round_to(ratio('engagement_total', 'scored_members'), 6) }} as engagement_score,
    net_revenue as revenue_generated,
    {{ as_of() }} as updated_at
from {{ ref('daily_metrics') }}
where not is_store
