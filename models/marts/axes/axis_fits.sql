{%- set columns = [
    'store_id', 'axis_name', 'as_of', 'is_trial', 'change_type', 'segment_count', 'reason', 'population', 'sample_size',
    'silhouette', 'silhouettes', 'is_low_quality', 'is_gradual', 'one_kind_p', 'apart_p', 'distance_moved'
] | join(', ') -%}

with fits as (

    select {{ columns }} from {{ ref('axis_segments') }}
    union all
    select {{ columns }} from {{ ref('cluster_segments') }}

)

select
    cast(store_id as text) as store_id,
    cast(axis_name as text) as axis_name,
    cast(as_of as timestamp) as as_of,
    is_trial,
    case when max(segment_count) is null then 'skipped' else 'fitted' end as status,
    cast(max(reason) as text) as reason,
    cast(max(population) as bigint) as population,
    cast(max(sample_size) as bigint) as sample_size,
    cast(max(segment_count) as bigint) as segment_count,
    cast(max(silhouette) as double precision) as silhouette,
    cast(max(silhouettes) as {{ json_type() }}) as silhouettes,
    bool_or(is_low_quality) as is_low_quality,
    bool_or(is_gradual) as is_gradual,
    cast(max(one_kind_p) as double precision) as one_kind_p,
    cast(max(apart_p) as {{ json_type() }}) as apart_p,
    cast(sum(case when change_type = 'kept' then 1 else 0 end) as bigint) as segments_kept,
    cast(sum(case when change_type in ('born', 'split') then 1 else 0 end) as bigint) as segments_born,
    cast(sum(case when change_type in ('died', 'merged') then 1 else 0 end) as bigint) as segments_ended,
    cast(max(distance_moved) as double precision) as largest_move
from fits
where as_of <= {{ as_of() }}
group by store_id, axis_name, as_of, is_trial
