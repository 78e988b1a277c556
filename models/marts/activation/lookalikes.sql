with ranked as (

    select
        store_id,
        segment_id,
        customer_id,
        probability,
        row_number() over (partition by store_id, segment_id order by probability desc, {{ byte_order('customer_id') }}) as lookalike_rank,
        count(*) over (partition by store_id, segment_id) as people
    from {{ ref('lookalike_scores') }}
    where not is_member

)

select
    cast(store_id as text) as store_id,
    cast(segment_id as text) as segment_id,
    cast(customer_id as text) as customer_id,
    cast(lookalike_rank as bigint) as lookalike_rank,
    cast({{ round_to(ratio('lookalike_rank', 'people'), 6) }} as double precision) as top_share,
    cast(probability as double precision) as probability
from ranked
