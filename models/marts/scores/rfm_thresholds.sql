with measures as (

    select
        store_id,
        'recency' as dimension,
        rfm_recency as score,
        cast(recency_days as numeric(18, 2)) as measure
    from {{ ref('int_rfm_scores') }}
    union all
    select
        store_id,
        'frequency' as dimension,
        rfm_frequency as score,
        cast(frequency as numeric(18, 2)) as measure
    from {{ ref('int_rfm_scores') }}
    union all
    select
        store_id,
        'monetary' as dimension,
        rfm_monetary as score,
        monetary as measure
    from {{ ref('int_rfm_scores') }}
    where monetary is not null

)

select
    cast(store_id as text) as store_id,
    cast(dimension as text) as dimension,
    cast(score as bigint) as score,
    cast(min(measure) as numeric(18, 2)) as from_value,
    cast(max(measure) as numeric(18, 2)) as to_value,
    cast(count(*) as bigint) as customers
from measures
group by store_id, dimension, score
