{{ config(materialized='view') }}

with events as (

    select
        store_id,
        'event:' || event_id as interaction_id,
        event_id,
        cast(null as text) as order_id,
        session_key,
        person_identifier,
        source_customer_id,
        product_id,
        variant_id,
        product_name,
        product_category,
        cast(null as text) as product_type,
        interaction_type,
        occurred_at,
        cast(1 as bigint) as quantity,
        cast(null as numeric(18, 2)) as price,
        time_spent_seconds
    from {{ ref('int_events_enriched') }}
    where fate = 'accepted' and is_own_act and product_id is not null and interaction_type is not null

),

products as (

    -- a product is a service by its type in the catalogue, which is told once of each
    select
        *,
        coalesce({{ lower_letters('product_type') }} = 'service', false) as is_service
    from {{ ref('stg_products') }}

),

stores_with_orders as (

    {{ stores_that_land('orders', 'order_id') | indent(4) }}

),

sold as (

    select
        items.store_id,
        'line:' || {{ composed_key(['items.order_id', 'items.line_key']) }} as interaction_id,
        cast(null as text) as event_id,
        items.order_id,
        cast(null as text) as session_key,
        orders.person_identifier,
        orders.source_customer_id,
        items.product_id,
        items.variant_id,
        items.product_name,
        items.category as product_category,
        items.product_type,
        'purchased' as interaction_type,
        orders.ordered_at as occurred_at,
        items.quantity,
        items.price,
        cast(0 as double precision) as time_spent_seconds
    from {{ ref('int_order_items') }} as items
    inner join {{ ref('int_orders') }} as orders on items.store_id = orders.store_id and items.order_id = orders.order_id
    where items.product_id is not null and orders.is_counted

)

select
    interactions.store_id,
    interactions.interaction_id,
    interactions.event_id,
    interactions.order_id,
    interactions.session_key,
    interactions.person_identifier,
    interactions.source_customer_id,
    interactions.product_id,
    interactions.variant_id,
    interactions.interaction_type,
    interactions.occurred_at,
    interactions.quantity,
    interactions.time_spent_seconds,
    products.vertical,
    coalesce(products.title, interactions.product_name) as product_name,
    coalesce(products.category, interactions.product_category) as product_category,
    coalesce(interactions.price, products.price) as price,
    -- postage is sold with what people want, and wanted by nobody
    case
        when products.product_type is not null then products.is_service
        when interactions.product_type is not null then {{ lower_letters('interactions.product_type') }} = 'service'
        else false
    end as is_service,
    giveaways.product_id is not null as is_giveaway
from (
    -- where a store has orders, what was bought comes from them alone
    select events.*
    from events
    left join stores_with_orders on events.store_id = stores_with_orders.store_id
    where events.interaction_type <> 'purchased' or stores_with_orders.store_id is null
    union all
    select * from sold
) as interactions
left join products
    on interactions.store_id = products.store_id and interactions.product_id = products.product_id
left join {{ ref('int_giveaways') }} as giveaways
    on interactions.store_id = giveaways.store_id and interactions.product_id = giveaways.product_id
