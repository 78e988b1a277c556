-- Which segments share members with one segment, the closest first
select
    other_segment_id,
    shared_count,
    shared_rate,
    jaccard_index
from {{ ref('segment_overlaps') }}
where
    store_id = {{ sql_text(var('store_id', 'store_1')) }}
    and segment_id = {{ sql_text(var('segment_id', 'champions')) }}
order by jaccard_index desc, {{ byte_order('other_segment_id') }}
limit {{ var('page_size', 100) }}
