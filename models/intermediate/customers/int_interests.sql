with rules as (

    select * from {{ ref('interest_rules') }}
    where status = 'active'

),

{%- set person = 'store_id, customer_id' %}

-- a category or vertical that takes a good share of what the person did lately
kinds as (

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

from_kinds as (

    select
        kinds.store_id,
        kinds.customer_id,
        kinds.item_id as interest
    from kinds
    inner join rules on kinds.kind = rules.basis
    where kinds.recent_score >= rules.min_count and kinds.recent_score >= rules.min_share * kinds.all_recent

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

tastes as (

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

),

terms as (

    select
        interest,
        min_count,
        unnest(string_to_array(terms, ' ')) as term
    from rules
    where basis = 'search_terms'

),

looked_for as (

    select
        store_id,
        event_id,
        ' ' || {{ replace_all(
            "lower(coalesce(search_query, '') || ' ' || coalesce(collection_id, ''))", '[^a-z0-9]+', ' '
        ) }} || ' ' as words
    from {{ ref('stg_events') }}
    where fate = 'accepted' and event_type in ('search', 'collection_view')

),

named as (

    select distinct
        looked_for.store_id,
        looked_for.event_id,
        terms.interest,
        terms.min_count
    from looked_for
    inner join terms on position(' ' || terms.term || ' ' in looked_for.words) > 0

),

from_searches as (

    select
        named.store_id,
        identities.customer_id,
        named.interest
    from named
    inner join {{ ref('int_events_enriched') }} as events on named.store_id = events.store_id and named.event_id = events.event_id
    inner join {{ ref('stg_stores') }} as stores on named.store_id = stores.store_id
    inner join {{ ref('customer_identities') }} as identities on {{ same_person('events') }}
    where events.fate = 'accepted' and events.occurred_at >= {{ window_start(var('interest_days'), 'stores.timezone') }}
    group by named.store_id, identities.customer_id, named.interest, named.min_count
    having count(*) >= named.min_count

)

select
    {{ person }},
    interest
from from_kinds
union
select
    {{ person }},
    interest
from tastes
where products >= min_count and premium_products * 2 > products
union
select
    {{ person }},
    interest
from from_orders
union
select
    {{ person }},
    interest
from from_searches
