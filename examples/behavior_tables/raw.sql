-- customer_data, user_interactions, user_sessions and purchase_attributions as the raw contract.
-- There is no table of orders: purchase events stand in for them.

create table raw.stores as
select
    shop_id as store_id,
    max(currency_code) as currency
from customer_data
group by shop_id;

create table raw.customers as
select
    shop_id as store_id,
    -- The column id numbers the rows; every other table refers to customer_id.
    customer_id,
    email,
    first_name,
    last_name,
    created_at,
    updated_at,
    default_address ->> '$.city' as city,
    default_address ->> '$.country' as country,
    locale,
    currency_code as currency,
    tags,
    metafields
from customer_data;

create table raw.purchase_attributions as
select
    shop_id as store_id,
    order_id,
    product_id,
    attribution_type,
    attribution_source,
    attribution_medium,
    attribution_value,
    created_at
from purchase_attributions;

create table raw.sessions as
select
    shop_id as store_id,
    session_id,
    customer_id,
    start_time as started_at,
    end_time as ended_at,
    device_type,
    browser_type as browser,
    referrer_type
from user_sessions;

create table raw.events as
with interactions as (
    -- A purchase here has no value; the same one is among the attributions, with its value.
    select
        shop_id,
        id as event_id,
        event_type,
        created_at,
        customer_id,
        page_type,
        product_id,
        search_query,
        cast(null as varchar) as order_id,
        cast(null as decimal(18, 2)) as event_value,
        device_type,
        view_duration
    from user_interactions
    where event_type <> 'purchase'
),

purchases as (
    -- One per order, whose touches share its value. Where attributions follow several models, each gives away the
    -- whole value: keep the rows of one.
    select
        shop_id,
        'purchase-' || order_id as event_id,
        'purchase' as event_type,
        min(created_at) as created_at,
        max(customer_id) as customer_id,
        cast(null as varchar) as page_type,
        case when count(distinct product_id) = 1 then max(product_id) end as product_id,
        cast(null as varchar) as search_query,
        order_id,
        cast(sum(attribution_value) as decimal(18, 2)) as event_value,
        cast(null as varchar) as device_type,
        cast(null as integer) as view_duration
    from purchase_attributions
    where order_id is not null
    group by shop_id, order_id
),

all_events as (
    select * from interactions
    union all
    select * from purchases
),

named_sessions as (
    -- An asof join takes two missing customers for the same one; sessions without a customer must not take part.
    select *
    from user_sessions
    where customer_id is not null
),

placed as (
    -- Neither table names the session, so an event goes to the customer's latest session that had begun.
    select
        all_events.*,
        named_sessions.session_id,
        named_sessions.end_time
    from all_events
    asof left join named_sessions
        on
            all_events.shop_id = named_sessions.shop_id
            and all_events.customer_id = named_sessions.customer_id
            and all_events.created_at >= named_sessions.start_time
)

select
    shop_id as store_id,
    event_id,
    event_type,
    created_at as occurred_at,
    customer_id,
    -- Half an hour of grace: payment may end after the last page. Later events belong to no tracked session.
    case when created_at <= end_time + interval 30 minutes then session_id end as session_id,
    page_type,
    product_id,
    search_query,
    order_id,
    event_value,
    'website' as channel,
    device_type,
    view_duration
from placed;
