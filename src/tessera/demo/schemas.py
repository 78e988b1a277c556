"""Column names and landed types of every table that the demo writes."""

from __future__ import annotations

import pyarrow as pa

from tessera.demo.columns import MONEY, TIMESTAMP

# Landed wholly as text, as a CSV loader does it.
TEXT_TABLES = ("customers", "order_items", "support_tickets")

_TYPES = {"t": pa.string(), "m": MONEY, "s": TIMESTAMP, "b": pa.bool_(), "i": pa.int32(), "f": pa.float64(), "d": pa.date32()}

# One word a column: the name, a colon, a letter for its type; no letter is text.
_COLUMNS = {
    "stores": "domain name email timezone currency created_at:s updated_at:s",
    "customers": "customer_id email phone first_name last_name display_name avatar_url created_at updated_at city "
    "state country timezone locale currency tags metafields email_subscribed email_subscribed_at sms_subscribed "
    "gdpr_consent gdpr_consent_at do_not_track acquisition_source acquisition_campaign acquired_at external_ids",
    "products": "product_id title category product_type vendor vertical price:m is_available:b created_at:s",
    "orders": "order_id customer_id email ordered_at:s total_price:m discount_amount:m currency source "
    "financial_status cancelled_at:s is_test:b session_id updated_at:s",
    "order_items": "order_id line_id product_id variant_id product_name category product_type quantity price "
    "discount_amount refund_amount refunded_quantity refunded_at updated_at",
    "refunds": "refund_id refunded_at:s amount:m order_id line_id customer_id quantity:i",
    "events": "event_id event_type occurred_at:s received_at:s event_name customer_id anonymous_id email session_id "
    "page_url page_title page_type referrer content_id content_type vertical product_id variant_id product_name "
    "product_category collection_id search_query order_id event_value:f channel source medium campaign device_type "
    "browser os country city latitude:f longitude:f ip_address user_agent view_duration:f properties",
    "sessions": "session_id customer_id anonymous_id started_at:s ended_at:s device_type browser referrer_type source "
    "medium campaign",
    "identities": "identified_at:s anonymous_id customer_id email phone first_name last_name",
    "purchase_attributions": "order_id product_id attribution_type attribution_source attribution_medium "
    "attribution_value:f created_at:s",
    "support_tickets": "ticket_id customer_id email channel opened_at first_response_at resolved_at message_count "
    "reopened_count topic satisfaction_score",
    "segment_imports": "segment_slug customer_id added_at:s removed_at:s expires_at:s score:f source",
    "exchange_rates": "currency rate_date:d rate:f",
    "campaign_costs": "cost_date:d source medium campaign cost:m currency impressions:i clicks:i",
}


def _schema(name: str, columns: str) -> pa.Schema:
    fields = [pa.field("store_id", pa.string())]
    for word in columns.split():
        column, _, letter = word.partition(":")
        fields.append(pa.field(column, _TYPES[letter or "t"]))
    fields.append(pa.field("loaded_at", pa.string() if name in TEXT_TABLES else TIMESTAMP))
    return pa.schema(fields)


RAW_SCHEMAS = {name: _schema(name, columns) for name, columns in _COLUMNS.items()}


def truth_schemas(axes: list[str]) -> dict[str, pa.Schema]:
    """Return the schemas of the truth tables; `truth_people` has a column an axis."""
    t, f, i = pa.string(), pa.float64(), pa.int64()
    return {
        "truth_identities": pa.schema(
            [("store_id", t), ("identifier_type", t), ("identifier", t), ("person_id", t), ("is_linked", pa.bool_())]
        ),
        "truth_people": pa.schema(
            [
                ("store_id", t),
                ("person_id", t),
                ("lambda", f),
                ("p", f),
                ("spend_rate", f),
                ("mean_spend", f),
                ("first_order_at", TIMESTAMP),
                ("order_count", i),
                ("is_noise", pa.bool_()),
            ]
            + [(axis, t) for axis in axes]
        ),
        "truth_dirt": pa.schema([("store_id", t), ("table_name", t), ("kind", t), ("rows", i)]),
        "truth_fates": pa.schema([("store_id", t), ("table_name", t), ("fate", t), ("rows", i)]),
        "truth_parameters": pa.schema(
            [("store_id", t)] + [(name, f) for name in ("r", "alpha", "a", "b", "spend_p", "spend_q", "spend_v", "buyer_share")]
        ),
    }
