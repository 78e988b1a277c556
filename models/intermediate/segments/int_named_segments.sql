{{ config(materialized='view') }}

select
    stores.store_id,
    'segment' as kind,
    segments.segment_id,
    segments.segment_id as slug,
    segments.name
from {{ ref('int_segments') }} as segments
inner join {{ ref('stg_stores') }} as stores on segments.store_id is null or segments.store_id = stores.store_id
where segments.status = 'active'
union all
select
    store_id,
    'axis' as kind,
    segment_id,
    coalesce(segment_key, segment_id) as slug,
    segment_name as name
from {{ ref('int_axis_segment_names') }}
where is_current
union all
select
    store_id,
    'cluster' as kind,
    segment_id,
    segment_id as slug,
    segment_name as name
from {{ ref('int_cluster_segments') }}
where is_current
