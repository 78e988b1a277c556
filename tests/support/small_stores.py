"""Small stores of one database, which the tests build once and leave as it is: what they sent, and how they are built.

Each of STORES is told of in test_cases.py, those of ranges.sql are in test_ranges.py, and those that leave a model little to go
by in test_degenerate_stores.py.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from support import degenerate_stores
from support.shops import Shop, build_alike

# Rows that no sum, range or clock expects.
RANGES = Path(__file__).with_name("ranges.sql").read_text()
NIGHT = "2025-07-01 00:00:00"
# The night before the zone of the store zonenight is known.
EARLIER = "2025-06-15 00:00:00"

# The raw tables, with the columns that the stores have.
TABLES = {
    "stores": "store_id text, timezone text, currency text, created_at timestamp, loaded_at timestamp",
    "customers": "store_id text, customer_id text, email text, phone text, city text, country text, tags text[], "
    "do_not_track text, created_at timestamp, acquired_at timestamp, email_subscribed_at timestamp, "
    "gdpr_consent_at timestamp, updated_at timestamp, external_ids json, loaded_at timestamp",
    "orders": "store_id text, order_id text, customer_id text, email text, ordered_at text, total_price text, "
    "discount_amount numeric(18, 2), currency text, source text, financial_status text, is_test text, "
    "cancelled_at timestamp, session_id text, updated_at timestamp, loaded_at timestamp",
    "order_items": "store_id text, order_id text, line_id text, product_id text, category text, quantity bigint, "
    "price numeric(18, 2), discount_amount numeric(18, 2), refund_amount numeric(18, 2), "
    "refunded_quantity bigint, refunded_at timestamp",
    "refunds": "store_id text, refund_id text, refunded_at timestamp, amount numeric(18, 2), quantity bigint, order_id text, "
    "line_id text, customer_id text",
    "exchange_rates": "store_id text, currency text, rate_date timestamp, rate numeric(24, 10)",
    "campaign_costs": "store_id text, cost_date timestamp, cost_id text, source text, medium text, campaign text, "
    "cost numeric(18, 2), currency text, impressions numeric(18, 2), clicks text, loaded_at timestamp",
    "events": "store_id text, event_id text, event_type text, occurred_at timestamp, received_at timestamp, customer_id text, "
    "anonymous_id text, session_id text, email text, page_url text, referrer text, search_query text, source text, "
    "medium text, device_type text, product_id text, product_category text, order_id text, "
    "event_value numeric(18, 2), latitude double precision, longitude double precision, "
    "view_duration double precision, properties text, loaded_at timestamp",
    "sessions": "store_id text, session_id text, customer_id text, anonymous_id text, started_at timestamp, ended_at timestamp, "
    "source text, medium text, campaign text, loaded_at timestamp",
    "identities": "store_id text, identified_at timestamp, anonymous_id text, customer_id text, email text, phone text, "
    "loaded_at timestamp",
    "purchase_attributions": "store_id text, order_id text, product_id text, attribution_type text, attribution_source text, "
    "attribution_medium text, attribution_value numeric(18, 2), created_at timestamp, "
    "loaded_at timestamp",
    "support_tickets": "store_id text, ticket_id text, customer_id double precision, opened_at timestamp, "
    "first_response_at timestamp, resolved_at timestamp, message_count bigint, reopened_count bigint, "
    "satisfaction_score numeric(18, 2)",
    "segment_imports": "store_id text, segment_slug text, customer_id text, added_at timestamp, removed_at timestamp, "
    "expires_at timestamp, score numeric(18, 2)",
    # with columns that nothing reads
    "products": "store_id text, product_id text, category text, price numeric(18, 2), created_at timestamp, "
    'loaded_at timestamp, "Titel" text, vendeur text, prod_type text, shelf text, "PRODUCT_TYPE" text',
}
# Columns as a warehouse exports them, in capitals.
CAPITALS = {"orders": ["store_id", "customer_id", "total_price"], "order_items": ["order_id", "quantity"]}

# People with an address and two phones each, and a tablet in the shop that all of them use: so many in each store.
KIOSKS = {"kiosk4": 4, "kiosk6": 6, "kiosk12": 12}

# Statuses of orders as systems spell them, and what an order of 100 that has one is worth: it counts, it counts and was paid
# back, it does not count. What nobody has described counts.
STATUSES = {
    "counted": [
        "paid",
        "PAID",
        "Partially Paid",
        "partially_paid",
        "PARTIALLY-REFUNDED",
        "authorized",
        "pending",
        "unpaid",
        "on-hold",
        "On Hold",
        "wc-on-hold",
        "processing",
        "wc-completed",
        "Complete",
        "payment_review",
        "delivered",
        "Awaiting Fulfillment",
        "canceled reversal",
        "invoiced",
        "mislaid",
        "Laid aside",
    ],
    "paid back": ["refunded", "REFUNDED", "wc-refunded", "Chargeback", "Reversed"],
    "not counted": [
        "voided",
        "VOIDED",
        "failed",
        "wc-failed",
        "expired",
        "canceled",
        "cancelled",
        "Cancelled",
        "unavailable",
        "pending_payment",
        "Pending payment",
        "wc-pending",
        "checkout-draft",
        "auto-draft",
        "Denied",
        "declined",
        "incomplete",
        "uncollectible",
        "requires_payment_method",
        "trash",
        "fraud",
    ],
}

# Inputs of the world that went wrong somewhere.
STORES = {
    # a browser whose clock is 20 seconds fast, just before the night
    "skew": """
        insert into raw.events (store_id, event_id, event_type, occurred_at, anonymous_id, page_url, loaded_at) values
            ('skew', 'e1', 'page_view', '2025-07-01 00:00:10', 'd1', 'https://shop.example/', '2025-06-30 23:59:50'),
            ('skew', 'e2', 'page_view', '2025-06-30 10:00:00', 'd2', 'https://shop.example/', '2025-06-30 10:00:01')""",
    # a clock that is ten hours ahead: an order and an event of the day after, loaded before it
    "future": """
        insert into raw.stores (store_id, timezone, currency, created_at) values
            ('future', 'America/New_York', 'USD', '2024-01-01');
        insert into raw.orders (store_id, order_id, customer_id, ordered_at, total_price, loaded_at) values
            ('future', 'o1', 'c1', '2025-07-01 10:00:00', 50, '2025-06-30 23:30:00'),
            ('future', 'o2', 'c2', '2025-06-15 10:00:00', 20, '2025-06-15 23:30:00');
        insert into raw.events (store_id, event_id, event_type, occurred_at, customer_id, page_url, loaded_at) values
            ('future', 'e1', 'page_view', '2025-07-01 10:00:00', 'c3', 'https://shop.example/', '2025-06-30 23:30:00')""",
    # an external id whose name begins with a dollar sign, as analytics tools call their own
    "dollar": """
        insert into raw.customers (store_id, customer_id, created_at, external_ids) values
            ('dollar', 'c1', '2025-01-01', '{"$device_id": "x1"}');
        insert into raw.orders (store_id, order_id, customer_id, ordered_at, total_price) values
            ('dollar', 'o1', 'c1', '2025-06-01 10:00:00', 10)""",
    # a barcode was scanned into the field of the quantity
    "barcode": """
        insert into raw.orders (store_id, order_id, customer_id, ordered_at, total_price) values
            ('barcode', 'o1', 'c1', '2025-06-01 10:00:00', 9990), ('barcode', 'o2', 'c2', '2025-06-02 10:00:00', 20);
        insert into raw.order_items (store_id, order_id, line_id, product_id, quantity, price) values
            ('barcode', 'o1', 'l1', 'p1', 4006381333931, 9990), ('barcode', 'o2', 'l1', 'p1', 1, 20)""",
    # a membership that never expires
    "inf": """
        insert into raw.orders (store_id, order_id, customer_id, ordered_at, total_price) values
            ('inf', 'o1', 'c1', '2025-06-01 10:00:00', 10);
        insert into raw.segment_imports (store_id, segment_slug, customer_id, added_at, expires_at) values
            ('inf', 'vip-customers', 'c1', '2025-05-01', 'infinity')""",
    # the shop's own zone becomes known after the first night; visits at 20:00 in Los Angeles
    "zonenight": """
        insert into raw.stores (store_id, timezone, currency, loaded_at) values
            ('zonenight', 'UTC', 'USD', '2025-06-01'), ('zonenight', 'America/Los_Angeles', 'USD', '2025-06-15 12:00:00');
        insert into raw.events (store_id, event_id, event_type, occurred_at, customer_id, page_url, loaded_at) values
            ('zonenight', 'e0', 'page_view', '2025-06-10 03:00:00', 'c1', 'https://shop.example/', '2025-06-10 04:00:00'),
            ('zonenight', 'e1', 'page_view', '2025-06-11 03:00:00', 'c1', 'https://shop.example/', '2025-06-11 04:00:00'),
            ('zonenight', 'e2', 'page_view', '2025-06-12 03:00:00', 'c1', 'https://shop.example/', '2025-06-12 04:00:00'),
            ('zonenight', 'e3', 'page_view', '2025-06-13 03:00:00', 'c1', 'https://shop.example/', '2025-06-13 04:00:00'),
            ('zonenight', 'e4', 'page_view', '2025-06-14 03:00:00', 'c1', 'https://shop.example/', '2025-06-14 04:00:00'),
            ('zonenight', 'x', 'page_view', '2025-06-15 20:00:00', 'c2', 'https://shop.example/', '2025-06-15 21:00:00');
        insert into raw.orders (store_id, order_id, customer_id, ordered_at, total_price, loaded_at) values
            ('zonenight', 'o1', 'c1', '2025-06-12 03:30:00', 10, '2025-06-12 04:00:00')""",
    # ids with the character that keys were joined by: two sessions of one device, two visitors
    "keys": """
        insert into raw.stores (store_id, timezone, currency, created_at) values ('keys', 'UTC', 'USD', '2024-01-01');
        insert into raw.events
            (store_id, event_id, event_type, occurred_at, anonymous_id, session_id, customer_id, loaded_at)
        values
            ('keys', 'x|e1', 'page_view', '2025-06-10 10:00:00', 'd1', 's1', null, '2025-06-10 23:00:00'),
            ('keys', 'e1', 'page_view', '2025-06-12 10:00:00', 'd1', 's1|x', null, '2025-06-12 23:00:00'),
            ('keys', 'f1', 'page_view', '2025-06-14 10:00:00', 'd2', null, 'auth0|5', '2025-06-14 23:00:00'),
            ('keys', 'f2', 'page_view', '2025-06-14 10:00:00', 'd2|auth0', null, '5', '2025-06-14 23:00:00')""",
    # three pieces for 1.00, wholly paid by a coupon: the price of one rounds to 0.33, so the line is worth -0.01
    "cent": """
        insert into raw.orders (store_id, order_id, customer_id, ordered_at, total_price) values
            ('cent', 'o1', 'c1', '2025-05-01 10:00:00', 0), ('cent', 'o2', 'c1', '2025-06-01 10:00:00', 10);
        insert into raw.order_items (store_id, order_id, line_id, product_id, quantity, price, discount_amount) values
            ('cent', 'o1', 'l1', 'p1', 3, 0.33, 1), ('cent', 'o2', 'l2', 'p2', 1, 10, 0)""",
    # a broken script's session ids: three strangers at three times, and one device on three days, 20 hours apart
    "badsess": """
        insert into raw.events (store_id, event_id, event_type, occurred_at, anonymous_id, session_id, page_url, loaded_at) values
            ('badsess', 'a1', 'page_view', '2025-06-10 08:00:00', null, 'undefined', '/a', '2025-06-10 23:00:00'),
            ('badsess', 'a2', 'page_view', '2025-06-10 13:00:00', null, 'undefined', '/b', '2025-06-10 23:00:00'),
            ('badsess', 'a3', 'page_view', '2025-06-10 19:00:00', null, 'undefined', '/c', '2025-06-10 23:00:00'),
            ('badsess', 'b1', 'page_view', '2025-06-11 08:00:00', 'd1', '0', '/a', '2025-06-13 23:00:00'),
            ('badsess', 'b2', 'page_view', '2025-06-12 04:00:00', 'd1', '0', '/b', '2025-06-13 23:00:00'),
            ('badsess', 'b3', 'page_view', '2025-06-13 00:00:00', 'd1', '0', '/c', '2025-06-13 23:00:00')""",
    # whole numbers, flags and a telephone that became doubles because a value was missing, as printers write them; and an id that
    # is a double
    "float": """
        insert into raw.customers (store_id, customer_id, phone, do_not_track, created_at) values
            ('float', '1001', '+1 202 555 0143', null, '2025-01-01'), ('float', '1002.0', null, '1.0', '2025-01-01');
        insert into raw.orders (store_id, order_id, customer_id, ordered_at, total_price, is_test) values
            ('float', 'o1', '1001.0', '2025-06-01 10:00:00', '10.0', null),
            ('float', 'o2', null, '2025-06-02 10:00:00', '20.0', null),
            ('float', 'o3', '1001.0', '2025-06-03 10:00:00', '99.0', '1.0'),
            ('float', 'o4', '1001.0', '2025-06-04 10:00:00', '5.551115123125783e-17', null),
            ('float', 'o5', '1001', '2025-06-05 10:00:00', '19.99', '0.0');
        insert into raw.identities (store_id, identified_at, anonymous_id, phone) values
            ('float', '2025-02-01', 'd1', '12025550143.0'), ('float', '2025-02-01', 'd2', null);
        insert into raw.support_tickets (store_id, ticket_id, customer_id, opened_at) values
            ('float', 't1', 1001, '2025-06-03'), ('float', 't2', null, '2025-06-03'), ('float', 't3', 'NaN', '2025-06-03');
        insert into raw.events (store_id, event_id, event_type, occurred_at, anonymous_id, customer_id) values
            ('float', 'e1', 'page_view', '2025-06-10 10:00:00', 'd1', null),
            ('float', 'e2', 'page_view', '2025-06-11 10:00:00', null, '1002'),
            ('float', 'e3', 'page_view', '2025-06-12 10:00:00', null, '1001.0')""",
    # zones by short names: one with summer time, one that means several; half past midnight there
    "cet": """
        insert into raw.stores (store_id, timezone, currency) values ('cet', 'CET', 'EUR'), ('bst', 'BST', 'GBP');
        insert into raw.events (store_id, event_id, event_type, occurred_at, customer_id) values
            ('cet', 'e1', 'page_view', '2025-06-15 22:30:00', '5'), ('cet', 'e2', 'page_view', '2025-01-15 22:30:00', '5'),
            ('bst', 'e1', 'page_view', '2025-06-15 23:30:00', '5')""",
    # letters beyond ASCII, signs that mean something elsewhere, a name that an object has twice
    "signs": """
        insert into raw.customers (store_id, customer_id, created_at, city, tags, email) values
            ('signs', 'c1', '2025-01-01', 'L''Aquila 100% {{ 1 }} -- \\ ; "x"', array['VIP, 🧦 Ärmel'], 'ÉVA@MAIL.EXAMPLE');
        insert into raw.orders (store_id, order_id, email, ordered_at, total_price) values
            ('signs', 'o1', 'Éva@Mail.example', '2025-06-15 19:00:00', 10);
        insert into raw.events (store_id, event_id, event_type, occurred_at, customer_id, properties) values
            ('signs', 'e1', 'product_view', '2025-06-15 10:00:00', 'c1', '{"plan''s.x": "a%b", "n": 1}'),
            ('signs', 'e2', 'product_view', '2025-06-15 10:00:01', 'c1', '{"n": 2, "n": 1}'),
            ('signs', 'e3', 'product_view', '2025-06-15 10:00:02', 'c1', '{"n": 1, "n": 2}'),
            ('signs', 'e4', 'product_view', '2025-06-15 10:00:03', 'c1', '{"a": {"n": 1, "n": 2, "n": {"b": 3}}, "n": 4}'),
            ('signs', 'e5', 'product_view', '2025-06-15 10:00:04', 'c1', '"{\\"n\\": 5}"'),
            ('signs', 'e6', 'product_view', '2025-06-15 10:00:05', 'c1', '"{\\"n\\": 5"')""",
    # an address with a no-break space behind it, as spreadsheets leave it; one with a space of no width; upper case
    "nbsp": """
        insert into raw.customers (store_id, customer_id, email, created_at) values
            ('nbsp', 'c1', 'ann@mail.example', '2025-01-01');
        insert into raw.orders (store_id, order_id, email, ordered_at, total_price) values
            ('nbsp', 'o1', 'Ann@Mail.example' || chr(160), '2025-06-01 10:00:00', 10),
            ('nbsp', 'o2', chr(8203) || 'ann@mail.example', '2025-06-02 10:00:00', 10),
            ('nbsp', 'o3', ' ANN@MAIL.EXAMPLE ', '2025-06-03 10:00:00', 10)""",
    # one address in two Unicode forms, and two that a plus tells apart
    "nfc": """
        insert into raw.customers (store_id, customer_id, email, created_at) values
            ('nfc', 'c1', 'jos' || chr(233) || '@mail.example', '2025-01-01');
        insert into raw.orders (store_id, order_id, email, ordered_at, total_price) values
            ('nfc', 'o1', 'jose' || chr(769) || '@mail.example', '2025-06-01 10:00:00', 10),
            ('nfc', 'o2', 'jose+shop@mail.example', '2025-06-01 10:00:00', 10)""",
    # parameters: percent encoded, in capitals, HTML escaped, twice, within another address, of another name
    "url": """
        insert into raw.events (store_id, event_id, event_type, occurred_at, anonymous_id, page_url) values
            ('url', 'e1', 'page_view', '2025-06-10 10:00:00', 'd1',
             'https://shop.example/?utm_source=news&utm_medium=email&utm_campaign=%C3%A9t%C3%A9+2025'),
            ('url', 'e2', 'page_view', '2025-06-10 10:00:00', 'd2', 'https://shop.example/?UTM_Source=News&UTM_Medium=Email'),
            ('url', 'e3', 'page_view', '2025-06-10 10:00:00', 'd3', 'https://shop.example/?utm_source=a&amp;utm_medium=email'),
            ('url', 'e4', 'page_view', '2025-06-10 10:00:00', 'd4', 'https://shop.example/?utm_source=a&utm_source=b'),
            ('url', 'e5', 'page_view', '2025-06-10 10:00:00', 'd5',
             'https://shop.example/?back=https%3A%2F%2Fx.example%2F%3Futm_source%3Dbad'),
            ('url', 'e6', 'page_view', '2025-06-10 10:00:00', 'd6', 'https://shop.example/?my_utm_source=bad'),
            ('url', 'e7', 'page_view', '2025-06-10 10:00:00', 'd7', 'https://shop.example/?utm_source=a%26b')""",
    # a visit that comes from the shop itself by what its hits say, one by what the shop tells of it, one from elsewhere
    "own": """
        insert into raw.events
            (store_id, event_id, event_type, occurred_at, anonymous_id, session_id, page_url, referrer, source, medium)
        values
            ('own', 'e1', 'product_view', '2025-06-10 10:00:00', 'd1', null, 'https://www.shop.example/a',
             'https://shop.example/cart', 'shop.example', 'referral'),
            ('own', 'e2', 'page_view', '2025-06-10 10:00:00', 'd2', 's2', 'https://shop.example/', null, null, null),
            ('own', 'e3', 'page_view', '2025-06-10 10:00:00', 'd3', null, 'https://shop.example/?utm_source=news.example',
             'https://www.news.example/shop.example', null, 'referral');
        insert into raw.sessions (store_id, session_id, anonymous_id, started_at, source, medium, campaign) values
            ('own', 's2', 'd2', '2025-06-10 10:00:00', 'https://WWW.shop.example/b', 'referral', 'x')""",
    # blanks behind words
    "blanks": """
        insert into raw.events
            (store_id, event_id, event_type, occurred_at, anonymous_id, source, medium, device_type, product_id, product_category)
        values
            ('blanks', 'e1', 'product_view ', '2025-06-10 10:00:00', 'd1', 'google ', 'cpc ', 'Mobile ', 'p1', 'Shoes '),
            ('blanks', 'e2', ' Product_View', '2025-06-12 10:00:00', 'd1', 'google', 'cpc', 'mobile', 'p2', 'Shoes')""",
    # tags that were landed as a list of texts; devices that are called undefined
    "lists": """
        insert into raw.customers (store_id, customer_id, tags, created_at) values
            ('lists', 'c1', array['VIP', 'repeat'], '2025-01-01'), ('lists', 'c2', array['repeat'], '2025-01-01');
        insert into raw.events (store_id, event_id, event_type, occurred_at, anonymous_id, customer_id) values
            ('lists', 'e1', 'page_view', '2025-06-10 10:00:00', 'undefined', 'c1'),
            ('lists', 'e2', 'page_view', '2025-06-10 10:01:00', 'undefined', 'c2'),
            ('lists', 'e3', 'page_view', '2025-06-10 10:02:00', 'undefined', null)""",
    # two people whose customer_id stands under a name in capitals
    "upper": """
        insert into raw.orders (store_id, order_id, customer_id, ordered_at, total_price) values
            ('upper', 'o1', 'c1', '2025-06-01 10:00:00', 50), ('upper', 'o2', 'c2', '2025-06-02 10:00:00', 70)""",
    # who asked not to be tracked, and whose device, address or second record is known; c1 asks after the first night
    "dnt": """
        insert into raw.customers (store_id, customer_id, email, created_at, do_not_track, external_ids, loaded_at) values
            ('dnt', 'k1', 'bob@shop.example', '2025-01-01', 'true', '{"crm": "77"}', '2025-01-01'),
            ('dnt', 'k2', null, '2025-02-01', null, '{"crm": "77"}', '2025-02-01');
        insert into raw.customers (store_id, customer_id, email, created_at, updated_at, do_not_track, loaded_at) values
            ('dnt', 'c1', 'ann@shop.example', '2025-01-01', '2025-01-01', null, '2025-01-01'),
            ('dnt', 'c1', 'ann@shop.example', '2025-01-01', '2025-06-20', 'true', '2025-06-20'),
            ('dnt', 'c2', null, '2025-01-01', '2025-01-01', null, '2025-01-01');
        insert into raw.identities (store_id, identified_at, anonymous_id, customer_id, email, phone, loaded_at) values
            ('dnt', '2025-01-02 10:00:00', 'd1', 'c1', null, null, '2025-01-02 11:00:00'),
            ('dnt', '2025-01-02 10:00:00', 'd2', null, null, '+491711234567', '2025-01-02 11:00:00'),
            ('dnt', '2025-01-02 10:00:00', null, 'k1', null, '+491711234567', '2025-01-02 11:00:00');
        insert into raw.events (store_id, event_id, event_type, product_id, occurred_at, loaded_at, customer_id, anonymous_id,
            session_id, email)
        select 'dnt', event_id, 'product_view', 'p1', timestamp '2025-06-13 10:00:00', timestamp '2025-06-13 11:00:00',
            customer_id, anonymous_id, session_id, email
        from (values
            ('both', 'c1', 'd1', cast(null as text), cast(null as text)),
            ('device', null, 'd1', null, null),
            ('mail', null, null, null, 'ann@shop.example'),
            ('record', 'k2', null, null, null),
            ('phone', null, 'd2', null, null),
            ('visit', null, null, 's8', null),
            ('told', null, 'd3', 's7', null),
            ('between', null, 'd9', null, null),
            ('login', 'c1', 'd9', null, null)
        ) as said (event_id, customer_id, anonymous_id, session_id, email);
        insert into raw.events (store_id, event_id, event_type, occurred_at, customer_id, anonymous_id, loaded_at) values
            ('dnt', 'other', 'page_view', '2025-06-14 10:01:00', 'c2', 'd9', '2025-06-14 11:00:00');
        insert into raw.sessions (store_id, session_id, customer_id, anonymous_id, started_at, ended_at, loaded_at) values
            ('dnt', 's9', null, 'd1', '2025-06-14 10:00:00', '2025-06-14 10:10:00', '2025-06-14 11:00:00'),
            ('dnt', 's8', null, 'd1', '2025-06-13 10:00:00', '2025-06-13 10:10:00', '2025-06-13 11:00:00'),
            ('dnt', 's7', 'k1', null, '2025-06-13 10:00:00', '2025-06-13 10:10:00', '2025-06-13 11:00:00'),
            ('dnt', 's6', 'c2', null, '2025-06-13 12:00:00', '2025-06-13 12:10:00', '2025-06-13 13:00:00');
        insert into raw.orders (store_id, order_id, customer_id, ordered_at, total_price, loaded_at) values
            ('dnt', 'o1', 'c1', '2025-06-12 10:00:00', 10, '2025-06-12 11:00:00')""",
    # a hit that knows only its source, then a tagged one
    "utmmix": """
        insert into raw.events
            (store_id, event_id, event_type, occurred_at, anonymous_id, session_id, page_url, source, loaded_at)
        values
            ('utmmix', 'e1', 'page_view', '2025-06-10 10:00:00', 'd1', 's1', 'https://shop.example/', 'google',
                '2025-06-10 11:00:00'),
            ('utmmix', 'e2', 'page_view', '2025-06-10 10:01:00', 'd1', 's1',
                'https://shop.example/sale?utm_source=newsletter&utm_medium=email&utm_campaign=july', null, '2025-06-10 11:00:00')
        """,
    # a visit whose source the shop tells and whose medium an event
    "srcmix": """
        insert into raw.events (store_id, event_id, event_type, occurred_at, anonymous_id, session_id, medium, loaded_at) values
            ('srcmix', 'e1', 'page_view', '2025-06-10 10:00:00', 'd1', 's1', 'email', '2025-06-10 12:00:00');
        insert into raw.sessions (store_id, session_id, anonymous_id, started_at, ended_at, source, medium, campaign, loaded_at)
        values
            ('srcmix', 's1', 'd1', '2025-06-10 10:00:00', '2025-06-10 10:05:00', 'google', 'cpc', 'brand', '2025-06-10 12:00:00')
        """,
    # ids of visits that are unique within a device alone, as a start in whole seconds is
    "gaid": """
        insert into raw.sessions (store_id, session_id, anonymous_id, started_at, ended_at, source, medium, loaded_at) values
            ('gaid', '1749549600', 'd1', '2025-06-10 10:00:00', '2025-06-10 10:05:00', 'google', 'cpc', '2025-06-10 12:00:00'),
            ('gaid', '1749549600', 'd2', '2025-06-10 10:00:00', '2025-06-10 10:07:00', 'bing', 'organic', '2025-06-10 12:00:00')
        """,
    # who visited is known of the visit alone; o1 is the order of another person
    "sesscust": """
        insert into raw.customers (store_id, customer_id, email, created_at, loaded_at) values
            ('sesscust', 'c1', 'ann@shop.example', '2025-01-01', '2025-01-01');
        insert into raw.events (store_id, event_id, event_type, occurred_at, anonymous_id, session_id, page_url, loaded_at) values
            ('sesscust', 'e1', 'product_view', '2025-06-10 10:00:00', 's1', 's1', 'https://shop.example/', '2025-06-10 12:00:00'),
            ('sesscust', 'e2', 'product_view', '2025-06-11 10:00:00', null, 's2', 'https://shop.example/', '2025-06-11 12:00:00');
        insert into raw.sessions (store_id, session_id, customer_id, started_at, ended_at, loaded_at) values
            ('sesscust', 's1', 'c1', '2025-06-10 10:00:00', '2025-06-10 10:05:00', '2025-06-20 12:00:00'),
            ('sesscust', 's2', 'c1', '2025-06-11 10:00:00', '2025-06-11 10:05:00', '2025-06-11 12:00:00');
        insert into raw.orders (store_id, order_id, customer_id, ordered_at, total_price, session_id, loaded_at) values
            ('sesscust', 'o1', 'c2', '2025-06-10 10:04:00', 10, 's1', '2025-06-10 12:00:00'),
            ('sesscust', 'o2', 'c1', '2025-06-11 10:04:00', 20, 's2', '2025-06-11 12:00:00')""",
    **{
        store: f"""
        insert into raw.identities (store_id, identified_at, anonymous_id, email, loaded_at) values {
            ", ".join(
                f"('{store}', '2025-06-0{1 + (device == 'tablet')} 10:00:00', '{device}', 'p{person}@shop.example', '2025-06-03')"
                for person in range(people)
                for device in (f"d{person}-0", f"d{person}-1", "tablet")
            )
        };
        insert into raw.orders (store_id, order_id, email, ordered_at, total_price) values {
            ", ".join(
                f"('{store}', 'o{person}', 'p{person}@shop.example', '2025-06-10 10:00:00', 10)" for person in range(people)
            )
        }
        """
        for store, people in KIOSKS.items()
    },
    # rates hold from a day: the morning of June 2 in Tokyo is June 1 in UTC, the evening of June 1 in Los Angeles June 2
    "fx": """
        insert into raw.stores (store_id, timezone, currency, created_at) values
            ('fxtokyo', 'Asia/Tokyo', 'JPY', '2024-01-01'), ('fxla', 'America/Los_Angeles', 'USD', '2024-01-01');
        insert into raw.exchange_rates (store_id, currency, rate_date, rate) values
            ('fxtokyo', 'USD', '2025-06-02', 150), ('fxtokyo', 'CAD', '2025-06-01', 0),
            ('fxla', 'EUR', '2025-06-01', 1.1), ('fxla', 'EUR', '2025-06-02', 2.0);
        insert into raw.campaign_costs (store_id, cost_date, cost_id, source, medium, campaign, cost, currency, clicks, loaded_at)
        values
            ('fxla', '2025-06-01', null, 'Google', 'cpc', 'Brand', 3, 'EUR', '2', '2025-06-02 08:00:00'),
            ('fxla', '2025-06-01', null, 'google', 'CPC', 'brand', 4, 'EUR', 'two', '2025-06-03 08:00:00'),
            ('fxla', '2025-06-01', 'ad', 'google', 'cpc', 'brand', 1.01, null, '1', '2025-06-02 08:00:00'),
            ('fxla', '2025-06-01', null, null, null, null, 0.5, 'usd', '-5', '2025-06-02 08:00:00'),
            ('fxtokyo', '2025-06-02', null, 'google', 'cpc', 'brand', 5, 'CAD', '1', '2025-06-03 08:00:00'),
            ('fxtokyo', '2025-06-02', null, 'bing', 'cpc', 'brand', -5, 'JPY', '1', '2025-06-03 08:00:00');
        insert into raw.orders (store_id, order_id, customer_id, ordered_at, total_price, currency, loaded_at) values
            ('fxtokyo', 'o1', 'c1', '2025-06-01 23:30:00', 10, 'USD', '2025-06-02 01:00:00'),
            ('fxtokyo', 'o2', 'c2', '2025-06-01 23:30:00', 10, 'CAD', '2025-06-02 01:00:00'),
            ('fxla', 'o1', 'c1', '2025-06-02 03:00:00', 10, 'EUR', '2025-06-02 04:00:00')""",
    # an order of 10000 yen without a rate is refused; its refund of 10000 yen came as a row
    "fxref": """
        insert into raw.stores (store_id, timezone, currency, created_at) values ('fxref', 'UTC', 'USD', '2024-01-01');
        insert into raw.orders (store_id, order_id, customer_id, ordered_at, total_price, currency, loaded_at) values
            ('fxref', 'o1', 'c1', '2025-06-01 10:00:00', 10000, 'JPY', '2025-06-01 11:00:00'),
            ('fxref', 'o2', 'c1', '2025-06-02 10:00:00', 30, 'USD', '2025-06-02 11:00:00');
        insert into raw.refunds (store_id, refund_id, refunded_at, amount, order_id, customer_id) values
            ('fxref', 'r1', '2025-06-05 10:00:00', 10000, 'o1', 'c1')""",
    # what was taken off and paid back, written with a minus
    "minus": """
        insert into raw.orders (store_id, order_id, customer_id, ordered_at, total_price, discount_amount) values
            ('minus', 'o1', 'c1', '2025-06-01 10:00:00', 100, null), ('minus', 'o2', 'c2', '2025-06-01 10:00:00', 95, -5),
            ('minus', 'o3', 'c3', '2025-06-02 10:00:00', 90, null);
        insert into raw.order_items (store_id, order_id, line_id, product_id, quantity, price, discount_amount, refund_amount,
                                     refunded_quantity, refunded_at)
        values
            ('minus', 'o1', 'l1', 'p1', 1, 100, null, -20, -1, '2025-06-05 10:00:00'),
            ('minus', 'o3', 'l1', 'p1', 1, 100, -10, null, null, null)""",
    # a store of which no currency is known: two orders in EUR, and one in USD that was landed five times
    "currmaj": """
        insert into raw.orders (store_id, order_id, customer_id, ordered_at, total_price, currency, updated_at, loaded_at) values
            ('currmaj', 'o1', 'c1', '2025-06-01 10:00:00', 100, 'USD', '2025-06-01 10:00:00', '2025-06-01 10:30:00'),
            ('currmaj', 'o1', 'c1', '2025-06-01 10:00:00', 100, 'USD', '2025-06-01 11:00:00', '2025-06-01 11:30:00'),
            ('currmaj', 'o1', 'c1', '2025-06-01 10:00:00', 100, 'USD', '2025-06-01 12:00:00', '2025-06-01 12:30:00'),
            ('currmaj', 'o1', 'c1', '2025-06-01 10:00:00', 100, 'USD', '2025-06-01 13:00:00', '2025-06-01 13:30:00'),
            ('currmaj', 'o1', 'c1', '2025-06-01 10:00:00', 100, 'USD', '2025-06-01 14:00:00', '2025-06-01 14:30:00'),
            ('currmaj', 'o2', 'c2', '2025-06-02 10:00:00', 50, 'EUR', null, '2025-06-02 11:00:00'),
            ('currmaj', 'o3', 'c3', '2025-06-03 10:00:00', 60, 'EUR', null, '2025-06-03 11:00:00')""",
    # visitors of whom one buys; purchase events carry no value
    "novalue": """
        insert into raw.events (store_id, event_id, event_type, occurred_at, customer_id) values
            ('novalue', 'e1', 'cart_view', '2025-06-29 10:00:00', 'v1'),
            ('novalue', 'e2', 'checkout_start', '2025-06-29 10:01:00', 'v1'),
            ('novalue', 'e3', 'purchase', '2025-06-29 10:02:00', 'v1'),
            ('novalue', 'e4', 'cart_view', '2025-06-29 10:00:00', 'v2')""",
    # a store of 150 buyers, enough for axes and models, of whose purchases none carries a value; and one where every second does
    "unvalued": """
        insert into raw.events (store_id, event_id, event_type, occurred_at, customer_id)
        select 'unvalued', 'e' || n, 'purchase', timestamp '2025-06-29 10:00:00' - n * interval '17 hour', 'c' || n % 150
        from generate_series(1, 400) as numbers(n);
        insert into raw.events (store_id, event_id, event_type, occurred_at, customer_id, event_value) values
            ('halfvalued', 'e1', 'purchase', '2025-06-01 10:00:00', 'c1', 30),
            ('halfvalued', 'e2', 'purchase', '2025-06-10 10:00:00', 'c1', null),
            ('halfvalued', 'e3', 'purchase', '2025-06-01 10:00:00', 'c2', null),
            ('halfvalued', 'e4', 'purchase', '2025-06-01 10:00:00', 'c3', 50),
            ('halfvalued', 'e5', 'purchase', '2025-06-05 10:00:00', 'c3', -50)""",
    # two tools tell of each of two orders, one of which is paid back; and the lines of one order are events of their own
    "tools": """
        insert into raw.events (store_id, event_id, event_type, occurred_at, customer_id, product_id, event_value) values
            ('tools', 'e1', 'Order Completed', '2025-06-01 10:00:00', 'c1', null, 30),
            ('tools', 'e2', 'checkout_completed', '2025-06-01 10:00:03', 'c1', null, 30),
            ('tools', 'e3', 'Order Completed', '2025-06-02 10:00:00', 'c1', null, 20),
            ('tools', 'e4', 'checkout_completed', '2025-06-02 10:00:03', 'c1', null, 20),
            ('tools', 'e5', 'Order Refunded', '2025-06-03 10:00:00', 'c1', null, null),
            ('tools', 'e6', 'purchase', '2025-06-02 10:00:00', 'c2', 'p1', 10),
            ('tools', 'e7', 'purchase', '2025-06-02 10:00:00', 'c2', 'p2', 15)""",
    # 200 people, of whom 170 have one order, over two years, and 30 two; of one order in ten everything was paid back, of some of
    # those of two a half. Nobody tells of discounts.
    "oneorder": """
        insert into raw.orders (store_id, order_id, customer_id, ordered_at, total_price)
        select 'oneorder', n || '-1', 'c' || n, timestamp '2025-06-30 12:00:00' - (1 + n * 37 % 700) * interval '1 day',
            20 + n % 40
        from generate_series(1, 200) as numbers(n)
        union all
        select 'oneorder', n || '-2', 'c' || n, timestamp '2025-06-30 12:00:00' - (n * 37 % 700 % 100) * interval '1 day',
            20 + n % 40
        from generate_series(171, 200) as numbers(n);
        insert into raw.refunds (store_id, refund_id, customer_id, order_id, refunded_at, amount)
        select 'oneorder', 'r' || n, 'c' || n, n || '-1', timestamp '2025-06-30 13:00:00',
            (20 + n % 40) * case when n > 170 then 0.5 else 1 end
        from generate_series(10, 200, 10) as numbers(n)""",
    # words for no value, and a till whose address and number three customers have
    "blocked": """
        insert into raw.customers (store_id, customer_id, email, phone, city, country, created_at) values
            ('blocked', 'c1', 'N/A', null, '-', 'N/A', '2025-01-01'),
            ('blocked', 'c2', '\\N', null, 'unknown', '\\N', '2025-01-02'),
            ('blocked', 'c3', 'null', '000', 'None', 'null', '2025-01-03'),
            ('blocked', 'c4', 'till@shop.example', '+1 202 555 0143', 'Rome', 'IT', '2025-01-04'),
            ('blocked', 'c5', 'till@shop.example', '+1 202 555 0143', 'Rome', 'NA', '2025-01-05'),
            ('blocked', 'c6', 'till@shop.example', '+1 202 555 0143', 'Rome', 'IT', '2025-01-06'),
            ('blocked', 'c7', 'c7@shop.example', '+1 202 555 0144', 'Rome', 'IT', '2025-01-07')""",
    # visits that only the table sessions tells of
    "visits": """
        insert into raw.sessions (store_id, session_id, customer_id, started_at, ended_at) values
            ('visits', 's1', 'c1', '2025-06-10 10:00:00', '2025-06-10 10:05:00'),
            ('visits', 's2', 'c1', '2025-06-11 10:00:00', '2025-06-11 10:05:00')""",
    # whoever was sent a newsletter every day: one who came last in March, one who never did, one who opens, and one whom machines
    # and support report of
    "newsletter": """
        insert into raw.events (store_id, event_id, event_type, occurred_at, customer_id) values
            ('newsletter', 'v1', 'page_view', '2025-03-03 10:00:00', 'gone'),
            ('newsletter', 'v2', 'email_open', '2025-06-28 10:00:00', 'opens'),
            ('newsletter', 'v3', 'page_view', '2025-06-01 10:00:00', 'reported'),
            ('newsletter', 'b1', 'email_bounced', '2025-06-20 10:00:00', 'reported'),
            ('newsletter', 'b2', 'email_marked_as_spam', '2025-06-21 10:00:00', 'reported'),
            ('newsletter', 'b3', 'Order Updated', '2025-06-22 10:00:00', 'reported'),
            ('newsletter', 'b4', 'support_ticket', '2025-06-23 10:00:00', 'reported'),
            ('newsletter', 'b5', 'never heard of', '2025-06-10 10:00:00', 'reported');
        insert into raw.events (store_id, event_id, event_type, occurred_at, customer_id)
        select 'newsletter', customer || day, 'email_sent', timestamp '2025-06-30 06:00:00' - day * interval '1 day', customer
        from generate_series(0, 99) as days(day), (values ('gone'), ('never'), ('opens')) as people(customer)""",
    # a message 20 minutes before a visit, and one between two visits 45 minutes apart
    "msgvisit": """
        insert into raw.events (store_id, event_id, event_type, occurred_at, customer_id, page_url) values
            ('msgvisit', 'a1', 'email_sent', '2025-06-10 10:00:00', 'c1', null),
            ('msgvisit', 'a2', 'page_view', '2025-06-10 10:20:00', 'c1', 'https://shop.example/'),
            ('msgvisit', 'b1', 'page_view', '2025-06-11 12:00:00', 'c2', 'https://shop.example/'),
            ('msgvisit', 'b2', 'email_click', '2025-06-11 12:20:00', 'c2', null),
            ('msgvisit', 'b3', 'page_view', '2025-06-11 12:45:00', 'c2', 'https://shop.example/x')""",
    # a tablet in a shop that gives all of its visitors one session: three are known, of whom one asked not to be tracked
    "tablet": """
        insert into raw.customers (store_id, customer_id, do_not_track) values
            ('tablet', 'c1', null), ('tablet', 'c2', 'true'), ('tablet', 'c3', null);
        insert into raw.events (store_id, event_id, event_type, occurred_at, anonymous_id, session_id, customer_id) values
            ('tablet', 'e1', 'page_view', '2025-06-10 10:00:00', 'tablet', 's1', 'c1'),
            ('tablet', 'e2', 'page_view', '2025-06-10 10:05:00', 'tablet', 's1', 'c2'),
            ('tablet', 'e3', 'page_view', '2025-06-10 10:10:00', 'tablet', 's1', 'c3'),
            ('tablet', 'e4', 'add_to_cart', '2025-06-10 10:11:00', 'tablet', 's1', null),
            ('tablet', 'e5', 'page_view', '2025-06-10 10:20:00', 'tablet', 's1', 'c1');
        insert into raw.orders (store_id, order_id, customer_id, ordered_at, total_price, session_id) values
            ('tablet', 'o1', 'c3', '2025-06-10 10:12:00', 30, 's1')""",
    # a pixel tells of a page and of its product; somebody reads one page for four minutes, and one glances at one
    "steps": """
        insert into raw.events
            (store_id, event_id, event_type, occurred_at, anonymous_id, page_url, product_id, view_duration)
        values
            ('steps', 'a1', 'page_viewed', '2025-06-10 10:00:00.9', 'd1', 'https://shop.example/p/1', null, null),
            ('steps', 'a2', 'product_viewed', '2025-06-10 10:00:01.1', 'd1', 'https://shop.example/p/1', 'p1', null),
            ('steps', 'a3', 'page_viewed', '2025-06-10 10:01:00.9', 'd1', 'https://shop.example/', null, null),
            ('steps', 'b1', 'page_viewed', '2025-06-10 10:00:00', 'd2', 'https://shop.example/long', null, 240),
            ('steps', 'c1', 'page_viewed', '2025-06-10 10:00:00', 'd3', 'https://shop.example/long', null, 4),
            ('steps', 'd1', 'page_viewed', '2025-06-30 23:59:00', 'd4', 'https://shop.example/long', null, 600)""",
    # how an order is found to be of a visit: its own word, a purchase event's, the moment, or not at all
    "linked": """
        insert into raw.events (store_id, event_id, event_type, occurred_at, customer_id, session_id, order_id) values
            ('linked', 'e1', 'page_view', '2025-06-01 10:00:00', 'c1', 'named', null),
            ('linked', 'e2', 'page_view', '2025-06-02 10:00:00', 'c1', 'told', null),
            ('linked', 'e3', 'purchase', '2025-06-02 10:05:00', 'c1', 'told', 'o2'),
            ('linked', 'e4', 'purchase', '2025-06-03 10:00:00', 'c1', 'moment', null),
            ('linked', 'e5', 'purchase', '2025-06-04 10:00:00', 'c1', 'lost', null),
            ('linked', 'e6', 'purchase', '2025-06-05 10:00:00', 'c1', 'cancelled', 'o5'),
            ('linked', 'e7', 'page_view', '2025-06-06 10:00:00', 'c1', 'shop', null);
        insert into raw.orders
            (store_id, order_id, customer_id, ordered_at, total_price, session_id, source, financial_status)
        values
            ('linked', 'o1', 'c1', '2025-06-01 18:00:00', 10, 'named', 'web', null),
            ('linked', 'o2', 'c1', '2025-06-02 18:00:00', 20, null, 'web', null),
            ('linked', 'o3', 'c1', '2025-06-03 10:30:00', 30, null, 'web', null),
            ('linked', 'o4', 'c1', '2025-06-04 18:00:00', 40, null, 'web', null),
            ('linked', 'o5', 'c1', '2025-06-05 10:00:00', 50, null, 'web', 'voided'),
            ('linked', 'o6', 'c1', '2025-06-06 10:00:00', 100, null, 'pos', null)""",
    # whoever reviews what they bought
    "stars": """
        insert into raw.orders (store_id, order_id, customer_id, ordered_at, total_price) values
            ('stars', 'o1', 'one', '2025-06-01 10:00:00', 10), ('stars', 'o2', 'five', '2025-06-01 10:00:00', 10),
            ('stars', 'o3', 'silent', '2025-06-01 10:00:00', 10);
        insert into raw.events (store_id, event_id, event_type, occurred_at, customer_id, properties) values
            ('stars', 'e1', 'review', '2025-06-10 10:00:00', 'one', '{"rating": 1}'),
            ('stars', 'e2', 'review', '2025-06-10 10:00:00', 'five', '{"rating": "5"}'),
            ('stars', 'e3', 'review', '2025-06-10 10:00:00', 'silent', '{}')""",
    # every person has an order of one status
    "statuses": "insert into raw.orders (store_id, order_id, customer_id, ordered_at, total_price, financial_status) values "
    + ", ".join(
        f"('statuses', '{status}', '{status}', '2025-06-01 10:00:00', 100, '{status}')"
        for statuses in STATUSES.values()
        for status in statuses
    ),
}


# What a loader's printer may write as a time and as an amount: what is read, or nothing where the order is refused.
ORDERED = {
    "2025-06-01T10:00:00.123456789Z": "2025-06-01 10:00:00.123456",
    "2025-06-01t10:00:00z": "2025-06-01 10:00:00",
    "1748772000000": None,
    "1748772000": None,
    "2025-06-01T24:00:00Z": "2025-06-02 00:00:00",
    "2016-12-31T23:59:60Z": None,
    "20250601T100000Z": "2025-06-01 10:00:00",
    "2025-06-01T10:00:00,5Z": "2025-06-01 10:00:00.5",
    "2025-06-01T10:00:00+0530": "2025-06-01 04:30:00",
    "2025-06-01 10:00:00 -03": "2025-06-01 13:00:00",
    "2025-02-29": None,
    "2024-02-29": "2024-02-29 00:00:00",
    "2025-06-01T10:00:00+14:00": "2025-05-31 20:00:00",
}
PRICES = {
    "1,234.50": None,
    "1.234,50": None,
    "$12.00": None,
    "12.345": "12.35",
    "1E+2": "100.00",
    "1e-05": "0.00",
    "12 345.00": None,
    "NaN": None,
    "1.5e+03": "1500.00",
    "-0.00": "0.00",
    "00012.50": "12.50",
    "\uff15\uff10": None,
}
STORES["times"] = (
    "insert into raw.orders (store_id, order_id, customer_id, ordered_at, total_price) values "
    + ", ".join(f"('times', '{time}', 'c1', '{time}', '10')" for time in ORDERED)
    + ", "
    + ", ".join(f"('times', '{price}', 'c1', '2025-06-01', '{price}')" for price in PRICES)
)


# What tools call what happens, and what it is here.
NAMES = {
    "view_item": "product_view",
    "view_item_list": "collection_view",
    "view_search_results": "search",
    "view_cart": "cart_view",
    "begin_checkout": "checkout_start",
    "add_shipping_info": "checkout_step",
    "add_payment_info": "payment_info",
    "add_to_wishlist": "wishlist",
    "sign_up": "sign_up",
    "login": "login",
    "session_start": "other",
    "first_visit": "other",
    "user_engagement": "other",
    "scroll": "other",
    "refund": "refund",
    "select_item": "click",
    "Product Viewed": "product_view",
    "Product List Viewed": "collection_view",
    "Products Searched": "search",
    "Product Added": "add_to_cart",
    "Product Removed": "remove_from_cart",
    "Checkout Started": "checkout_start",
    "Checkout Step Completed": "checkout_step",
    "Payment Info Entered": "payment_info",
    "Order Completed": "purchase",
    "Order Refunded": "refund",
    "Signed Up": "sign_up",
    "checkout_completed": "purchase",
    "product_added_to_cart": "add_to_cart",
    "checkout_contact_info_submitted": "checkout_step",
    "list_view": "collection_view",
    "checkout_step": "checkout_step",
    "transaction": "purchase",
    "page_ping": "other",
    "ViewContent": "product_view",
    "AddToCart": "add_to_cart",
    "InitiateCheckout": "checkout_start",
    "Placed Order": "purchase",
    "viewed product": "product_view",
    "page-view": "page_view",
}
STORES["words"] = "insert into raw.events (store_id, event_id, event_type, occurred_at, anonymous_id) values " + ", ".join(
    f"('words', '{name}', '{name}', '2025-06-01 10:00:00', 'd1')" for name in [*NAMES, "hover over"]
)

# What scripts, shops and people write for nobody.
NOBODY = [
    "undefined",
    "UNDEFINED",
    "null",
    "None",
    "nil",
    "NaN",
    "0",
    "0.0",
    "-1",
    "-1.0",
    "[object Object]",
    " unknown ",
    "N/A",
    "guest",
    "00000000-0000-0000-0000-000000000000",
    "-",
    "false",
]
STORES["nobody"] = """
    insert into raw.events (store_id, event_id, event_type, occurred_at, anonymous_id, customer_id, session_id)
    values """ + ", ".join(
    f"('nobody', 'a{number}', 'page_view', '2025-06-02 10:00:00', '{name}', '{name}', '{name}'), "
    f"('nobody', 'b{number}', 'page_view', '2025-06-02 10:01:00', '{name}', '{name}', '{name}')"
    for number, name in enumerate(NOBODY)
)


def build(shop: Shop) -> None:
    """Land all stores, then a night before a zone was known, of which only sessions and days are made, and the night itself."""
    statements = [
        "create schema raw",
        *(f"create table raw.{name} ({columns})" for name, columns in TABLES.items()),
        RANGES,
        *STORES.values(),
        *degenerate_stores.statements(datetime.fromisoformat(NIGHT)),
    ]
    for table, columns in CAPITALS.items():
        for column in columns:
            statements += [
                f"alter table raw.{table} rename column {column} to landed",
                f'alter table raw.{table} rename column landed to "{column.upper()}"',
            ]
    shop.execute(";\n".join(statements))
    # what numpy only warns of in a Python model stops it
    shop.env["TESSERA_TEST_WARNINGS"] = "error"
    shop.commands(["seed"], ["run", "--select", "+int_visitor_days", "+int_event_sessions"], as_of=EARLIER)
    build_alike(shop)
