with fits as (

    select * from {{ ref('axis_segments') }}
    union all
    select * from {{ ref('cluster_segments') }}

)

select
    cast(store_id as text) as store_id,
    cast(axis_name as text) as axis_name,
    cast(segment_id as text) as segment_id,
    cast(as_of as timestamp) as as_of,
    cast(change_type as text) as change_type,
    cast(distance_moved as double precision) as distance_moved,
    cast(related_segment_id as text) as related_segment_id,
    cast(sample_share as double precision) as sample_share
from fits
where change_type <> 'skipped' and not is_trial and as_of <= {{ as_of() }}
