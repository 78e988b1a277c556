-- Four made-up tables of an app that follows behaviour and has no orders. The same rows every time.

-- A number in [0, 1) that depends on its key only.
create macro draw(key) as md5_number_lower(key) / 18446744073709551616.0;

create table customer_data as
with numbered as (
    select
        id,
        timestamp '2024-10-01' + to_seconds(cast(draw('joined' || id) * 200 * 86400 as bigint)) as joined_at,
        1 + cast(floor(draw('place' || id) * 3) as integer) as place
    from generate_series(1, 381) as ids (id)
)

select
    'row-' || id as id,
    'shop-1' as shop_id,
    'c' || id as customer_id,
    'customer' || id || '@example.com' as email,
    'Customer' as first_name,
    cast(id as varchar) as last_name,
    joined_at as created_at,
    joined_at as updated_at,
    case when draw('vip' || id) < 0.1 then 'vip,newsletter' when draw('vip' || id) < 0.5 then 'newsletter' end as tags,
    to_json({ 'loyalty_tier': case when draw('vip' || id) < 0.1 then 'gold' else 'none' end }) as metafields,
    to_json({
        'city': ['Lyon', 'Ghent', 'Porto'][place], 'country': ['France', 'Belgium', 'Portugal'][place]
    }) as default_address,
    'EUR' as currency_code,
    'en' as locale
from numbered;

-- One visit in ten is of a visitor whom the app could not name.
create table user_sessions as
with visits as (
    select
        customer_id,
        n,
        customer_id || '-' || n as visit_key,
        created_at + to_seconds(cast(
            draw('when' || customer_id || '-' || n) * date_diff('second', created_at, timestamp '2025-06-28') as bigint
        )) as start_time
    from customer_data
    inner join generate_series(1, 12) as numbers (n) on n <= 1 + floor(power(draw('visits' || customer_id), 2) * 12)
)

select
    'session-row-' || visit_key as id,
    'shop-1' as shop_id,
    case when draw('named' || visit_key) < 0.9 then customer_id end as customer_id,
    'session-' || visit_key as session_id,
    start_time,
    start_time + to_seconds(60 + cast(floor(draw('length' || visit_key) * 1200) as integer)) as end_time,
    ['mobile', 'desktop'][1 + cast(floor(draw('device' || visit_key) * 2) as integer)] as device_type,
    ['Chrome', 'Safari', 'Firefox'][1 + cast(floor(draw('browser' || visit_key) * 3) as integer)] as browser_type,
    ['search', 'social', 'email', 'direct'][1 + cast(floor(draw('referrer' || visit_key) * 4) as integer)]
        as referrer_type,
    start_time as created_at
from visits;

-- The app notes who did what and when, but neither in which session nor for how much.
create table user_interactions as
with steps (step, event_type, page_type) as (
    values
    (1, 'page_view', 'home'), (2, 'category_view', 'collection'), (3, 'search', 'search'),
    (4, 'product_view', 'product'), (5, 'product_view', 'product'), (6, 'add_to_cart', 'product'),
    (7, 'checkout_started', 'checkout'), (8, 'purchase', 'thank_you')
),

depths as (
    select
        *,
        case
            when customer_id is null then 5
            when draw('buys' || session_id) < 0.35 then 8
            else 7
        end as deepest
    from user_sessions
),

walked as (
    select
        depths.*,
        steps.*,
        date_diff('second', depths.start_time, depths.end_time) / 8.0 as pace,
        1 + cast(floor(draw('product' || depths.session_id) * 30) as integer) as product_number
    from depths
    -- Buyers go all the way; of the others, each stops where the draw says.
    inner join steps
        on steps.step <= case
            when depths.deepest = 8 then 8
            else 1 + floor(draw('depth' || depths.session_id) * depths.deepest)
        end
)

select
    'interaction-' || session_id || '-' || step as id,
    shop_id,
    customer_id,
    event_type,
    page_type,
    case when step in (4, 6, 8) then 'p' || product_number when step = 5 then 'p' || (1 + product_number % 30) end
        as product_id,
    case when step = 3 then ['teapot', 'mug', 'sale', 'gift box'][1 + product_number % 4] end as search_query,
    start_time + to_seconds(cast(floor(pace * (step - 1)) as integer)) as created_at,
    cast(round(pace) as integer) as view_duration,
    device_type
from walked;

-- The value of every purchase, shared among the one or two touches that led to it.
create table purchase_attributions as
with purchases as (
    select
        *,
        row_number() over (order by created_at, id) as purchase_number,
        cast(12 + floor(draw('value' || id) * 90) as decimal(18, 2)) as value
    from user_interactions
    where event_type = 'purchase'
),

touched as (
    select
        purchases.*,
        touches.touch,
        draw('touches' || purchases.id) < 0.4 as is_shared
    from purchases
    inner join generate_series(1, 2) as touches (touch) on touches.touch = 1 or draw('touches' || purchases.id) < 0.4
)

select
    'attribution-' || purchase_number || '-' || touch as id,
    shop_id,
    customer_id,
    'o' || purchase_number as order_id,
    product_id,
    case touch when 1 then 'recommendation' else 'search' end as attribution_type,
    ['google', 'instagram', 'newsletter'][1 + (purchase_number + touch) % 3] as attribution_source,
    ['organic', 'social', 'email'][1 + (purchase_number + touch) % 3] as attribution_medium,
    cast(case when not is_shared then value when touch = 1 then value * 0.75 else value * 0.25 end as decimal(18, 2))
        as attribution_value,
    created_at + to_seconds(touch) as created_at
from touched;
