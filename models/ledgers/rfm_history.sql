{{ config(post_hook="{{ ensure_index(['store_id', 'customer_id']) }}") }}

with earlier as (

    {{ previous_state(is_incremental(), this, ['store_id', 'customer_id'], {'rfm_code': 'text'}) | indent(4) }}

)

select
    scores.rfm_recency,
    scores.rfm_frequency,
    scores.rfm_monetary,
    scores.rfm_code,
    earlier.rfm_code as earlier_rfm_code,
    coalesce(scores.store_id, earlier.store_id) as store_id,
    coalesce(scores.customer_id, earlier.customer_id) as customer_id,
    case
        when earlier.rfm_code is null then 'new'
        when scores.rfm_code is null then 'left'
        else 'moved'
    end as change_type,
    {{ as_of() }} as as_of
from {{ ref('int_rfm_scores') }} as scores
full outer join earlier
    on scores.store_id = earlier.store_id and scores.customer_id = earlier.customer_id
where scores.rfm_code is distinct from earlier.rfm_code
