{%- set members = [
    'members', 'active_members', 'members_joined', 'members_left', 'members_left_by_criteria', 'orders_30d', 'scored_members',
    'engagement_total'
] %}
{%- set sums = daily_counts() + daily_amounts() + ['total_customers'] %}
{%- for state in daily_states() %}{% do sums.append(state ~ '_customers') %}{% endfor %}

with days as (

    select
        store_id,
        activity_date,
        {{ sums | join(',\n        ') }},
        '(store)' as segment_id,
        {%- for column in members %}
            cast(null as bigint) as {{ column }},
        {%- endfor %}
        cast(null as numeric(18, 2)) as net_revenue_to_date
    from {{ ref('int_daily_stores') }}
    union all
    select
        store_id,
        activity_date,
        {{ sums | join(',\n        ') }},
        segment_id,
        {{ members | join(',\n        ') }},
        net_revenue_to_date
    from {{ ref('int_daily_segments') }}

)

select
    cast(days.store_id as text) as store_id,
    cast(days.activity_date as date) as activity_date,
    cast(days.segment_id as text) as segment_id,
    days.segment_id = '(store)' as is_store,
    days.activity_date < {{ as_of_date('stores.timezone') }} as is_whole_day,
    {%- for column in daily_counts() if not column.endswith('_milliseconds') %}
        cast(days.{{ column }} as bigint) as {{ column }},
    {%- endfor %}
    {{ round_to(ratio('days.visit_milliseconds', '60000'), 6) }} as visit_minutes,
    {{ round_to(ratio('days.engaged_milliseconds', '60000'), 6) }} as engaged_minutes,
    cast(days.gross_revenue as numeric(18, 2)) as gross_revenue,
    cast(days.refunded_amount as numeric(18, 2)) as refunded_amount,
    cast(days.gross_revenue - days.refunded_amount as numeric(18, 2)) as net_revenue,
    cast(days.total_customers as bigint) as total_customers,
    {%- for state in daily_states() %}
        cast(days.{{ state }}_customers as bigint) as {{ state }}_customers,
    {%- endfor %}
    {%- for column in members %}
        cast(days.{{ column }} as bigint) as {{ column }},
    {%- endfor %}
    cast(days.net_revenue_to_date as numeric(18, 2)) as net_revenue_to_date
from days
inner join {{ ref('stg_stores') }} as stores on days.store_id = stores.store_id
