"""People whose facts a test plants into a built shop, to see what rules make of them."""

from __future__ import annotations

from collections.abc import Iterable

from support.shops import Shop

FACTS = "analytics_intermediate.int_profile_facts"
RESULTS = "analytics_intermediate.int_rule_results"
# What is made again when a rule of a segment, a cohort or a score changes.
RULE_MODELS = [
    "int_segments",
    "int_segment_rules",
    "int_cohorts",
    "int_cohort_errors",
    "int_cohort_definitions",
    "int_cohort_rules",
    "int_actions",
    "int_action_rules",
    "int_rules",
    "int_condition_errors",
    "int_definition_errors",
    "int_action_errors",
    "int_rule_errors",
    "int_valid_rules",
]
# Somebody of whom no default rule of a score says anything.
NOBODY: dict[str, object] = {
    "store_id": "store_1",
    "is_identified": False,
    "has_email": False,
    "has_phone": False,
    "do_not_track": False,
    "email_subscribed": True,
    "is_unsubscribed": False,
    "sms_subscribed": False,
    "is_new": False,
    "engagement_score": 50,
    "tags": [],
    "interests": [],
    "preferred_verticals": [],
    "preferred_content_types": [],
    "preferred_channels": [],
    "total_revenue": 0,
    "gross_revenue": 0,
    **dict.fromkeys(
        (
            "active_days",
            "total_events",
            "total_sessions",
            "total_pageviews",
            "total_product_views",
            "total_add_to_cart",
            "total_searches",
            "articles_read",
            "videos_watched",
            "podcasts_heard",
            "downloads",
            "emails_received",
            "emails_opened",
            "emails_clicked",
            "sessions_7d",
            "sessions_30d",
            "product_views_14d",
            "product_views_30d",
            "add_to_carts_14d",
            "email_clicks_30d",
            "active_days_30d",
            "active_days_previous_30d",
            "active_days_change",
            "total_orders",
            "orders_30d",
            "orders_90d",
            "total_tickets",
            "open_tickets",
            "tickets_90d",
            "unhappy_tickets_90d",
        ),
        0,
    ),
}


def literal(value: object) -> str:
    """A value as SQL that both engines read."""
    if value is None:
        return "null"
    if isinstance(value, bool | int | float):
        return str(value).lower()
    if isinstance(value, list):
        return f"cast(array[{', '.join(literal(item) for item in value)}] as text[])"
    return "'" + str(value).replace("'", "''") + "'"


def insert(shop: Shop, table: str, rows: Iterable[dict[str, object]]) -> None:
    """Add rows, each of which names its own columns."""
    statements = _insertions(table, rows)
    if statements:
        shop.execute(";\n".join(statements))


def plant(shop: Shop, table: str, rows: Iterable[dict[str, object]]) -> None:
    """Put rows in the place of all that a table holds."""
    shop.execute(";\n".join([f"delete from {table}", *_insertions(table, rows)]))


def _insertions(table: str, rows: Iterable[dict[str, object]]) -> list[str]:
    return [
        f"insert into {table} ({', '.join(row)}) values ({', '.join(literal(value) for value in row.values())})" for row in rows
    ]
