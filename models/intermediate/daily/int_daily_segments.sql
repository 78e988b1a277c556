{{ config(materialized='view') }}

{%- set of_members = ['members', 'active_members', 'orders_30d'] %}

-- of several nights of a day the last
with engagement as (

    select
        scores.store_id,
        scores.segment_id,
        scores.scored_members,
        scores.engagement_total,
        nights.activity_date,
        row_number() over (
            partition by scores.store_id, scores.segment_id, nights.activity_date order by scores.as_of desc
        ) as recency_rank
    from {{ ref('segment_engagement') }} as scores
    inner join {{ ref('int_segment_nights') }} as nights on scores.store_id = nights.store_id and scores.as_of = nights.night

),

-- of a segment whose last members left with the beginning of a day there is that they left
days as (

    select
        store_id,
        segment_id,
        activity_date
    from {{ ref('int_segment_daily_members') }}
    union
    select
        moves.store_id,
        moves.segment_id,
        moves.activity_date
    from {{ ref('int_segment_moves') }} as moves
    inner join {{ ref('int_daily_stores') }} as of_store
        on moves.store_id = of_store.store_id and moves.activity_date = of_store.activity_date

)

select
    days.store_id,
    days.activity_date,
    days.segment_id,
    {%- for count in daily_counts() %}
        coalesce(activity.{{ count }}, 0) as {{ count }},
    {%- endfor %}
    {%- for amount in daily_amounts() %}
        cast(coalesce(activity.{{ amount }}, 0) as numeric(18, 2)) as {{ amount }},
    {%- endfor %}
    coalesce(
        members.{{ daily_states() | join('_customers + members.') }}_customers, 0
    ) as total_customers,
    {%- for state in daily_states() %}
        coalesce(members.{{ state }}_customers, 0) as {{ state }}_customers,
    {%- endfor %}
    {%- for column in of_members %}
        coalesce(members.{{ column }}, 0) as {{ column }},
    {%- endfor %}
    cast(coalesce(members.net_revenue_to_date, 0) as numeric(18, 2)) as net_revenue_to_date,
    coalesce(moves.members_joined, 0) as members_joined,
    coalesce(moves.members_left, 0) as members_left,
    coalesce(moves.members_left_by_criteria, 0) as members_left_by_criteria,
    engagement.scored_members,
    engagement.engagement_total
from days
left join {{ ref('int_segment_daily_members') }} as members
    on days.store_id = members.store_id and days.activity_date = members.activity_date and days.segment_id = members.segment_id
left join {{ ref('int_segment_daily_activity') }} as activity
    on days.store_id = activity.store_id and days.activity_date = activity.activity_date and days.segment_id = activity.segment_id
left join {{ ref('int_segment_moves') }} as moves
    on days.store_id = moves.store_id and days.activity_date = moves.activity_date and days.segment_id = moves.segment_id
left join engagement
    on
        days.store_id = engagement.store_id
        and days.activity_date = engagement.activity_date
        and days.segment_id = engagement.segment_id
        and engagement.recency_rank = 1
