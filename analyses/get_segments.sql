-- getSegments, GET /api/segmentation/segments, GET /api/segments: a store's active segments, a page after the id in the var after
select
    segment_id as id,
    name,
    description,
    segment_type,
    member_count,
    average_value,
    is_active,
    created_at,
    updated_at,
    (
        select count(*) from {{ ref('segments') }} as counted
        where counted.store_id = {{ sql_text(var('store_id', 'store_1')) }} and counted.is_active
    ) as total
from {{ ref('segments') }}
where
    store_id = {{ sql_text(var('store_id', 'store_1')) }}
    and is_active
    and {{ byte_order('segment_id') }} > {{ sql_text(var('after', '')) }}
order by {{ byte_order('segment_id') }}
limit {{ var('page_size', 100) }}
