{#- What everybody of the population shows, what only some show, and trends, which are level where nothing shows them. #}
{%- set shown = ['orders_per_month', 'lifetime_value', 'avg_order_value', 'tenure_days', 'maturity_score', 'tickets_per_order'] %}
{%- set partly_shown = [
    'avg_days_between_orders', 'purchase_consistency', 'unique_categories', 'category_diversity', 'exploration_breadth',
    'discount_rate', 'discounted_order_ratio', 'full_price_ratio', 'weekend_ratio', 'business_hours_ratio', 'evening_ratio',
    'timing_consistency', 'repeat_rate', 'loyalty_index', 'repeat_order_ratio', 'refund_rate', 'items_returned_pct',
    'refunded_order_ratio', 'email_share', 'sms_share', 'social_share', 'preferred_hour_sine', 'preferred_hour_cosine',
    'event_weekend_ratio', 'product_switching', 'discount_dependency', 'recency_risk', 'product_concentration', 'mastery',
    'avg_item_price', 'discount_hunt_score', 'spend_consistency', 'avg_resolution_hours', 'reopen_rate', 'avg_satisfaction'
] %}
{%- set trends = ['value_trend', 'acceleration', 'frequency_trend'] -%}

with people as (

    select * from {{ ref('int_axis_observations') }}

),

medians as (

    -- of those who show it
    select
        {%- for feature in shown + partly_shown %}
            percentile_cont(0.5) within group (order by {{ feature }}) as {{ feature }},
        {%- endfor %}
        store_id
    from people
    group by store_id

)

select
    people.store_id,
    people.customer_id,
    people.in_orders,
    people.in_events,
    people.in_tickets,
    people.sample_key,
    people.primary_channel,
    {%- for feature in shown + partly_shown %}
        coalesce(people.{{ feature }}, {{ round_to('medians.' ~ feature, 6) }}, 0) as {{ feature }},
    {%- endfor %}
    {%- for feature in trends %}
        coalesce(people.{{ feature }}, 0) as {{ feature }},
    {%- endfor %}
    {%- for feature in partly_shown + trends %}
        people.{{ feature }} is not null as {{ feature }}_is_known,
    {%- endfor %}
    people.preferred_hour
from people
inner join medians on people.store_id = medians.store_id
