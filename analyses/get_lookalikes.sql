-- behavioral lookalike audiences: who is most like the members of a segment, a page after the rank in the var after_rank
select
    lookalike_rank,
    customer_id,
    probability,
    top_share
from {{ ref('lookalikes') }}
where
    store_id = {{ sql_text(var('store_id', 'store_1')) }}
    and segment_id = {{ sql_text(var('segment_id', 'champions')) }}
    and lookalike_rank > {{ var('after_rank', 0) }}
order by lookalike_rank
limit {{ var('page_size', 100) }}
