with latest_names as (

    select
        *,
        row_number() over (partition by store_id, segment_id order by as_of desc) as recency_rank
    from {{ ref('said_segment_names') }}
    where as_of <= {{ as_of() }}

)

select
    {%- for column in [
        'store_id', 'axis_number', 'axis_group', 'axis_name', 'segment_id', 'segment_number', 'segment_count', 'is_current',
        'change_type', 'fingerprint_position', 'segment_key', 'earlier_name', 'features', 'transforms', 'scaler_mean', 'scaler_std',
        'centre_scaled', 'centre', 'fuzzifier', 'population', 'sample_size', 'sample_share', 'silhouette', 'silhouettes',
        'is_low_quality', 'is_gradual', 'first_fitted_at', 'last_fitted_at'
    ] %}
        segments.{{ column }},
    {%- endfor %}
    latest_names.interpretation,
    latest_names.held_names,
    latest_names.members_over,
    coalesce(latest_names.segment_name, segments.earlier_name, segments.segment_id) as csv_name
from {{ ref('int_axis_segments') }} as segments
left join latest_names
    on segments.store_id = latest_names.store_id and segments.segment_id = latest_names.segment_id and latest_names.recency_rank = 1
