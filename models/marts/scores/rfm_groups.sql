select
    cast(scheme as text) as scheme,
    cast(rfm_code as text) as rfm_code,
    cast(rfm_recency as bigint) as rfm_recency,
    cast(rfm_frequency as bigint) as rfm_frequency,
    cast(rfm_monetary as bigint) as rfm_monetary,
    cast(rfm_segment as text) as rfm_segment,
    cast(description as text) as description
from {{ ref('int_rfm_codes') }}
