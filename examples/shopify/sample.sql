-- A small made-up shop, as a Fivetran-style connector and a Prisma web pixel land it. The same rows every time.
-- With a shop of your own, only raw.sql is needed (see README.md).

create schema shopify;
create schema pixel;

-- A number in [0, 1) that depends on its key only.
create macro draw(key) as md5_number_lower(key) / 18446744073709551616.0;

-- The connector's times carry a zone, the pixel's are UTC without one.
create macro zoned(utc_time) as timezone('UTC', utc_time);

create table people as
select
    id,
    timestamp '2024-07-01' + to_seconds(cast(draw('joined' || id) * 300 * 86400 as bigint)) as joined_at,
    -- Few come often: the square leans towards small numbers.
    1 + cast(floor(power(draw('visits' || id), 2) * 16) as integer) as visit_count
from generate_series(1, 300) as ids (id);

-- Three hundred browsers that never sign in, once each, follow the visits of people.
create table visits as
with dated as (
    select
        people.id as person_id,
        numbers.n as visit_number,
        people.joined_at + to_seconds(cast(
            draw('when' || people.id || '-' || numbers.n)
            * date_diff('second', people.joined_at, timestamp '2025-06-28') as bigint
        )) as started_at
    from people
    inner join generate_series(1, 16) as numbers (n) on people.visit_count >= numbers.n
    union all
    select
        null as person_id,
        id as visit_number,
        timestamp '2024-07-01' + to_seconds(cast(draw('stranger' || id) * 361 * 86400 as bigint)) as started_at
    from generate_series(1, 300) as ids (id)
),

numbered as (
    select
        *,
        row_number() over (order by started_at, person_id, visit_number) as id,
        row_number() over (partition by person_id order by started_at, visit_number) as nth
    from dated
)

select
    id,
    person_id,
    started_at,
    coalesce('browser-' || person_id, 'stranger-' || visit_number) as client_id,
    -- Nobody is signed in on a first visit: only the browser's id ties it to the customer of later ones.
    case when nth > 1 then person_id end as signed_in_id,
    case
        when person_id is null then 1 + cast(floor(draw('depth' || id) * 6) as integer)
        when draw('buys' || id) < 0.3 then 9
        else 1 + cast(floor(draw('depth' || id) * 8) as integer)
    end as depth,
    15 + cast(floor(draw('pace' || id) * 60) as integer) as seconds_a_step,
    ['google', 'instagram', 'newsletter', 'direct'][1 + cast(floor(draw('source' || id) * 4) as integer)] as source,
    ['mobile', 'desktop', 'tablet'][1 + cast(floor(draw('device' || id) * 2.2) as integer)] as device
from numbered;

create table shopify.product as
select
    1000 + id as id,
    'Article ' || id as title,
    ['Tea', 'Coffee', 'Cups', 'Gifts'][1 + id % 4] as product_type,
    ['Northwind', 'Southbank'][1 + id % 2] as vendor,
    'article-' || id as handle,
    zoned(timestamp '2024-06-01') as created_at,
    id = 40 as _fivetran_deleted,
    zoned(timestamp '2024-06-02 03:00') as _fivetran_synced
from generate_series(1, 40) as ids (id);

create table shopify.product_variant as
select
    product.id * 10 + sizes.size as id,
    product.id as product_id,
    ['Small', 'Large'][sizes.size] as title,
    'SKU-' || product.id || '-' || sizes.size as sku,
    cast((5 + floor(draw('price' || product.id) * 60)) * sizes.size - 0.05 as decimal(18, 2)) as price,
    product._fivetran_synced
from shopify.product
cross join generate_series(1, 2) as sizes (size);

create table shopify.shop as
select
    77 as id,
    'Example Shop' as name,
    'example-shop.myshopify.com' as domain,
    'owner@example.com' as email,
    'USD' as currency,
    'America/New_York' as iana_timezone,
    zoned(timestamp '2024-06-01') as created_at,
    zoned(timestamp '2024-06-01') as updated_at,
    zoned(timestamp '2024-06-02 03:00') as _fivetran_synced;

create table shopify.customer as
select
    7000 + id as id,
    'customer' || id || '@example.com' as email,
    'Customer' as first_name,
    cast(id as varchar) as last_name,
    case when id % 3 = 0 then '+1555' || lpad(cast(id as varchar), 7, '0') end as phone,
    'USD' as currency,
    zoned(joined_at) as created_at,
    zoned(joined_at) as updated_at,
    case when draw('consent' || id) < 0.6 then 'subscribed' else 'not_subscribed' end as email_marketing_consent_state,
    case when draw('consent' || id) < 0.6 then zoned(joined_at) end as email_marketing_consent_consent_updated_at,
    zoned(joined_at + interval 3 hours) as _fivetran_synced
from people;

create table shopify.customer_tag as
select
    7000 + people.id as customer_id,
    tags.index,
    tags.value,
    zoned(people.joined_at + interval 3 hours) as _fivetran_synced
from people
cross join (values (1, 'newsletter'), (2, 'wholesale')) as tags (index, value)
where draw(tags.value || people.id) < 0.4 / tags.index;

-- Every visit that came to its ninth step bought. Thirty sales at the till have neither a visit nor a customer.
create table sales as
select
    50000 + id as order_id,
    person_id,
    started_at + to_seconds(9 * seconds_a_step) as sold_at,
    'web' as source_name,
    id as visit_id
from visits
where depth = 9
union all
select
    90000 + id as order_id,
    null as person_id,
    timestamp '2024-07-01 15:00' + to_days(cast(id * 12 as integer)) as sold_at,
    'pos' as source_name,
    null as visit_id
from generate_series(1, 30) as ids (id);

create table shopify.order_line as
with picks as (
    select
        sales.*,
        numbers.n as line_number,
        10 * (1001 + floor(draw('product' || sales.order_id || '-' || numbers.n) * 40))
        + 1 + floor(draw('size' || sales.order_id || '-' || numbers.n) * 2) as variant_id,
        1 + cast(floor(power(draw('pieces' || sales.order_id || '-' || numbers.n), 3) * 4) as integer) as quantity,
        draw('sale' || sales.order_id) < 0.25 as has_code
    from sales
    inner join generate_series(1, 4) as numbers (n) on numbers.n <= 1 + floor(draw('lines' || sales.order_id) * 3)
)

select
    picks.order_id * 10 + picks.line_number as id,
    picks.order_id,
    picks.line_number as index,
    product.id as product_id,
    product_variant.id as variant_id,
    product.title,
    product_variant.sku,
    picks.quantity,
    product_variant.price,
    cast(
        case when picks.has_code then 0.1 else 0 end * picks.quantity * product_variant.price as decimal(18, 2)
    ) as total_discount,
    zoned(picks.sold_at + interval 3 hours) as _fivetran_synced
from picks
inner join shopify.product_variant on picks.variant_id = product_variant.id
inner join shopify.product on product_variant.product_id = product.id;

create table shopify."order" as
with basket as (
    select
        order_id,
        sum(quantity * price) as gross,
        sum(total_discount) as discount
    from shopify.order_line
    group by order_id
),

priced as (
    select
        sales.*,
        basket.gross,
        basket.discount,
        case when sales.source_name = 'web' and basket.gross < 50 then 4.9 else 0 end as shipping,
        case when draw('fate' || sales.order_id) < 0.04 then sales.sold_at + interval 5 hours end as cancelled_utc
    from sales
    inner join basket on sales.order_id = basket.order_id
)

select
    order_id as id,
    '#' || order_id as name,
    7000 + person_id as customer_id,
    'customer' || person_id || '@example.com' as email,
    zoned(sold_at) as created_at,
    zoned(sold_at) as processed_at,
    zoned(coalesce(cancelled_utc, sold_at)) as updated_at,
    zoned(cancelled_utc) as cancelled_at,
    'USD' as currency,
    case
        when cancelled_utc is not null then 'refunded'
        when draw('fate' || order_id) < 0.14 then 'partially_refunded'
        else 'paid'
    end as financial_status,
    cast(gross as decimal(18, 2)) as total_line_items_price,
    cast(discount as decimal(18, 2)) as total_discounts,
    cast(gross - discount as decimal(18, 2)) as subtotal_price,
    cast(gross - discount + shipping as decimal(18, 2)) as total_price,
    source_name,
    order_id % 150 = 0 as test,
    false as _fivetran_deleted,
    zoned(coalesce(cancelled_utc, sold_at) + interval 3 hours) as _fivetran_synced
from priced;

-- A cancelled order gives everything back at once, a partly refunded one its first line a week later.
create table shopify.refund as
select
    id + 300000 as id,
    id as order_id,
    coalesce(cancelled_at, created_at + interval 7 days) as created_at,
    coalesce(cancelled_at, created_at + interval 7 days) as processed_at,
    coalesce(cancelled_at, created_at + interval 7 days) + interval 3 hours as _fivetran_synced
from shopify."order"
where
    financial_status in ('refunded', 'partially_refunded')
    and created_at < zoned(timestamp '2025-06-20');

create table shopify.order_line_refund as
select
    order_line.id + 4000000 as id,
    refund.id as refund_id,
    order_line.id as order_line_id,
    order_line.quantity,
    'return' as restock_type,
    order_line.quantity * order_line.price - order_line.total_discount as subtotal,
    cast(0 as decimal(18, 2)) as total_tax,
    refund._fivetran_synced
from shopify.refund
inner join shopify."order" as orders on refund.order_id = orders.id
inner join shopify.order_line on orders.id = order_line.order_id
where orders.cancelled_at is not null or order_line.index = 1;

-- Some get their postage back as well: money without a line, with the sign turned round as Shopify has it.
create table shopify.order_adjustment as
select
    refund.id + 5000000 as id,
    refund.order_id,
    refund.id as refund_id,
    'shipping_refund' as kind,
    cast(-4.90 as decimal(18, 2)) as amount,
    cast(0 as decimal(18, 2)) as tax_amount,
    refund._fivetran_synced
from shopify.refund
inner join shopify."order" as orders on refund.order_id = orders.id
where orders.total_price > orders.subtotal_price and orders.id % 2 = 0;

create table pixel."Shop" as
select
    'shop_1' as "id",
    '77' as "shopifyShopId",
    'example-shop.myshopify.com' as "domain",
    'Example Shop' as "name",
    'owner@example.com' as "email",
    timestamp '2024-06-01' as "createdAt",
    timestamp '2024-06-01' as "updatedAt";

create table pixel."Customer" as
select
    'cus_' || id as "id",
    'shop_1' as "shopId",
    cast(7000 + id as varchar) as "shopifyCustomerId",
    'customer' || id || '@example.com' as "email",
    joined_at as "firstSeen"
from people;

create table pixel."Event" as
with steps (step, event_type, url) as (
    values
    (1, 'page_viewed', '/'), (2, 'collection_viewed', '/collections/'), (3, 'product_viewed', '/products/'),
    (4, 'search_submitted', '/search'), (5, 'product_viewed', '/products/'), (6, 'cart_viewed', '/cart'),
    (7, 'checkout_started', '/checkout'), (8, 'payment_info_submitted', '/checkout'),
    (9, 'checkout_completed', '/thank-you')
),

walked as (
    select
        visits.*,
        steps.*,
        1001 + cast(floor(draw('look' || visits.id || '-' || steps.step) * 40) as integer) as looked_at
    from visits
    inner join steps on visits.depth >= steps.step
)

select
    'evt_' || walked.id || '_' || walked.step as "id",
    'shop_1' as "shopId",
    'cus_' || walked.signed_in_id as "customerId",
    'ses_' || walked.id as "sessionId",
    walked.event_type as "eventType",
    walked.started_at + to_seconds(walked.step * walked.seconds_a_step) as "timestamp",
    case walked.event_type
        when 'collection_viewed'
            then to_json({ 'clientId': walked.client_id, 'collectionId': lower(product.product_type) })
        when 'product_viewed'
            then to_json({ 'clientId': walked.client_id, 'productId': product.id, 'productTitle': product.title })
        when 'search_submitted'
            then to_json({ 'clientId': walked.client_id, 'searchQuery': lower(product.product_type) })
        when 'checkout_completed'
            then to_json({ 'clientId': walked.client_id, 'orderId': orders.id, 'totalPrice': orders.total_price })
        else to_json({ 'clientId': walked.client_id })
    end as "properties",
    'https://example-shop.myshopify.com' || walked.url
    || case walked.event_type
        when 'collection_viewed' then lower(product.product_type)
        when 'product_viewed' then product.handle
        else ''
    end as "url",
    case when walked.source <> 'direct' then 'https://' || walked.source || '.example/' end as "referrer",
    walked.device as "deviceType"
from walked
inner join shopify.product on walked.looked_at = product.id
left join sales on walked.id = sales.visit_id
left join shopify."order" as orders on sales.order_id = orders.id;

create table pixel."Session" as
select
    'row_' || id as "id",
    'ses_' || id as "sessionId",
    'shop_1' as "shopId",
    'cus_' || signed_in_id as "customerId",
    started_at as "startedAt",
    started_at + to_seconds(depth * seconds_a_step) as "endedAt",
    depth * seconds_a_step as "duration",
    depth as "pageViews",
    source as "source",
    case source when 'direct' then 'none' when 'newsletter' then 'email' else 'referral' end as "medium",
    case when source = 'newsletter' then 'monthly' end as "campaign"
from visits;
