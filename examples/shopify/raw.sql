-- A Shopify connector's tables (schema shopify) and a web pixel's (schema pixel) as the raw contract.
-- Customers and orders are the connector's, visits and events the pixel's; Shopify's customer id ties the two.

-- A connector lands one shop per schema and so names it nowhere. The pixel knows it by an id of its own.
create view store as
select
    pixel_shop."id" as store_id,
    shop.id as shopify_shop_id
from pixel."Shop" as pixel_shop
inner join shopify.shop on pixel_shop."shopifyShopId" = cast(shop.id as varchar);

create table raw.stores as
select
    store.store_id,
    shop.domain,
    shop.name,
    shop.email,
    shop.iana_timezone as timezone,
    shop.currency,
    timezone('UTC', shop.created_at) as created_at,
    timezone('UTC', shop.updated_at) as updated_at,
    timezone('UTC', shop._fivetran_synced) as loaded_at
from store
inner join shopify.shop on store.shopify_shop_id = shop.id;

create table raw.customers as
with tags as (
    select
        customer_id,
        string_agg(value, ',' order by index) as tags
    from shopify.customer_tag
    group by customer_id
)

select
    store.store_id,
    cast(customer.id as varchar) as customer_id,
    customer.email,
    customer.phone,
    customer.first_name,
    customer.last_name,
    timezone('UTC', customer.created_at) as created_at,
    timezone('UTC', customer.updated_at) as updated_at,
    customer.currency,
    tags.tags,
    customer.email_marketing_consent_state = 'subscribed' as email_subscribed,
    timezone('UTC', customer.email_marketing_consent_consent_updated_at) as email_subscribed_at,
    to_json({ 'shopify_id': cast(customer.id as varchar) }) as external_ids,
    timezone('UTC', customer._fivetran_synced) as loaded_at
from shopify.customer
cross join store
left join tags on customer.id = tags.customer_id;

-- Deleted products stay: orders of the past refer to them.
create table raw.products as
with prices as (
    select
        product_id,
        min(price) as price
    from shopify.product_variant
    group by product_id
)

select
    store.store_id,
    cast(product.id as varchar) as product_id,
    product.title,
    product.product_type as category,
    product.product_type,
    product.vendor,
    prices.price,
    timezone('UTC', product.created_at) as created_at,
    timezone('UTC', product._fivetran_synced) as loaded_at
from shopify.product
cross join store
left join prices on product.id = prices.product_id;

create table raw.orders as
with checkouts as (
    -- The pixel saw the order being placed; the till's orders it did not.
    select
        event."properties" ->> '$.orderId' as order_id,
        min(event."sessionId") as session_id
    from pixel."Event" as event
    where event."eventType" = 'checkout_completed'
    group by event."properties" ->> '$.orderId'
)

select
    store.store_id,
    cast(orders.id as varchar) as order_id,
    cast(orders.customer_id as varchar) as customer_id,
    orders.email,
    timezone('UTC', orders.created_at) as ordered_at,
    -- What was charged: lines less discounts, with shipping and tax. Shopify leaves it as it was when money goes back.
    orders.total_price,
    orders.total_discounts as discount_amount,
    orders.currency,
    orders.source_name as source,
    orders.financial_status,
    timezone('UTC', orders.cancelled_at) as cancelled_at,
    orders.test as is_test,
    checkouts.session_id,
    timezone('UTC', orders.updated_at) as updated_at,
    timezone('UTC', orders._fivetran_synced) as loaded_at
from shopify."order" as orders
cross join store
left join checkouts on cast(orders.id as varchar) = checkouts.order_id
where not coalesce(orders._fivetran_deleted, false);

create table raw.order_items as
select
    store.store_id,
    cast(order_line.order_id as varchar) as order_id,
    cast(order_line.id as varchar) as line_id,
    cast(order_line.product_id as varchar) as product_id,
    cast(order_line.variant_id as varchar) as variant_id,
    order_line.title as product_name,
    product.product_type as category,
    product.product_type,
    order_line.quantity,
    order_line.price,
    order_line.total_discount as discount_amount,
    timezone('UTC', order_line._fivetran_synced) as loaded_at
from shopify.order_line
cross join store
left join shopify.product on order_line.product_id = product.id;

-- Refunds are rows here, so order_items has no refund columns: in both they would count twice.
create table raw.refunds as
with line_refunds as (
    select
        'line-' || id as refund_row_id,
        refund_id,
        order_line_id,
        quantity,
        subtotal + total_tax as amount,
        _fivetran_synced
    from shopify.order_line_refund
),

-- Money without a line (postage, goodwill). Shopify writes what goes back as a negative amount.
other_refunds as (
    select
        'adjustment-' || id as refund_row_id,
        refund_id,
        null as order_line_id,
        null as quantity,
        -amount - tax_amount as amount,
        _fivetran_synced
    from shopify.order_adjustment
    where amount + tax_amount < 0
),

all_refunds as (
    select * from line_refunds
    union all
    select * from other_refunds
)

select
    store.store_id,
    all_refunds.refund_row_id as refund_id,
    timezone('UTC', refund.processed_at) as refunded_at,
    all_refunds.amount,
    cast(refund.order_id as varchar) as order_id,
    cast(all_refunds.order_line_id as varchar) as line_id,
    cast(orders.customer_id as varchar) as customer_id,
    all_refunds.quantity,
    timezone('UTC', all_refunds._fivetran_synced) as loaded_at
from all_refunds
cross join store
inner join shopify.refund on all_refunds.refund_id = refund.id
left join shopify."order" as orders on refund.order_id = orders.id;

-- The pixel writes no time of loading; its times are UTC already.
create table raw.events as
select
    event."shopId" as store_id,
    event."id" as event_id,
    event."eventType" as event_type,
    event."timestamp" as occurred_at,
    customer."shopifyCustomerId" as customer_id,
    -- The browser's id lasts longer than a session: it ties visits before the sign-in to the customer.
    coalesce(event."properties" ->> '$.clientId', event."sessionId") as anonymous_id,
    event."sessionId" as session_id,
    event."url" as page_url,
    event."referrer" as referrer,
    event."properties" ->> '$.productId' as product_id,
    event."properties" ->> '$.productTitle' as product_name,
    event."properties" ->> '$.collectionId' as collection_id,
    event."properties" ->> '$.searchQuery' as search_query,
    event."properties" ->> '$.orderId' as order_id,
    cast(event."properties" ->> '$.totalPrice' as decimal(18, 2)) as event_value,
    'website' as channel,
    event."deviceType" as device_type,
    event."properties" as properties
from pixel."Event" as event
left join pixel."Customer" as customer on event."customerId" = customer."id";

-- Source, medium and campaign are known per session only.
create table raw.sessions as
select
    session."shopId" as store_id,
    session."sessionId" as session_id,
    customer."shopifyCustomerId" as customer_id,
    session."startedAt" as started_at,
    session."endedAt" as ended_at,
    session."source" as source,
    session."medium" as medium,
    session."campaign" as campaign
from pixel."Session" as session
left join pixel."Customer" as customer on session."customerId" = customer."id";
