select
    cast(store_id as text) as store_id,
    cast(customer_id as text) as customer_id,
    cast(recency_days as bigint) as recency_days,
    cast(frequency as bigint) as frequency,
    cast(monetary as numeric(18, 2)) as monetary,
    cast(rfm_recency as bigint) as rfm_recency,
    cast(rfm_frequency as bigint) as rfm_frequency,
    cast(rfm_monetary as bigint) as rfm_monetary,
    cast(rfm_code as text) as rfm_code,
    cast(rfm_segment as text) as rfm_segment
from {{ ref('int_rfm_scores') }}
