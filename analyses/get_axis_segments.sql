-- discover_multi_axis_segments: the segments of every axis, with what they mean and how many people they hold
select
    axis_name,
    segment_key,
    segment_name,
    customer_count,
    population_percentage,
    silhouette,
    is_gradual,
    interpretation
from {{ ref('dim_segment_master') }}
where store_id = {{ sql_text(var('store_id', 'store_1')) }}
order by axis_number, segment_number
