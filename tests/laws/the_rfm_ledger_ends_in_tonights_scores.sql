-- If this fails, the ledger rfm_history lost or invented a change: its last word on a person is not the person's code.
with latest_codes as (

    {{ last_of_ledger(ref('rfm_history'), ['store_id', 'customer_id'], ['rfm_code'], 'as_of <= ' ~ as_of()) }}

)

select
    scores.rfm_code,
    latest_codes.rfm_code as ledger_rfm_code,
    coalesce(scores.store_id, latest_codes.store_id) as store_id,
    coalesce(scores.customer_id, latest_codes.customer_id) as customer_id
from {{ ref('int_rfm_scores') }} as scores
full outer join latest_codes
    on scores.store_id = latest_codes.store_id and scores.customer_id = latest_codes.customer_id
where scores.rfm_code is distinct from latest_codes.rfm_code
