-- Rows that a shop can send and that no sum, range or clock expects, as stores of one database: for DuckDB and Postgres.
create schema raw;
create table raw.stores (store_id text, timezone text, currency text, created_at timestamp, loaded_at timestamp);
create table raw.exchange_rates (store_id text, currency text, rate_date timestamp, rate numeric(24, 10), loaded_at timestamp);
create table raw.customers (
    store_id text, customer_id text, email text, created_at timestamp, acquired_at timestamp, email_subscribed_at timestamp,
    gdpr_consent_at timestamp, updated_at timestamp, loaded_at timestamp
);
create table raw.products (store_id text, product_id text, category text, price numeric(18, 2), created_at timestamp, loaded_at timestamp);
create table raw.orders (
    store_id text, order_id text, customer_id text, ordered_at timestamp, total_price numeric(18, 2),
    discount_amount numeric(18, 2), currency text, cancelled_at timestamp, session_id text, updated_at timestamp, loaded_at timestamp
);
create table raw.order_items (
    store_id text, order_id text, line_id text, product_id text, category text, quantity bigint, price numeric(18, 2),
    discount_amount numeric(18, 2), refund_amount numeric(18, 2), refunded_quantity bigint, refunded_at timestamp, loaded_at timestamp
);
create table raw.refunds (
    store_id text, refund_id text, order_id text, line_id text, customer_id text, refunded_at timestamp, amount numeric(18, 2),
    quantity bigint, loaded_at timestamp
);
create table raw.events (
    store_id text, event_id text, event_type text, occurred_at timestamp, received_at timestamp, customer_id text, anonymous_id text,
    session_id text, page_url text, search_query text, product_id text, order_id text, event_value numeric(18, 2),
    latitude double precision, longitude double precision, view_duration double precision, properties text, loaded_at timestamp
);
create table raw.sessions (
    store_id text, session_id text, customer_id text, anonymous_id text, started_at timestamp, ended_at timestamp, loaded_at timestamp
);
create table raw.purchase_attributions (
    store_id text, order_id text, product_id text, attribution_type text, attribution_source text, attribution_medium text,
    attribution_value numeric(18, 2), created_at timestamp, loaded_at timestamp
);
create table raw.support_tickets (
    store_id text, ticket_id text, customer_id text, opened_at timestamp, first_response_at timestamp, resolved_at timestamp,
    message_count bigint, reopened_count bigint, satisfaction_score numeric(18, 2), loaded_at timestamp
);
create table raw.segment_imports (
    store_id text, segment_slug text, customer_id text, added_at timestamp, removed_at timestamp, expires_at timestamp,
    score numeric(18, 2), loaded_at timestamp
);

insert into raw.stores (store_id, timezone, currency, created_at, loaded_at) values
    ('huge', 'UTC', 'EUR', '0001-01-01', null), ('times', 'Pacific/Kiritimati', 'EUR', '9999-12-31', '2025-01-01'),
    ('rates', 'Pacific/Pago_Pago', 'EUR', null, null);

-- amounts that fit one by one, and not together: c1 of thousands of orders in one session, c3 of thousands of refunds
insert into raw.orders (store_id, order_id, customer_id, ordered_at, total_price, discount_amount, session_id)
select
    'huge', 'a' || n, 'c1', timestamp '2025-01-01 10:00:00' + n * interval '1 minute', 999999999999.99, 999999999999.99, 's1'
from generate_series(1, 10100) as numbers (n)
union all
select 'huge', 'd' || n, 'c3', timestamp '2025-01-01 10:00:00' + n * interval '9 days', 20, 5, 's2'
from generate_series(1, 4) as numbers (n);
insert into raw.order_items (store_id, order_id, line_id, product_id, category, quantity, price, discount_amount, refund_amount)
select 'huge', 'a' || n, 'l1', 'p' || n % 12, 'Shoes', 9, 99999999999.99, 999999999999.99, 999999999999.99
from generate_series(1, 10100) as numbers (n)
union all
select 'huge', 'd1', 'l' || n, 'p' || n, 'Shoes', 9, 99999999999.99, 0, 999999999999.99
from generate_series(1, 40) as numbers (n)
union all
select 'huge', 'd2', 'l' || n, 'p1', 'Shoes', 9223372036854775807, 1, 0, 0
from generate_series(1, 2) as numbers (n);
insert into raw.refunds (store_id, refund_id, order_id, line_id, customer_id, refunded_at, amount, quantity)
select 'huge', 'q' || n, null, null, 'c3', timestamp '2024-06-01 10:00:00' + n * interval '1 minute', 999999999999.99, -9999999
from generate_series(1, 10100) as numbers (n)
union all
select 'huge', 'r' || n, 'd3', 'l1', 'c3', timestamp '2024-06-01 10:00:00', 999999999999.99, 9223372036854775807
from generate_series(1, 2) as numbers (n);
insert into raw.sessions (store_id, session_id, customer_id, started_at, ended_at) values
    ('huge', 's1', 'c1', '2025-01-01 09:00:00', '2025-01-01 10:00:00'), ('huge', 's2', 'c3', '2025-01-01 09:00:00', '2025-01-01 08:00:00');
insert into raw.purchase_attributions (store_id, order_id, attribution_type, attribution_value, created_at) values
    ('huge', 'a1', 'email', -999999999999.99, '0001-01-01');
insert into raw.products (store_id, product_id, category, price) values
    ('huge', 'p1', 'Shoes', 999999999999.99), ('huge', 'p2', 'Shoes', -999999999999.99), ('huge', 'p3', 'Shoes', 0);

-- signs: what is off, given back or sold written with a minus; free gifts; discounts above the price; more back than bought
insert into raw.orders (store_id, order_id, customer_id, ordered_at, total_price, discount_amount) values
    ('signs', 'o1', 'c1', '2025-05-01 10:00:00', 95, -5), ('signs', 'o2', 'c1', '2025-06-01 10:00:00', 90, null),
    ('signs', 'o3', 'c2', '2025-05-01 10:00:00', 0, 50), ('signs', 'o4', 'c2', '2025-06-01 10:00:00', 0.01, 1000),
    ('signs', 'o5', 'c3', '2025-05-01 10:00:00', 10, 0), ('signs', 'o6', 'c3', '2025-06-01 10:00:00', 10, 0),
    ('signs', 'o7', 'c3', '2025-06-11 10:00:00', 10, 0);
insert into raw.order_items (
    store_id, order_id, line_id, product_id, category, quantity, price, discount_amount, refund_amount, refunded_quantity
) values
    ('signs', 'o1', 'l1', 'p1', 'A', 1, 100, -5, 0, 0), ('signs', 'o2', 'l1', 'p1', 'A', 1, 100, -10, -20, -1),
    ('signs', 'o3', 'l1', 'p1', 'A', 1, 50, 50, 0, 0), ('signs', 'o3', 'l2', 'gift', 'A', 1, 0, 0, 0, 0),
    ('signs', 'o4', 'l1', 'p1', 'A', 2, 1, 1000, 1000, 1000), ('signs', 'o4', 'l2', 'gift', 'A', 0, 0, 5, 0, 0),
    ('signs', 'o5', 'l1', 'coupon', 'A', 1, -10, 0, 0, 0), ('signs', 'o5', 'l2', 'p1', 'A', 1, 20, 0, 0, 0),
    ('signs', 'o6', 'l1', 'coupon', 'B', 5, -100, -100, 0, 0), ('signs', 'o6', 'l2', 'p1', 'B', 0, 20, 30, 0, 0),
    ('signs', 'o7', 'l1', 'p2', 'B', 1, 1, 2, 0, 0), ('signs', 'o7', 'l2', 'coupon', 'B', 1, -0.5, 0, 0, 0);
insert into raw.refunds (store_id, refund_id, order_id, line_id, customer_id, refunded_at, amount, quantity) values
    ('signs', 'r1', 'o5', 'l2', null, '2025-05-02 10:00:00', 1000, -7), ('signs', 'r2', 'o6', 'l2', null, '2024-05-02 10:00:00', 7, 3),
    ('signs', 'r3', null, null, 'c3', '2024-01-02 10:00:00', 5, null), ('signs', 'r4', null, null, 'c4', '2024-01-02 10:00:00', 5, null),
    ('signs', 'r5', 'o5', 'l2', null, '2025-05-02 10:00:00', -5, 1), ('signs', 'r6', 'unheard-of', 'l2', 'c1', '2025-05-02 10:00:00', 5, 1);

-- clocks: what may be missing is centuries away or in the wrong order, and all of a person is in one moment
insert into raw.customers (
    store_id, customer_id, email, created_at, acquired_at, email_subscribed_at, gdpr_consent_at, updated_at, loaded_at
) values
    ('times', 'c1', 'c1@mail.example', '0001-01-01', '9999-12-31 23:59:59', '0001-01-01', '9999-12-31', '9999-12-31', '2025-06-01'),
    ('times', 'c2', 'c2@mail.example', '9999-12-31 23:59:59', '0001-01-01', '1970-01-01', '1970-01-01', '0001-01-01', '2025-06-01');
insert into raw.orders (store_id, order_id, customer_id, ordered_at, total_price, cancelled_at, updated_at, loaded_at) values
    ('times', 'o1', 'c1', '2025-05-01 10:00:00', 10, '9999-12-31 23:59:59', '9999-12-31 23:59:59', '2025-06-01'),
    ('times', 'o2', 'c1', '2025-05-02 10:00:00', 10, null, '0001-01-01', '2025-06-01'),
    ('times', 'o3', 'c2', '2025-05-01 10:00:00', 10, '0001-01-01', null, '2025-06-01'),
    ('times', 'o4', 'c2', '2000-01-01 00:00:00', 10, null, null, '2025-06-01'),
    ('times', 'o5', 'c2', '2025-06-29 23:59:59.999999', 10, null, null, null);
insert into raw.orders (store_id, order_id, customer_id, ordered_at, total_price)
select 'times', 'same' || n, 'c3', timestamp '2025-03-01 10:00:00', 10
from generate_series(1, 20) as numbers (n);
insert into raw.order_items (store_id, order_id, line_id, product_id, category, quantity, price, refund_amount, refunded_at) values
    ('times', 'o1', 'l1', 'p1', 'A', 1, 10, 5, '0001-01-01'), ('times', 'o2', 'l1', 'p1', 'A', 1, 10, 5, '9999-12-31 23:59:59'),
    ('times', 'o4', 'l1', 'p1', 'A', 1, 10, 5, '1970-01-01'), ('times', 'o5', 'l1', 'p2', 'A', 1, 10, 5, '2025-06-01');
insert into raw.refunds (store_id, refund_id, order_id, customer_id, refunded_at, amount) values
    ('times', 'r1', 'o5', null, '2000-01-01 00:00:00', 1), ('times', 'r2', null, 'c1', '2001-01-01', 1),
    ('times', 'r3', null, 'c9', '2001-01-01', 1), ('times', 'r4', 'same1', null, '2001-01-01', 1);
insert into raw.products (store_id, product_id, category, price, created_at) values
    ('times', 'p1', 'A', 10, '0001-01-01'), ('times', 'p2', 'A', 10, '9999-12-31 23:59:59');
insert into raw.sessions (store_id, session_id, customer_id, anonymous_id, started_at, ended_at, loaded_at) values
    ('times', 's1', 'c1', null, '2025-05-01 10:00:00', '0001-01-01', '2025-06-01'),
    ('times', 's2', 'c1', null, '2025-05-02 10:00:00', '9999-12-31 23:59:59', '2025-06-01'),
    ('times', 's3', null, 'd3', '2000-01-01 00:00:00', '2025-06-01 00:00:00', '2025-06-01'),
    ('times', 'v1', null, 'd1', '2025-05-01 10:00:00', '9999-12-31 23:59:59', '2025-06-01');
insert into raw.events (store_id, event_id, event_type, occurred_at, received_at, customer_id, anonymous_id, session_id, loaded_at)
select 'times', 'e' || n, 'product_view', timestamp '2025-05-01 10:00:00', timestamp '0001-01-01', null, 'd1', 'v1', timestamp '2025-06-01'
from generate_series(1, 30) as numbers (n)
union all
select
    'times', 'f' || n, 'page_view', timestamp '2000-01-01 00:00:00' + n * interval '1500 days', timestamp '9999-12-31',
    'c2', 'd2', 'forever', timestamp '2025-06-01'
from generate_series(0, 6) as numbers (n);
insert into raw.purchase_attributions (store_id, order_id, attribution_type, created_at) values
    ('times', 'o1', 'email', '9999-12-31 23:59:59'), ('times', 'o2', 'ads', '0001-01-01');
insert into raw.support_tickets (
    store_id, ticket_id, customer_id, opened_at, first_response_at, resolved_at, message_count, reopened_count, satisfaction_score
) values
    ('times', 't1', 'c1', '2025-05-01', '0001-01-01', '0001-01-01', -5, -5, 1000),
    ('times', 't2', 'c1', '2025-05-01', '9999-12-31', '9999-12-31 23:59:59', 9223372036854775807, 9223372036854775807, -1000),
    ('times', 't3', 'c2', '2000-01-01', '2025-06-29', '2025-06-29', null, null, 999999999999.99),
    ('times', 't4', 'c2', '2000-01-01', null, '2025-06-29', 0, 9223372036854775807, 999999999999.99);
insert into raw.segment_imports (store_id, segment_slug, customer_id, added_at, removed_at, expires_at, score) values
    ('times', 'no_such_segment', 'c1', '0001-01-01', '9999-12-31', '0001-01-01', 999999999999.99),
    ('times', 'champions', 'c1', '9999-12-31', '0001-01-01', null, -1), ('times', 'champions', 'nobody', '0001-01-01', null, '9999-12-31', 0),
    ('times', 'champions', 'c2', null, null, null, null), ('nowhere', 'champions', 'c2', null, null, null, null);

-- rates that make nothing, or too much, of an amount
insert into raw.exchange_rates (store_id, currency, rate_date, rate) values
    ('rates', 'NIL', '2025-01-01', 0), ('rates', 'MAX', '2025-01-01', 99999999999999.9999999999),
    ('rates', 'MIN', '2025-01-01', 0.0000000001);
insert into raw.orders (store_id, order_id, customer_id, ordered_at, total_price, discount_amount, currency)
select
    'rates', lower(currency) || n, 'c' || n, timestamp '2025-02-01 10:00:00' + n * interval '1 day', 999999999.99 - n,
    999999999.99 - n * 2, currency
from generate_series(1, 3) as numbers (n)
cross join (values ('NIL'), ('MAX'), ('MIN'), ('EUR')) as currencies (currency);
insert into raw.order_items (store_id, order_id, line_id, product_id, quantity, price, discount_amount, refund_amount)
select store_id, order_id, 'l1', 'p1', 9, total_price, discount_amount, total_price
from raw.orders
where store_id = 'rates';

-- a store without orders, whose purchases are events
insert into raw.events (store_id, event_id, event_type, occurred_at, customer_id, order_id, event_value, latitude, longitude, view_duration)
select
    'visits', 'e' || n, 'purchase', timestamp '2025-03-01 10:00:00' + n * interval '10 minutes', 'c1', null, 999999999999.99,
    999, cast('NaN' as double precision), cast('Infinity' as double precision)
from generate_series(1, 10100) as numbers (n)
union all
select
    'visits', 'f' || n, 'purchase', timestamp '2025-05-01 10:00:00' + n * interval '1 hour', 'c2', 'o1', -999999999999.99,
    1e308, -1e308, -1
from generate_series(1, 20) as numbers (n);

-- a store of one row, and one whose name no file, query or picture expects
insert into raw.events (store_id, event_id, event_type, occurred_at, anonymous_id) values ('one', 'e1', 'page_view', '2025-06-01', 'd1');
insert into raw.orders (store_id, order_id, customer_id, ordered_at, total_price) values ('店 ''"\%s{{ x }}$1', 'o1', 'c1', '2025-05-01', 0);

update raw.orders set loaded_at = ordered_at + interval '1 hour' where loaded_at is null;
