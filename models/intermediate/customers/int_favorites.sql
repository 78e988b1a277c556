with categories as (

    select
        store_id,
        customer_id,
        {{ json_list(json_object({'id': 'item_id', 'score': 'score'}), 'favorite_rank') }} as favorite_categories
    from {{ ref('int_product_affinities') }}
    where kind = 'category' and favorite_rank <= 5
    group by store_id, customer_id

),

preferred as (

    select
        store_id,
        customer_id,
        item_id as preferred_category
    from {{ ref('int_product_affinities') }}
    where kind = 'category' and preference_rank = 1

),

products as (

    select
        store_id,
        customer_id,
        {{ json_list(json_object({'id': 'item_id', 'score': 'score'}), 'favorite_rank') }} as favorite_products
    from {{ ref('int_product_affinities') }}
    where kind = 'product' and favorite_rank <= 5
    group by store_id, customer_id

),

prices as (

    select
        interactions.store_id,
        identities.customer_id,
        percentile_cont(0.1) within group (order by cast(interactions.price as double precision)) as price_range_low,
        percentile_cont(0.9) within group (order by cast(interactions.price as double precision)) as price_range_high
    from {{ ref('int_product_interactions') }} as interactions
    inner join {{ ref('customer_identities') }} as identities on {{ same_person('interactions') }}
    where
        interactions.price >= 0 and interactions.is_giveaway is not true and interactions.interaction_type in ('viewed', 'purchased')
    group by interactions.store_id, identities.customer_id

)

select
    products.store_id,
    products.customer_id,
    categories.favorite_categories,
    preferred.preferred_category,
    products.favorite_products,
    {{ money('prices.price_range_low') }} as price_range_low,
    {{ money('prices.price_range_high') }} as price_range_high
from products
left join categories on products.store_id = categories.store_id and products.customer_id = categories.customer_id
left join preferred on products.store_id = preferred.store_id and products.customer_id = preferred.customer_id
left join prices on products.store_id = prices.store_id and products.customer_id = prices.customer_id
