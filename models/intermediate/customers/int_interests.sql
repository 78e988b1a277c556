with rules as (

    select * from {{ ref('interest_rules') }}
    where status = 'active'

),

-- a category or vertical that takes a good share of what the person did lately
recent_affinities as (

    select
        store_id,
        customer_id,
        kind,
        item_id,
        recent_score,
        sum(recent_score) over (partition by store_id, customer_id, kind) as all_recent
    from {{ ref('int_product_affinities') }}
    where kind in ('category', 'vertical') and recent_score > 0

),

from_affinities as (

    select
        affinities.store_id,
        affinities.customer_id,
        affinities.item_id as interest
    from recent_affinities as affinities
    inner join rules on affinities.kind = rules.basis
    where affinities.recent_score >= rules.min_count and affinities.recent_score >= rules.min_share * affinities.all_recent

),

sold_prices as (

    select
        store_id,
        product_id,
        max(category) as category,
        max(price) as price
    from {{ ref('int_order_items') }}
    where product_id is not null
    group by store_id, product_id

),

prices as (

    -- share of the other products of the category that cost less; a category of one product says nothing
    select
        coalesce(products.store_id, sold.store_id) as store_id,
        coalesce(products.product_id, sold.product_id) as product_id,
        percent_rank() over (
            partition by coalesce(products.store_id, sold.store_id), coalesce(products.category, sold.category)
            order by coalesce(products.price, sold.price)
        ) as price_percentile,
        count(*) over (
            partition by coalesce(products.store_id, sold.store_id), coalesce(products.category, sold.category)
        ) as products
    from {{ ref('stg_products') }} as products
    full outer join sold_prices as sold on products.store_id = sold.store_id and products.product_id = sold.product_id
    where coalesce(products.price, sold.price) is not null and coalesce(products.category, sold.category) is not null

),

premium_counts as (

    select
        affinities.store_id,
        affinities.customer_id,
        rules.interest,
        rules.min_count,
        count(*) as products,
        sum(case when prices.price_percentile >= rules.min_share then 1 else 0 end) as premium_products
    from {{ ref('int_product_affinities') }} as affinities
    inner join prices on affinities.store_id = prices.store_id and affinities.item_id = prices.product_id
    inner join rules on rules.basis = 'price_percentile'
    where affinities.kind = 'product' and prices.products > 1
    group by affinities.store_id, affinities.customer_id, rules.interest, rules.min_count

),

from_orders as (

    select
        purchases.store_id,
        purchases.customer_id,
        rules.interest
    from {{ ref('int_purchase_features') }} as purchases
    inner join rules on rules.basis = 'discounted_orders'
    where
        purchases.orders >= rules.min_count
        and purchases.discounted_orders >= rules.min_share * purchases.orders
        -- who has not ordered for so long says nothing of today
        and purchases.days_since_purchase < 2 * {{ var('interest_days') }}
        and (purchases.store_id, purchases.customer_id) not in (
            select
                customers.store_id,
                customers.customer_id
            from {{ ref('int_customers') }} as customers
            where customers.do_not_track
        )

)

select
    store_id,
    customer_id,
    interest
from from_affinities
union
select
    store_id,
    customer_id,
    interest
from premium_counts
where products >= min_count and premium_products * 2 > products
union
select
    store_id,
    customer_id,
    interest
from from_orders
union
select
    store_id,
    customer_id,
    interest
from {{ ref('int_search_interests') }}
