{{ config(materialized='view') }}

with judged as (

    select
        recommenders.*,
        max(case when recommenders.recommender in ('popular', 'bestsellers') then recommenders.hit_rate end) over (
            partition by recommenders.store_id, recommenders.as_of
        ) as popular_hit_rate,
        recommenders.as_of = max(recommenders.as_of) over (partition by recommenders.store_id) as is_last_fit
    from {{ ref('recommenders') }} as recommenders
    where recommenders.as_of <= {{ as_of() }}

)

select
    cast(store_id as text) as store_id,
    cast(as_of as timestamp) as as_of,
    cast(recommender as text) as recommender,
    is_last_fit,
    is_chosen,
    cast(reason as text) as reason,
    cast(judged_customers as bigint) as judged_customers,
    cast(hit_rate as double precision) as hit_rate,
    cast({{ round_to(ratio('hit_rate', 'popular_hit_rate'), 3) }} as double precision) as hits_to_popular,
    cast(recall as double precision) as recall,
    cast(coverage as double precision) as coverage,
    cast(customers as bigint) as customers,
    cast(products as bigint) as products
from judged
