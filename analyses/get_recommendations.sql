-- getRecommendationsForCustomer: what to offer a person, new first, so many products of each list as the var limit says
select
    list_name,
    recommendation_rank,
    product_id,
    product_name,
    reason,
    score
from {{ ref('product_recommendations') }}
where
    store_id = {{ sql_text(var('store_id', 'store_1')) }}
    and customer_id = {{ sql_text(var('customer_id', 'c1000344')) }}
    and recommendation_rank <= {{ var('limit', 5) }}
order by list_name desc, recommendation_rank asc
