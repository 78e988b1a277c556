-- getSegmentPerformance: what those who are in a segment now did on each of the last days (var days)
with members as (

    select
        store_id,
        customer_id,
        count(*) over () as member_count
    from {{ ref('segment_memberships') }}
    where
        store_id = {{ sql_text(var('store_id', 'store_1')) }}
        and segment_id = {{ sql_text(var('segment_id', 'champions')) }}
        and left_at is null

)

select
    days.activity_date,
    max(members.member_count) as member_count,
    count(days.first_activity_at) as active_members,
    sum(days.sessions) as sessions,
    sum(days.orders) as orders,
    {{ round_to(ratio('sum(days.orders)', 'sum(days.sessions)'), 6) }} as conversion_rate,
    {{ money(ratio('sum(days.gross_revenue)', 'sum(days.orders - days.unvalued_orders)')) }} as avg_order_value,
    sum(days.gross_revenue) as revenue_generated
from members
inner join {{ ref('stg_stores') }} as stores on members.store_id = stores.store_id
inner join {{ ref('int_customer_days') }} as days on members.store_id = days.store_id and members.customer_id = days.customer_id
where days.activity_date > {{ as_of_date('stores.timezone') }} - {{ var('days', 30) }}
group by days.activity_date
order by days.activity_date desc
