-- Rows that a shop can send and that no sum, range or clock expects, as stores of the database of small_stores.py.

insert into raw.stores (store_id, timezone, currency, created_at, loaded_at) values
    ('huge', 'UTC', 'EUR', '0001-01-01', null), ('clocks', 'Pacific/Kiritimati', 'EUR', '9999-12-31', '2025-01-01'),
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
    ('reversed', 'o1', 'c1', '2025-05-01 10:00:00', 95, -5), ('reversed', 'o2', 'c1', '2025-06-01 10:00:00', 90, null),
    ('reversed', 'o3', 'c2', '2025-05-01 10:00:00', 0, 50), ('reversed', 'o4', 'c2', '2025-06-01 10:00:00', 0.01, 1000),
    ('reversed', 'o5', 'c3', '2025-05-01 10:00:00', 10, 0), ('reversed', 'o6', 'c3', '2025-06-01 10:00:00', 10, 0),
    ('reversed', 'o7', 'c3', '2025-06-11 10:00:00', 10, 0);
insert into raw.order_items (
    store_id, order_id, line_id, product_id, category, quantity, price, discount_amount, refund_amount, refunded_quantity
) values
    ('reversed', 'o1', 'l1', 'p1', 'A', 1, 100, -5, 0, 0), ('reversed', 'o2', 'l1', 'p1', 'A', 1, 100, -10, -20, -1),
    ('reversed', 'o3', 'l1', 'p1', 'A', 1, 50, 50, 0, 0), ('reversed', 'o3', 'l2', 'gift', 'A', 1, 0, 0, 0, 0),
    ('reversed', 'o4', 'l1', 'p1', 'A', 2, 1, 1000, 1000, 1000), ('reversed', 'o4', 'l2', 'gift', 'A', 0, 0, 5, 0, 0),
    ('reversed', 'o5', 'l1', 'coupon', 'A', 1, -10, 0, 0, 0), ('reversed', 'o5', 'l2', 'p1', 'A', 1, 20, 0, 0, 0),
    ('reversed', 'o6', 'l1', 'coupon', 'B', 5, -100, -100, 0, 0), ('reversed', 'o6', 'l2', 'p1', 'B', 0, 20, 30, 0, 0),
    ('reversed', 'o7', 'l1', 'p2', 'B', 1, 1, 2, 0, 0), ('reversed', 'o7', 'l2', 'coupon', 'B', 1, -0.5, 0, 0, 0);
insert into raw.refunds (store_id, refund_id, order_id, line_id, customer_id, refunded_at, amount, quantity) values
    ('reversed', 'r1', 'o5', 'l2', null, '2025-05-02 10:00:00', 1000, -7), ('reversed', 'r2', 'o6', 'l2', null, '2024-05-02 10:00:00', 7, 3),
    ('reversed', 'r3', null, null, 'c3', '2024-01-02 10:00:00', 5, null), ('reversed', 'r4', null, null, 'c4', '2024-01-02 10:00:00', 5, null),
    ('reversed', 'r5', 'o5', 'l2', null, '2025-05-02 10:00:00', -5, 1), ('reversed', 'r6', 'unheard-of', 'l2', 'c1', '2025-05-02 10:00:00', 5, 1);

-- clocks: what may be missing is centuries away or in the wrong order, and all of a person is in one moment
insert into raw.customers (
    store_id, customer_id, email, created_at, acquired_at, email_subscribed_at, gdpr_consent_at, updated_at, loaded_at
) values
    ('clocks', '1', 'c1@mail.example', '0001-01-01', '9999-12-31 23:59:59', '0001-01-01', '9999-12-31', '9999-12-31', '2025-06-01'),
    ('clocks', '2', 'c2@mail.example', '9999-12-31 23:59:59', '0001-01-01', '1970-01-01', '1970-01-01', '0001-01-01', '2025-06-01');
insert into raw.orders (store_id, order_id, customer_id, ordered_at, total_price, cancelled_at, updated_at, loaded_at) values
    ('clocks', 'o1', '1', '2025-05-01 10:00:00', 10, '9999-12-31 23:59:59', '9999-12-31 23:59:59', '2025-06-01'),
    ('clocks', 'o2', '1', '2025-05-02 10:00:00', 10, null, '0001-01-01', '2025-06-01'),
    ('clocks', 'o3', '2', '2025-05-01 10:00:00', 10, '0001-01-01', null, '2025-06-01'),
    ('clocks', 'o4', '2', '2000-01-01 00:00:00', 10, null, null, '2025-06-01'),
    ('clocks', 'o5', '2', '2025-06-30 23:59:59.999999', 10, null, null, null);
insert into raw.orders (store_id, order_id, customer_id, ordered_at, total_price)
select 'clocks', 'same' || n, '3', timestamp '2025-03-01 10:00:00', 10
from generate_series(1, 20) as numbers (n);
insert into raw.order_items (store_id, order_id, line_id, product_id, category, quantity, price, refund_amount, refunded_at) values
    ('clocks', 'o1', 'l1', 'p1', 'A', 1, 10, 5, '0001-01-01'), ('clocks', 'o2', 'l1', 'p1', 'A', 1, 10, 5, '9999-12-31 23:59:59'),
    ('clocks', 'o4', 'l1', 'p1', 'A', 1, 10, 5, '1970-01-01'), ('clocks', 'o5', 'l1', 'p2', 'A', 1, 10, 5, '2025-06-01');
insert into raw.refunds (store_id, refund_id, order_id, customer_id, refunded_at, amount) values
    ('clocks', 'r1', 'o5', null, '2000-01-01 00:00:00', 1), ('clocks', 'r2', null, '1', '2001-01-01', 1),
    ('clocks', 'r3', null, '9', '2001-01-01', 1), ('clocks', 'r4', 'same1', null, '2001-01-01', 1);
insert into raw.products (store_id, product_id, category, price, created_at) values
    ('clocks', 'p1', 'A', 10, '0001-01-01'), ('clocks', 'p2', 'A', 10, '9999-12-31 23:59:59');
insert into raw.sessions (store_id, session_id, customer_id, anonymous_id, started_at, ended_at, loaded_at) values
    ('clocks', 's1', '1', null, '2025-05-01 10:00:00', '0001-01-01', '2025-06-01'),
    ('clocks', 's2', '1', null, '2025-05-02 10:00:00', '9999-12-31 23:59:59', '2025-06-01'),
    ('clocks', 's3', null, 'd3', '2000-01-01 00:00:00', '2025-06-01 00:00:00', '2025-06-01'),
    ('clocks', 'v1', null, 'd1', '2025-05-01 10:00:00', '9999-12-31 23:59:59', '2025-06-01');
insert into raw.events (store_id, event_id, event_type, occurred_at, received_at, customer_id, anonymous_id, session_id, loaded_at)
select 'clocks', 'e' || n, 'product_view', timestamp '2025-05-01 10:00:00', timestamp '0001-01-01', null, 'd1', 'v1', timestamp '2025-06-01'
from generate_series(1, 30) as numbers (n)
union all
select
    'clocks', 'f' || n, 'page_view', timestamp '2000-01-01 00:00:00' + n * interval '1500 days', timestamp '9999-12-31',
    '2', 'd2', 'forever', timestamp '2025-06-01'
from generate_series(0, 6) as numbers (n);
insert into raw.purchase_attributions (store_id, order_id, attribution_type, created_at) values
    ('clocks', 'o1', 'email', '9999-12-31 23:59:59'), ('clocks', 'o2', 'ads', '0001-01-01');
insert into raw.support_tickets (
    store_id, ticket_id, customer_id, opened_at, first_response_at, resolved_at, message_count, reopened_count, satisfaction_score
) values
    ('clocks', 't1', '1', '2025-05-01', '0001-01-01', '0001-01-01', -5, -5, 1000),
    ('clocks', 't2', '1', '2025-05-01', '9999-12-31', '9999-12-31 23:59:59', 9223372036854775807, 9223372036854775807, -1000),
    ('clocks', 't3', '2', '2000-01-01', '2025-06-30', '2025-06-30', null, null, 999999999999.99),
    ('clocks', 't4', '2', '2000-01-01', null, '2025-06-30', 0, 9223372036854775807, 999999999999.99);
insert into raw.segment_imports (store_id, segment_slug, customer_id, added_at, removed_at, expires_at, score) values
    ('clocks', 'no_such_segment', '1', '0001-01-01', '9999-12-31', '0001-01-01', 999999999999.99),
    ('clocks', 'champions', '1', '9999-12-31', '0001-01-01', null, -1), ('clocks', 'champions', 'nobody', '0001-01-01', null, '9999-12-31', 0),
    ('clocks', 'champions', '2', null, null, null, null), ('nowhere', 'champions', '2', null, null, null, null);
insert into raw.campaign_costs (store_id, cost_date, cost_id, source, cost, impressions, clicks, loaded_at) values
    ('clocks', '0001-01-01', 'c1', 'a', 1, null, null, '2025-06-01'), ('clocks', '9999-12-31 23:59:59', 'c2', 'a', 1, null, null, '2025-06-01'),
    ('clocks', '2025-05-01', 'c3', 'a', 999999999999.99, 999999999999.99, '999999999999', '2025-06-01'),
    ('clocks', '2025-05-01', 'c4', 'a', 999999999999.99, 999999999999.99, '9223372036854775807', '2025-06-01'),
    ('clocks', '2025-05-01', 'c5', 'a', 1000000000000, -1, '-1', '2025-06-01');

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
select
    store_id, order_id, 'l1', 'p1', 9, cast(total_price as numeric(18, 2)), discount_amount, cast(total_price as numeric(18, 2))
from raw.orders
where store_id = 'rates';

-- a store without orders, whose purchases are events
insert into raw.events (store_id, event_id, event_type, occurred_at, customer_id, order_id, event_value, latitude, longitude, view_duration)
select
    'purchases', 'e' || n, 'purchase', timestamp '2025-03-01 10:00:00' + n * interval '10 minutes', 'c1', null, 999999999999.99,
    999, cast('NaN' as double precision), cast('Infinity' as double precision)
from generate_series(1, 10100) as numbers (n)
union all
select
    'purchases', 'f' || n, 'purchase', timestamp '2025-05-01 10:00:00' + n * interval '1 hour', 'c2', 'o1', -999999999999.99,
    1e308, -1e308, -1
from generate_series(1, 20) as numbers (n);

-- a store of one row, and one whose name no file, query or picture expects
insert into raw.events (store_id, event_id, event_type, occurred_at, anonymous_id) values ('one', 'e1', 'page_view', '2025-06-01', 'd1');
insert into raw.orders (store_id, order_id, customer_id, ordered_at, total_price) values ('店 ''"\%s{{ x }}$1', 'o1', 'c1', '2025-05-01', 0);

-- the other stores come after these
update raw.orders set loaded_at = cast(ordered_at as timestamp) + interval '1 hour' where loaded_at is null
