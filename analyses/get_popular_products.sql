-- getPopularProducts: what most people bought for the first time in the last 30 days, of what may be had
select
    popularity_rank,
    product_id,
    product_name,
    recent_buyers,
    buyers
from {{ ref('int_product_demand') }}
where store_id = {{ sql_text(var('store_id', 'store_1')) }} and is_offered
order by popularity_rank
limit {{ var('limit', 5) }}
