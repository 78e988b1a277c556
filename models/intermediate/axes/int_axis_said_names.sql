with last_words as (

    select
        *,
        row_number() over (partition by store_id, segment_id order by as_of desc) as place_from_end
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
    last_words.interpretation,
    last_words.held_names,
    last_words.members_over,
    coalesce(last_words.segment_name, segments.earlier_name, segments.segment_id) as csv_name
from {{ ref('int_axis_segments') }} as segments
left join last_words
    on segments.store_id = last_words.store_id and segments.segment_id = last_words.segment_id and last_words.place_from_end = 1
