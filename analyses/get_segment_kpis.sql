-- the cards on top of a page of segments: how many there are, how large, and what the store earns
select
    activity_date,
    total_segments,
    total_members,
    active_segments,
    average_size,
    revenue_1d,
    revenue_7d,
    revenue_change_7d,
    revenue_28d,
    revenue_change_28d
from {{ ref('segment_kpis') }}
where store_id = {{ sql_text(var('store_id', 'store_1')) }}
