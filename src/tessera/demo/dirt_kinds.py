"""The kinds of dirt: their fates, how often they are planted, and which columns they spoil."""

from __future__ import annotations

ACCEPTED, DUPLICATE, REJECTED, SUPPRESSED, PENDING = "accepted", "duplicate", "rejected", "suppressed", "not_yet"

DIRT_FATES = {
    "exact_duplicate": DUPLICATE,  # the same row again
    "resent_duplicate": DUPLICATE,  # the same row, arriving later
    "updated_version": DUPLICATE,  # an older version of a row whose newer one is there
    "missing_required": REJECTED,  # a required value is null
    "missing_store_id": REJECTED,  # counted under the store ''
    "blank_id": REJECTED,  # an id of spaces
    "date_before_2000": REJECTED,
    "date_in_future": REJECTED,  # more than a day after the row's own arrival
    "unparsable_date": REJECTED,  # a required date that is none
    "unparsable_number": REJECTED,  # a required number that is none
    "negative_total": REJECTED,
    "negative_quantity": REJECTED,
    "unknown_currency": REJECTED,  # neither the store's nor one with a rate
    "lone_identifier": REJECTED,  # an identities row that ties nothing
    "unknown_event_type": ACCEPTED,  # flagged
    "broken_json": ACCEPTED,  # optional values that become null and are counted
    "broken_number": ACCEPTED,
    "broken_date": ACCEPTED,
    "broken_boolean": ACCEPTED,
    "broken_timezone": ACCEPTED,
    "late_arrival": ACCEPTED,  # loaded more than an hour after it was received
    "not_yet": PENDING,  # loaded at or after as_of
    "not_yet_version": PENDING,  # a newer version of an accepted row, loaded at or after as_of
    "do_not_track": SUPPRESSED,  # events of a customer who asked not to be tracked
}

# Share of a table's rows, by kind; every kind is there at least once in every chunk unless dirt is 0.
RATES = {
    "events": {
        "exact_duplicate": 0.004,
        "resent_duplicate": 0.006,
        "missing_required": 0.001,
        "missing_store_id": 0.0002,
        "blank_id": 0.0003,
        "date_before_2000": 0.0005,
        "date_in_future": 0.0005,
        "unknown_event_type": 0.002,
        "broken_json": 0.001,
        "not_yet": 0.003,
    },
    "orders": {
        "exact_duplicate": 0.003,
        "resent_duplicate": 0.004,
        "updated_version": 0.02,
        "missing_required": 0.001,
        "missing_store_id": 0.0003,
        "blank_id": 0.0005,
        "date_before_2000": 0.0005,
        "date_in_future": 0.0005,
        "negative_total": 0.001,
        "unknown_currency": 0.001,
        "not_yet_version": 0.003,
    },
    "order_items": {
        "exact_duplicate": 0.003,
        "updated_version": 0.01,
        "missing_required": 0.001,
        "missing_store_id": 0.0003,
        "blank_id": 0.0003,
        "unparsable_number": 0.001,
        "negative_quantity": 0.001,
        "broken_number": 0.001,
    },
    "customers": {
        "exact_duplicate": 0.004,
        "updated_version": 0.03,
        "missing_required": 0.001,
        "missing_store_id": 0.0005,
        "blank_id": 0.001,
        "broken_json": 0.002,
        "broken_date": 0.002,
        "broken_boolean": 0.002,
        "broken_timezone": 0.002,
        "not_yet": 0.003,
    },
    "support_tickets": {
        "exact_duplicate": 0.005,
        "updated_version": 0.02,
        "missing_required": 0.003,
        "blank_id": 0.003,
        "unparsable_date": 0.005,
        "date_before_2000": 0.003,
        "date_in_future": 0.003,
        "broken_number": 0.005,
        "broken_date": 0.003,
        "not_yet": 0.003,
    },
    "refunds": {
        "exact_duplicate": 0.005,
        "missing_required": 0.003,
        "date_before_2000": 0.003,
        "date_in_future": 0.003,
        "not_yet": 0.003,
    },
    "identities": {"missing_required": 0.001, "date_before_2000": 0.001, "lone_identifier": 0.004},
    "sessions": {"missing_required": 0.003},
    "purchase_attributions": {"missing_required": 0.001},
    "segment_imports": {"blank_id": 0.005},
    "campaign_costs": {
        "exact_duplicate": 0.002,
        "missing_required": 0.001,
        "date_before_2000": 0.001,
        "date_in_future": 0.001,
        "unknown_currency": 0.001,
    },
}
IDS = {
    "events": "event_id",
    "orders": "order_id",
    "order_items": "line_id",
    "customers": "customer_id",
    "support_tickets": "ticket_id",
    "refunds": "refund_id",
    "sessions": "session_id",
    "purchase_attributions": "order_id",
    "segment_imports": "customer_id",
}
# The id that dirt blanks out: a line without an id of its own is still a line of its order.
BLANKED = IDS | {"order_items": "order_id"}
DATES = {
    "events": "occurred_at",
    "orders": "ordered_at",
    "support_tickets": "opened_at",
    "refunds": "refunded_at",
    "identities": "identified_at",
    "sessions": "started_at",
    "campaign_costs": "cost_date",
}
REQUIRED = {
    "events": ["event_id", "event_type", "occurred_at"],
    "orders": ["order_id", "ordered_at", "total_price"],
    "order_items": ["order_id", "quantity", "price"],
    "customers": ["customer_id"],
    "support_tickets": ["ticket_id", "opened_at"],
    "refunds": ["refund_id", "refunded_at", "amount"],
    "identities": ["identified_at"],
    "sessions": ["session_id", "started_at"],
    "purchase_attributions": ["order_id"],
    "campaign_costs": ["cost_date", "cost"],
}
BROKEN = {
    ("events", "broken_json"): ("properties", '{"price": 12.5, "list": '),
    ("order_items", "broken_number"): ("refunded_quantity", "one"),
    ("customers", "broken_json"): ("metafields", '{"size": "M"'),
    ("customers", "broken_date"): ("email_subscribed_at", "last summer"),
    ("customers", "broken_boolean"): ("sms_subscribed", "maybe"),
    ("customers", "broken_timezone"): ("timezone", "Mars/Olympus_Mons"),
    ("support_tickets", "broken_number"): ("satisfaction_score", "five stars"),
    ("support_tickets", "broken_date"): ("resolved_at", "2024-13-45"),
}
