{%- set members = [
    'members', 'active_members', 'members_joined', 'members_left', 'members_left_by_criteria', 'orders_30d', 'scored_members',
    'engagement_total'
] %}

with days as (

    select
        store_id,
        activity_date,
        '(store)' as segment_id,
        {%- for column in daily_counts() + daily_amounts() %}
            {{ column }},
        {%- endfor %}
        total_customers,
        {%- for state in daily_states() %}
            {{ state }}_customers,
        {%- endfor %}
        {%- for column in members %}
            cast(null as bigint) as {{ column }},
        {%- endfor %}
        cast(null as numeric(18, 2)) as net_revenue_to_date
    from {{ ref('int_daily_stores') }}
    union all
    select
        store_id,
        activity_date,
        segment_id,
        {%- for column in daily_counts() + daily_amounts() %}
            {{ column }},
        {%- endfor %}
        total_customers,
        {%- for state in daily_states() %}
            {{ state }}_customers,
        {%- endfor %}
        {%- for column in members %}
            {{ column }},
        {%- endfor %}
        net_revenue_to_date
    from {{ ref('int_daily_segments') }}

)

select
    cast(store_id as text) as store_id,
    cast(activity_date as date) as activity_date,
    cast(segment_id as text) as segment_id,
    segment_id = '(store)' as is_store,
    {%- for column in daily_counts() if column != 'engaged_milliseconds' %}
        cast({{ column }} as bigint) as {{ column }},
    {%- endfor %}
    {{ round_to(ratio('engaged_milliseconds', '60000'), 6) }} as engaged_minutes,
    cast(gross_revenue as numeric(18, 2)) as gross_revenue,
    cast(refunded_amount as numeric(18, 2)) as refunded_amount,
    cast(gross_revenue - refunded_amount as numeric(18, 2)) as net_revenue,
    cast(total_customers as bigint) as total_customers,
    {%- for state in daily_states() %}
        cast({{ state }}_customers as bigint) as {{ state }}_customers,
    {%- endfor %}
    {%- for column in members %}
        cast({{ column }} as bigint) as {{ column }},
    {%- endfor %}
    cast(net_revenue_to_date as numeric(18, 2)) as net_revenue_to_date
from days
