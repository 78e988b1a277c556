-- theLook eCommerce (five parquet files) as the raw contract.
-- No table carries loaded_at: the files do not say when their rows were written.

create table raw.stores as
select
    'thelook' as store_id,
    'theLook eCommerce' as name,
    'UTC' as timezone,
    'USD' as currency;

create table raw.customers as
select
    'thelook' as store_id,
    cast(id as varchar) as customer_id,
    -- Up to six users share one address; the contract tells people apart by customer_id, so the address may stay.
    email,
    first_name,
    last_name,
    created_at,
    nullif(city, 'null') as city,
    state,
    country,
    traffic_source as acquisition_source,
    to_json({ 'age': age, 'gender': gender }) as metafields
from read_parquet(getvariable('data') || '/users.parquet');

create table raw.products as
select
    'thelook' as store_id,
    cast(id as varchar) as product_id,
    name as title,
    category,
    brand as vendor,
    department as vertical,
    cast(retail_price as decimal(18, 2)) as price
from read_parquet(getvariable('data') || '/products.parquet');

-- Prices are 32-bit floats in disguise (19.989999...), so each line is rounded to cents before anything is summed.
create table raw.orders as
with line_totals as (
    select
        order_id,
        sum(cast(sale_price as decimal(18, 2))) as total_price
    from read_parquet(getvariable('data') || '/order_items.parquet')
    group by order_id
)

select
    'thelook' as store_id,
    cast(orders.order_id as varchar) as order_id,
    cast(orders.user_id as varchar) as customer_id,
    orders.created_at as ordered_at,
    cast(line_totals.total_price as decimal(18, 2)) as total_price,
    'USD' as currency,
    'web' as source,
    -- The status has no time of its own. An order that was cancelled at all was cancelled from the start: its
    -- money never counted, in no snapshot.
    case when orders.status = 'Cancelled' then orders.created_at end as cancelled_at
from read_parquet(getvariable('data') || '/orders.parquet') as orders
inner join line_totals on orders.order_id = line_totals.order_id;

-- One row is one piece. Returns are of whole orders, and each piece then gives back what it cost.
create table raw.order_items as
select
    'thelook' as store_id,
    cast(items.order_id as varchar) as order_id,
    cast(items.id as varchar) as line_id,
    cast(items.product_id as varchar) as product_id,
    products.name as product_name,
    products.category,
    1 as quantity,
    cast(items.sale_price as decimal(18, 2)) as price,
    case when items.status = 'Returned' then cast(items.sale_price as decimal(18, 2)) end as refund_amount,
    case when items.status = 'Returned' then 1 end as refunded_quantity,
    case when items.status = 'Returned' then items.returned_at end as refunded_at
from read_parquet(getvariable('data') || '/order_items.parquet') as items
left join read_parquet(getvariable('data') || '/products.parquet') as products on items.product_id = products.id;

-- Event names stay raw (home, department, product, cart, cancel, purchase): the project's vocabulary translates them.
create table raw.events as
with categories as (
    -- A department page spells its category 'outerwear&coats'; the catalogue says 'Outerwear & Coats'.
    select distinct
        category,
        replace(lower(category), ' ', '') as slug
    from read_parquet(getvariable('data') || '/products.parquet')
)

select
    'thelook' as store_id,
    cast(events.id as varchar) as event_id,
    events.event_type,
    events.created_at as occurred_at,
    cast(events.user_id as varchar) as customer_id,
    -- A visitor without an account has no cookie in this data: the session is all there is to know them by.
    case when events.user_id is null then events.session_id end as anonymous_id,
    events.session_id,
    events.uri as page_url,
    nullif(regexp_extract(events.uri, '^/product/([0-9]+)$', 1), '') as product_id,
    categories.category as product_category,
    case split_part(events.uri, '/', 3) when 'men' then 'Men' when 'women' then 'Women' end as vertical,
    'website' as channel,
    events.traffic_source as source,
    events.browser,
    nullif(events.city, 'null') as city,
    events.ip_address
from read_parquet(getvariable('data') || '/events.parquet') as events
left join categories
    on
        events.event_type = 'department'
        and split_part(events.uri, '/', 5) = categories.slug;
