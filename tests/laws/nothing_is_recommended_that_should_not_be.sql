-- If this fails, somebody is recommended what they have (as new) or never had (to buy again), what the catalogue calls unavailable or
-- a service, or what their store never sold, or gives away; or somebody who asked not to be tracked is recommended anything, or is like
-- the members of a segment.
with named as (

    select distinct
        store_id,
        customer_id,
        'product_recommendations' as found_in
    from {{ ref('product_recommendations') }}
    union all
    select distinct
        store_id,
        customer_id,
        'lookalikes' as found_in
    from {{ ref('lookalikes') }}

)

select
    lists.store_id,
    lists.customer_id,
    lists.list_name,
    lists.product_id
from {{ ref('product_recommendations') }} as lists
left join {{ ref('int_purchased_products') }} as purchased
    on lists.store_id = purchased.store_id and lists.customer_id = purchased.customer_id and lists.product_id = purchased.product_id
left join {{ ref('stg_products') }} as products on lists.store_id = products.store_id and lists.product_id = products.product_id
left join {{ ref('int_giveaways') }} as giveaways on lists.store_id = giveaways.store_id and lists.product_id = giveaways.product_id
where
    (lists.list_name = 'buy_again') <> (purchased.product_id is not null)
    or products.is_available = false
    or {{ lower_letters('products.product_type') }} = 'service'
    or giveaways.product_id is not null
union all
select
    lists.store_id,
    lists.customer_id,
    lists.list_name,
    lists.product_id
from {{ ref('product_recommendations') }} as lists
left join {{ ref('int_product_interactions') }} as sold
    on lists.store_id = sold.store_id and lists.product_id = sold.product_id and sold.interaction_type = 'purchased'
where sold.product_id is null
union all
select
    people.store_id,
    people.customer_id,
    named.found_in as list_name,
    cast(null as text) as product_id
from {{ ref('int_customers') }} as people
inner join named on people.store_id = named.store_id and people.customer_id = named.customer_id
where people.do_not_track
