"""Rules: each default rule at its edge, what is wrong with a bad one, and random ones against a plain evaluation of theirs."""

from __future__ import annotations

import calendar
import datetime as dt
import json
from collections import defaultdict
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from support.planted import FACTS, NOBODY, RESULTS, RULE_MODELS, insert, plant
from support.shops import Shop, both

AS_OF = dt.datetime(2025, 6, 30)
SEEDS = "analytics_seeds"
MATCHES = ["int_event_rules_met", "int_behavior_rules_met", "int_rule_results"]


def ago(days: float, seconds: int = 0) -> str:
    """The time that lies so many days before as_of, and so many seconds after that."""
    return str(AS_OF - dt.timedelta(days=days) + dt.timedelta(seconds=seconds))


# facts of a person, and the points that the rules of the three scores give for them
POINTS: list[tuple[dict[str, object], dict[str, int]]] = [
    ({}, {}),
    ({"total_orders": 1}, {"has_purchased": 20, "lead_wtp": 10}),
    ({"total_orders": 2}, {"has_purchased": 20, "lead_wtp": 10}),
    ({"total_orders": 3}, {"has_purchased": 20, "repeat_customer": 15, "lead_wtp": 10}),
    ({"average_order_value": 100}, {}),
    ({"average_order_value": 100.01}, {"high_aov": 15, "lead_wtp": 10}),
    ({"emails_clicked": 5}, {}),
    ({"emails_clicked": 6}, {"email_engaged": 10}),
    ({"engagement_score": 70}, {"health_engaged": 15}),
    ({"engagement_score": 71}, {"high_engagement": 10, "health_engaged": 15}),
    ({"engagement_score": 60}, {}),
    ({"engagement_score": 61}, {"health_engaged": 15}),
    ({"engagement_score": 20}, {}),
    ({"engagement_score": 19}, {"low_engagement": -10, "health_unengaged": -10}),
    ({"interests": ["fashion", "premium"]}, {"premium_interest": 10}),
    ({"interests": ["premium shoes"]}, {}),
    ({"interests": ["discount"]}, {"price_sensitive_browsing": -15}),
    ({"email_subscribed": False}, {"churned_email": -5}),
    ({"product_views_14d": 1}, {"lead_product_view": 10}),
    ({"product_views_14d": 4}, {"lead_product_view": 10}),
    ({"product_views_14d": 5}, {"lead_product_view": 10, "lead_product_views": 10}),
    ({"add_to_carts_14d": 1}, {"lead_cart": 20}),
    ({"checkout_abandoned_at": ago(14)}, {"lead_open_checkout": 25}),
    ({"checkout_abandoned_at": ago(14, -1)}, {}),
    ({"sessions_7d": 1}, {}),
    ({"sessions_7d": 2}, {"lead_visits": 10}),
    ({"email_clicks_30d": 1}, {"lead_email_click": 10, "health_email_click": 10}),
    ({"is_identified": True}, {"lead_identified": 10}),
    ({"interests": ["premium"], "email_subscribed": True}, {"premium_interest": 10}),
    ({"order_gap_ratio": 0.9999}, {"health_gap_under_1": 20}),
    ({"order_gap_ratio": 1}, {"health_gap_1_to_1_5": 10}),
    ({"order_gap_ratio": 1.5}, {"health_gap_1_to_1_5": 10}),
    ({"order_gap_ratio": 1.5001}, {}),
    ({"order_gap_ratio": 1.9999}, {}),
    ({"order_gap_ratio": 2}, {"health_gap_2_to_3": -15}),
    ({"order_gap_ratio": 3}, {"health_gap_2_to_3": -15}),
    ({"order_gap_ratio": 3.0001}, {"health_gap_over_3": -30}),
    ({"active_days_change": 1}, {"health_more_active": 5}),
    ({"active_days_change": -1}, {"health_less_active": -10}),
    ({"refund_rate": 0.3}, {}),
    ({"refund_rate": 0.300001}, {"health_refunds": -10}),
    ({"unhappy_tickets_90d": 1}, {"health_unhappy_ticket": -10}),
    ({"is_unsubscribed": True}, {"health_unsubscribed": -10}),
]
# facts, and the scores that come of them: base 50, 0 and 50, points added, kept within 0 and 100
SCORES: list[tuple[dict[str, object], dict[str, int]]] = [
    ({}, {"wtp": 50, "lead": 0, "health": 50}),
    # a new profile: nothing known, not subscribed
    ({"engagement_score": 0, "email_subscribed": False}, {"wtp": 35, "lead": 0, "health": 40}),
    # all that counts for a customer: 130, kept at 100
    (
        {"total_orders": 3, "average_order_value": 150, "emails_clicked": 9, "engagement_score": 80, "interests": ["premium"]},
        {"wtp": 100, "lead": 10, "health": 65},
    ),
    # all that it counts against one
    ({"engagement_score": 5, "email_subscribed": False, "interests": ["discount"]}, {"wtp": 20, "lead": 0, "health": 40}),
    (
        {
            "product_views_14d": 9,
            "add_to_carts_14d": 1,
            "checkout_abandoned_at": ago(1),
            "sessions_7d": 3,
            "email_clicks_30d": 1,
            "is_identified": True,
            "average_order_value": 120,
        },
        {"wtp": 65, "lead": 100, "health": 60},
    ),
    (
        {
            "order_gap_ratio": 9,
            "engagement_score": 0,
            "active_days_change": -3,
            "refund_rate": 1,
            "unhappy_tickets_90d": 2,
            "is_unsubscribed": True,
        },
        {"wtp": 40, "lead": 0, "health": 0},
    ),
]
POOR = {"unhappy_tickets_90d": 1, "refund_rate": 1}
# segment, facts of somebody in it, and of people who are just not
SEGMENTS: list[tuple[str, dict[str, object], list[dict[str, object]]]] = [
    (
        "high-value-customers",
        {"total_revenue": 500.01, "total_orders": 3},
        [{"total_revenue": 500, "total_orders": 3}, {"total_revenue": 500.01, "total_orders": 2}],
    ),
    (
        "at-risk-customers",
        {"total_orders": 1, "last_order_at": ago(90, -1), **POOR},
        [
            {"total_orders": 1, "last_order_at": ago(90), **POOR},
            {"total_orders": 0, "last_order_at": ago(99), **POOR},
            {"total_orders": 1, "last_order_at": ago(99), "unhappy_tickets_90d": 1},
        ],
    ),
    (
        "engaged-subscribers",
        {"engagement_score": 61},
        [{"engagement_score": 60}, {"engagement_score": 61, "email_subscribed": False}],
    ),
    (
        "high-wtp-non-buyers",
        {"average_order_value": 101, "interests": ["premium"]},
        [{"emails_clicked": 6, "interests": ["premium"]}, {"total_orders": 1, "average_order_value": 101}],
    ),
    ("champions", {"rfm_segment": "champions"}, [{"rfm_segment": "loyal"}, {}]),
    (
        "high-value-recent",
        {"days_since_purchase": 30, "total_orders": 10, "total_revenue": 500},
        [
            {"days_since_purchase": 31, "total_orders": 10, "total_revenue": 500},
            {"days_since_purchase": 30, "total_orders": 9, "total_revenue": 500},
            {"days_since_purchase": 30, "total_orders": 10, "total_revenue": 499.99},
        ],
    ),
    (
        "vip-customers",
        {"days_since_purchase": 30, "total_orders": 20, "total_revenue": 5000},
        [
            {"days_since_purchase": 31, "total_orders": 20, "total_revenue": 5000},
            {"days_since_purchase": 30, "total_orders": 19, "total_revenue": 5000},
            {"days_since_purchase": 30, "total_orders": 20, "total_revenue": 4999.99},
        ],
    ),
    (
        "declining-regulars",
        {"total_orders": 3, "days_since_seen": 30},
        [{"total_orders": 2, "days_since_seen": 30}, {"total_orders": 3, "days_since_seen": 29}],
    ),
    ("new-customers", {"first_order_at": ago(30)}, [{"first_order_at": ago(30, -1)}, {}]),
    (
        "one-time-buyers",
        {"total_orders": 1, "last_order_at": ago(30, -1)},
        [{"total_orders": 2, "last_order_at": ago(30, -1)}, {"total_orders": 1, "last_order_at": ago(30)}],
    ),
    ("lapsed-customers", {"last_order_at": ago(180, -1)}, [{"last_order_at": ago(180)}, {}]),
    ("cart-abandoners", {"cart_abandoned_at": ago(14)}, [{"cart_abandoned_at": ago(14, -1)}]),
    ("cart-abandoners", {"checkout_abandoned_at": ago(14)}, [{"checkout_abandoned_at": ago(14, -1)}]),
    ("discount-hunters", {"interests": ["discount"]}, [{"interests": ["premium"]}]),
    (
        "discount-hunters",
        {"total_orders": 3, "discounted_order_rate": 0.6},
        [{"total_orders": 2, "discounted_order_rate": 0.6}, {"total_orders": 3, "discounted_order_rate": 0.599999}],
    ),
    ("repeat-customers", {"total_orders": 2}, [{"total_orders": 1}]),
    (
        "big-baskets",
        {"total_orders": 1, "average_order_value": 150},
        [{"total_orders": 1, "average_order_value": 149.99}, {"average_order_value": 150}],
    ),
    (
        "full-price-buyers",
        {"total_orders": 2, "discounted_order_rate": 0.1, "refund_rate": 0.3},
        [
            {"total_orders": 1, "discounted_order_rate": 0.1, "refund_rate": 0.3},
            {"total_orders": 2, "discounted_order_rate": 0.100001, "refund_rate": 0.3},
            {"total_orders": 2, "discounted_order_rate": 0.1, "refund_rate": 0.300001},
        ],
    ),
    ("unhappy-customers", {"unhappy_tickets_90d": 1}, [{"tickets_90d": 1}]),
    (
        "hot-leads",
        {"add_to_carts_14d": 1, "checkout_abandoned_at": ago(1), "product_views_14d": 5, "sessions_7d": 2},
        [{"add_to_carts_14d": 1, "checkout_abandoned_at": ago(1), "product_views_14d": 5}],
    ),
    (
        "reachable-abroad",
        {"country": "CA", "has_email": True},
        [{"country": "US", "has_email": True}, {"country": "CA"}, {"has_email": True}],
    ),
    ("holiday-2024-customers", {"first_order_month": "2024-11"}, [{"first_order_month": "2024-10"}]),
    (
        "holiday-2024-customers",
        {"first_order_month": "2024-12"},
        [{"first_order_month": "2025-01"}, {"first_order_month": "2023-12"}],
    ),
    ("likely-to-pay", {"total_orders": 1, "emails_clicked": 6}, [{"total_orders": 1}]),
    ("high-churn-risk", {"churn_probability": 0.500001}, [{"churn_probability": 0.5}, {}]),
    ("high-future-value", {"predicted_ltv": 500}, [{"predicted_ltv": 499.99}, {}]),
    ("likely-to-buy", {"next_purchase_probability": 0.5}, [{"next_purchase_probability": 0.499999}, {}]),
]
LIFECYCLE: list[tuple[dict[str, object], str]] = [
    ({"email_subscribed": False}, "anonymous"),
    ({"email_subscribed": False, "is_identified": True}, "visitor"),
    ({"email_subscribed": True, "is_identified": True}, "subscriber"),
    ({"email_subscribed": False, "is_identified": True, "total_orders": 1}, "customer"),
    ({"email_subscribed": True, "is_identified": True, "total_orders": 1, "journey_stage": "advocacy"}, "advocate"),
    ({"email_subscribed": False, "is_identified": True, "total_orders": 1, "journey_stage": "retention"}, "customer"),
]
COHORTS: list[tuple[str, dict[str, object], list[dict[str, object]]]] = [
    ("cohort_exit:engaged-shoppers", {"days_since_seen": 91}, [{"days_since_seen": 90}]),
    ("cohort_entry:first-time-buyers", {"total_orders": 1}, [{"total_orders": 2}, {"total_orders": 0}]),
    ("cohort_exit:first-time-buyers", {"total_orders": 2}, [{"total_orders": 1}]),
    ("cohort_entry:big-baskets", {"average_order_value": 150}, [{"average_order_value": 149.99}]),
    ("cohort_exit:newsletter-readers", {"is_unsubscribed": True}, [{"is_unsubscribed": False}]),
]
# events of days before as_of's local day, and the segments and cohorts of behaviour that they make
BEHAVIOR: list[tuple[dict[int, dict[str, int]], int | None, set[str]]] = [
    ({0: {"product_view": 4}, 29: {"product_view": 1}}, None, {"segment:window-shoppers"}),
    ({0: {"product_view": 4}, 30: {"product_view": 1}}, None, set()),
    ({0: {"product_view": 5}}, 89, set()),
    ({0: {"product_view": 5}}, 90, {"segment:window-shoppers"}),
    ({0: {"article_read": 2}, 29: {"article_read": 1}}, None, {"segment:content-readers"}),
    ({0: {"article_read": 2}, 30: {"article_read": 1}}, None, set()),
    ({29: {"add_to_cart": 1}}, None, {"cohort_entry:engaged-shoppers"}),
    ({30: {"add_to_cart": 1}}, None, set()),
    ({29: {"email_click": 1}}, None, {"cohort_entry:newsletter-readers"}),
    ({30: {"email_click": 1}}, None, set()),
]


@pytest.fixture(scope="module")
def benches(demo_copies) -> list[Shop]:
    """A copy of the demo shop on each engine."""
    return demo_copies("rules")


def person(name: str, facts: dict[str, object]) -> dict[str, object]:
    """A row of int_profile_facts."""
    return {**NOBODY, "customer_id": name, **{key: value for key, value in facts.items() if key != "journey_stage"}}


def behave(shop: Shop) -> None:
    """People with days of events and orders, known to the rollup."""
    zone = ZoneInfo(shop.rows("select timezone from analytics.stores where store_id = 'store_1'")[0][0])
    today = AS_OF.replace(tzinfo=dt.UTC).astimezone(zone).date()
    days, orders, identities = [], [], []
    for number, (events, ordered, _) in enumerate(BEHAVIOR):
        name = f"behavior_{number}"
        identities.append({"store_id": "store_1", "identifier": f"customer:{name}", "customer_id": name})
        for back, counts in events.items():
            blank = dict.fromkeys(
                ("events", "sessions", "engaged_milliseconds", "product_view", "article_read", "add_to_cart", "email_click"), 0
            )
            days.append(
                {
                    "store_id": "store_1",
                    "visitor_key": name,
                    "person_identifier": f"customer:{name}",
                    "activity_date": today - dt.timedelta(back),
                    "first_event_at": ago(back + 2),
                    "last_event_at": ago(back + 2),
                    **blank,
                    **counts,
                }
            )
        if ordered is not None:
            orders.append(
                {
                    "store_id": "store_1",
                    "order_id": name,
                    "customer_id": name,
                    "order_date": today - dt.timedelta(ordered),
                    "ordered_at": ago(ordered + 2),
                    "gross_revenue": 1,
                    "is_counted": True,
                }
            )
    insert(shop, "analytics_intermediate.customer_identities", identities)
    insert(shop, "analytics_intermediate.int_visitor_days", days)
    insert(shop, "analytics_intermediate.int_orders", orders)


@pytest.fixture(scope="module")
def judged(benches: list[Shop]) -> list[Shop]:
    """What the default rules say of the planted people, on both engines."""

    def judge(shop: Shop) -> Shop:
        people, stages = [], []
        for kind, cases in (("points", POINTS), ("scores", SCORES), ("lifecycle", LIFECYCLE)):
            for number, (facts, _) in enumerate(cases):
                people.append(person(f"{kind}_{number}", facts))
                if "journey_stage" in facts:
                    stages.append(
                        {
                            "store_id": "store_1",
                            "customer_id": f"{kind}_{number}",
                            "stage": facts["journey_stage"],
                            "is_current": True,
                        }
                    )
        for kind, cases in (("segment", SEGMENTS), ("cohort", COHORTS)):
            for number, (_, inside, outside) in enumerate(cases):
                people += [person(f"{kind}_{number}_{place}", facts) for place, facts in enumerate([inside, *outside])]
        people += [person(f"behavior_{number}", {}) for number in range(len(BEHAVIOR))]
        plant(shop, FACTS, people)
        plant(shop, "analytics_intermediate.int_journey_stages", stages)
        plant(shop, "analytics_intermediate.int_engagement_scores", [])
        behave(shop)
        shop.dbt(
            "run",
            "--select",
            *MATCHES,
            "score_contributions",
        )
        return shop

    return both(benches, judge)


@pytest.mark.parametrize("engine", [0, 1], ids=["duckdb", "postgres"])
class TestDefaultRules:
    """Who meets a default rule, and who just does not."""

    def test_each_rule_of_a_score_gives_its_points_at_its_edge(self, judged, engine):
        found = defaultdict(dict)
        for name, rule, points in judged[engine].rows(
            "select customer_id, rule_id, contribution from analytics.score_contributions where customer_id like 'points%'"
        ):
            found[name][rule] = points
        wrong = [
            (facts, found[f"points_{number}"], points)
            for number, (facts, points) in enumerate(POINTS)
            if found[f"points_{number}"] != points
        ]
        assert wrong == []
        seen = {rule for _, points in POINTS for rule in points}
        assert seen == {rule for (rule,) in judged[engine].rows("select rule_id from analytics_seeds.score_rules")}

    def test_scores_add_up_and_stay_within_their_limits(self, judged, engine):
        found = {
            name: dict(zip(("wtp", "lead", "health"), scores, strict=True))
            for name, *scores in judged[engine].rows(
                f"select customer_id, wtp_score, lead_score, health_score from {RESULTS} where customer_id like 'scores%'"
            )
        }
        assert [(facts, found[f"scores_{number}"]) for number, (facts, _) in enumerate(SCORES)] == SCORES

    def test_each_segment_takes_who_meets_its_rules_and_nobody_else(self, judged, engine):
        meets = self.meets(judged[engine])
        for number, (segment, inside, outside) in enumerate(SEGMENTS):
            for place, facts in enumerate([inside, *outside]):
                assert (f"segment:{segment}" in meets[f"segment_{number}_{place}"]) == (place == 0), (segment, facts)
        behavioral = {name for _, _, names in BEHAVIOR for name in names}
        listed = {f"segment:{segment}" for segment, _, _ in SEGMENTS} | behavioral
        ruled = {
            f"segment:{segment}"
            for (segment,) in judged[engine].rows(
                "select segment_id from analytics_seeds.segment_definitions where segment_type <> 'manual'"
            )
        }
        assert {name for name in listed if name.startswith("segment:")} == ruled

    def test_the_lifecycle_stage_is_the_highest_whose_rules_are_met(self, judged, engine):
        found = dict(
            judged[engine].rows(f"select customer_id, lifecycle_stage from {RESULTS} where customer_id like 'lifecycle%'")
        )
        assert [(facts, found[f"lifecycle_{number}"]) for number, (facts, _) in enumerate(LIFECYCLE)] == LIFECYCLE

    def test_cohorts_are_entered_and_left_by_their_rules(self, judged, engine):
        meets = self.meets(judged[engine])
        for number, (criterion, inside, outside) in enumerate(COHORTS):
            for place, facts in enumerate([inside, *outside]):
                assert (criterion in meets[f"cohort_{number}_{place}"]) == (place == 0), (criterion, facts)

    def test_rules_about_events_count_local_days_and_orders(self, judged, engine):
        meets = self.meets(judged[engine])
        behavioral = {name for _, _, names in BEHAVIOR for name in names}
        assert [meets[f"behavior_{number}"] & behavioral for number in range(len(BEHAVIOR))] == [
            names for _, _, names in BEHAVIOR
        ]

    @staticmethod
    def meets(shop: Shop) -> dict[str, set[str]]:
        return {name: set(text.split(",")) for name, text in shop.rows(f"select customer_id, meets from {RESULTS}")}


TYPES = {
    "number": {"bigint", "integer", "double", "double precision", "numeric"},
    "text": {"varchar", "text"},
    "boolean": {"boolean"},
    "timestamp": {"timestamp", "timestamp without time zone"},
    "list": {"varchar[]", "array"},
    "position": {"double[]", "array"},
    "membership": {"double[]", "array"},
}


def test_each_profile_field_is_a_column_of_its_type(demo):
    for shop in demo:
        columns = {
            name: kind.lower().split("(")[0]
            for name, kind in shop.rows(
                "select column_name, data_type from information_schema.columns "
                "where table_schema = 'analytics_intermediate' "
                "and table_name in ('int_profile_facts', 'int_rule_results', 'int_action_facts')"
            )
        }
        fields = dict(shop.rows(f"select field, field_type from {SEEDS}.profile_fields"))
        # what stands beside fields: keys, what is met, and what explains a field of actions
        beside = {"store_id", "customer_id", "meets", "rules_met", "axis_membership_keys", "replenishment_product_id"}
        beside.add("last_ticket_at")
        assert set(columns) == {*fields, *beside}
        columns = {name: kind.replace("decimal", "numeric") for name, kind in columns.items()}
        assert {field: columns[field] for field, kind in fields.items() if columns[field] not in TYPES[kind]} == {}


def test_no_field_is_beyond_the_bounds_that_rules_are_held_to(demo):
    for shop in demo:
        bounds = shop.rows(f"select field, min_value, max_value from {SEEDS}.profile_fields where field_type = 'number'")
        bounded = [(field, *ends) for field, *ends in bounds if None not in ends]
        beyond = " union all ".join(
            f"select '{field}' from {FACTS} inner join {RESULTS} using (store_id, customer_id) "
            f"where {field} not between {low} and {high}"
            for field, low, high in bounded
        )
        assert len(bounded) == 11
        assert shop.rows(beyond) == []


BAD = [
    (
        "bad-field",
        {"field": "total_revenu", "operator": "equals", "value": "1"},
        "there is no field 'total_revenu' (seed profile_fields)",
    ),
    (
        "bad-operator",
        {"field": "total_orders", "operator": "contains", "value": "1"},
        "operator 'contains' does not go with the number total_orders",
    ),
    (
        "bad-word",
        {"field": "total_orders", "operator": "bigger", "value": "1"},
        "operator 'bigger' does not go with the number total_orders",
    ),
    ("bad-number", {"field": "total_orders", "operator": "equals", "value": "many"}, "value 'many' is no number"),
    (
        "bad-time",
        {"field": "last_order_at", "operator": "less_than", "value": "2025-02-30"},
        "value '2025-02-30' is no timestamp",
    ),
    ("bad-boolean", {"field": "is_identified", "operator": "equals", "value": "maybe"}, "value 'maybe' is no boolean"),
    (
        "bad-range",
        {"field": "total_orders", "operator": "between", "value": "1"},
        "value '1' is no range of two values such as 1..2",
    ),
    (
        "bad-order",
        {"field": "total_orders", "operator": "between", "value": "5..2"},
        "value '5..2' holds for nothing: the first number is the larger one",
    ),
    ("bad-list", {"field": "total_orders", "operator": "in", "value": "1|x"}, "value '1|x' is no list of numbers such as 1|2"),
    (
        "bad-bound",
        {"field": "axis_position.purchase_value", "operator": "greater_or_equal", "value": "90"},
        "value '90' is beyond what axis_position.purchase_value can be: 0 to 1",
    ),
    (
        "bad-score",
        {"field": "wtp_score", "operator": "between", "value": "80..120"},
        "value '80..120' is beyond what wtp_score can be: 0 to 100",
    ),
    ("bad-none", {"field": "total_orders", "operator": "equals"}, "value is missing"),
    ("bad-much", {"field": "total_orders", "operator": "is_null", "value": "1"}, "is_null takes no value"),
    (
        "bad-group",
        {"field": "total_orders", "operator": "is_null", "rule_group": "1..2"},
        "rule_group '1..2' is not like 1 or 1.2",
    ),
    (
        "bad-event",
        {"operator": "did", "event_type": "jump", "min_count": "1", "lookback_days": "9"},
        "there is no event_type 'jump' (seed event_types)",
    ),
    (
        "bad-count",
        {"operator": "did", "event_type": "search", "min_count": "0", "lookback_days": "9"},
        "min_count must be a whole number from 1",
    ),
    ("bad-days", {"operator": "did", "event_type": "search", "min_count": "1"}, "lookback_days must be a whole number from 1"),
    (
        "bad-json",
        {"operator": "did", "event_type": "search", "min_count": "1", "lookback_days": "9", "properties": "{a}"},
        "properties are not JSON",
    ),
    ("Bad-Id", {"field": "total_orders", "operator": "is_null"}, "a rule_id is at most 62 lower case letters, digits, - and _"),
    ("vip-customers-1", {"field": "total_orders", "operator": "is_null"}, "the rule_id is there 2 times"),
]


def test_bad_rules_stop_the_build_before_any_membership_changes(benches):
    for shop in benches:
        ledger = "select count(*) from analytics_intermediate.membership_changes"
        before = shop.rows(ledger)
        insert(
            shop,
            f"{SEEDS}.custom_segment_definitions",
            [
                {
                    "segment_id": name,
                    "name": name,
                    "segment_type": "custom",
                    "status": "active",
                    "refresh_days": "1",
                    "auto_refresh": "true",
                }
                for name in ("of-bad-rules", "without-rules")
            ],
        )
        insert(
            shop,
            f"{SEEDS}.custom_segment_rules",
            [{"rule_id": rule, "segment_id": "of-bad-rules", **columns} for rule, columns, _ in BAD]
            + [{"rule_id": "bad-owner", "segment_id": "no-such", "field": "total_orders", "operator": "exists"}],
        )
        with pytest.raises(AssertionError) as stopped:
            shop.dbt("run", "--select", *RULE_MODELS, "int_rule_results", "membership_changes")
        said = dict.fromkeys(str(stopped.value).splitlines())
        assert "Rules that cannot be used; nothing that rules decide was changed." in str(stopped.value)
        assert any(line.strip() == "custom_segment_definitions: without-rules: the segment has no rules" for line in said), said
        errors = {
            (owner, rule): reason
            for owner, rule, reason in shop.rows("select owner_id, rule_id, reason from analytics_intermediate.int_rule_errors")
        }
        for rule, _, reason in BAD:
            owner = "of-bad-rules" if (("of-bad-rules", rule) in errors) else "vip-customers"
            assert errors[owner, rule] == reason
            assert len(errors) > 20 or any(f"rule {rule} of {owner}: {reason}" in line for line in said)
        assert errors["no-such", "bad-owner"] == "there is no such segment"
        assert len(errors) == len(BAD) + 2
        assert shop.rows(ledger) == before
        shop.execute("; ".join(f"delete from {SEEDS}.{seed}" for seed in ("custom_segment_definitions", "custom_segment_rules")))


NASTY = [
    "a",
    "A",
    "",
    " a ",
    "O'Brien",
    "x'; drop table users; --",
    "{{ as_of() }}",
    "50%",
    "na\u00efve",
    "\\",
    '"',
    "$1 :x",
    "null",
    "a, b",
    "\u5317",
]
NUMBERS = ["-1", "0", "1", "2", "2.5", "10", "99.99", "100", "0.3"]
TIMES = [
    ago(90),
    ago(90, 1),
    ago(90, -1),
    ago(7),
    "2025-03-31 00:00:00",
    "2025-03-30 00:00:00",
    "2025-03-30 23:59:59",
    "2025-06-29 12:00:00",
    "2024-02-29 00:00:00",
]
TIME_VALUES = [
    "90 days ago",
    "1 week ago",
    "3 months ago",
    "12 hours ago",
    "1 year ago",
    "2025-03-31",
    "2025-03-30 23:59",
    "2025-06-29 12:00:00",
    "16 months ago",
]
FIELDS = {
    "total_orders": "number",
    "average_order_value": "number",
    "refund_rate": "number",
    "city": "text",
    "rfm_segment": "text",
    "is_identified": "boolean",
    "gdpr_consent": "boolean",
    "last_order_at": "timestamp",
    "interests": "list",
    "tags": "list",
}
ORDERED = [
    "equals",
    "not_equals",
    "greater_than",
    "less_than",
    "greater_or_equal",
    "less_or_equal",
    "between",
    "range",
    "is_null",
    "is_not_null",
    "exists",
]
OPERATORS = {
    "number": [*ORDERED, "in", "not_in"],
    "timestamp": ORDERED,
    "boolean": ["equals", "not_equals", "is_null", "is_not_null", "exists"],
    "text": ["equals", "not_equals", "contains", "not_contains", "in", "not_in", "is_null", "is_not_null", "exists"],
    "list": ["contains", "not_contains", "is_null", "is_not_null", "exists"],
}


@st.composite
def rules(draw) -> dict[str, str | None]:
    """One rule that int_rule_errors has nothing to say against."""
    field = draw(st.sampled_from(sorted(FIELDS)))
    kind = FIELDS[field]
    operator = draw(st.sampled_from(OPERATORS[kind]))
    one = {
        "number": st.sampled_from(NUMBERS),
        "timestamp": st.sampled_from(TIME_VALUES),
        "boolean": st.sampled_from(["true", "false"]),
        "text": st.sampled_from([text for text in NASTY if text]),
        "list": st.sampled_from([text for text in NASTY if text]),
    }[kind]
    if operator in ("is_null", "is_not_null", "exists"):
        value = None
    elif operator in ("between", "range"):
        value = "..".join(sorted((draw(one), draw(one)), key=lambda text: float(text) if kind == "number" else moment(text)))
    elif operator in ("in", "not_in"):
        value = "|".join(draw(st.lists(one, min_size=1, max_size=3)))
    else:
        value = draw(one)
    return {
        "field": field,
        "operator": operator,
        "value": value,
        "rule_group": draw(st.sampled_from([None, "1", "2", "1.1", "1.2", "2.1", "2.1.1", "2.1.2"])),
    }


PEOPLE = st.fixed_dictionaries(
    {
        "total_orders": st.sampled_from([0, 1, 2, 10, 100]),
        "average_order_value": st.sampled_from([None, 0, 2.5, 99.99, 100]),
        "refund_rate": st.sampled_from([None, 0, 0.3, 1]),
        "city": st.sampled_from([None, *NASTY]),
        "rfm_segment": st.sampled_from([None, *NASTY]),
        "is_identified": st.booleans(),
        "gdpr_consent": st.sampled_from([None, True, False]),
        "last_order_at": st.sampled_from([None, *TIMES]),
        "interests": st.lists(st.sampled_from(NASTY), max_size=3),
        "tags": st.lists(st.sampled_from(NASTY), max_size=2),
    }
)


def moment(text: str) -> dt.datetime:
    """What a rule's time means."""
    if not text.endswith(" ago"):
        return dt.datetime.fromisoformat(text)
    count, unit = int(text.split()[0]), text.split()[1].rstrip("s")
    if unit not in ("month", "year"):
        return AS_OF - dt.timedelta(**{f"{unit}s": count})
    months = AS_OF.year * 12 + AS_OF.month - 1 - count * (12 if unit == "year" else 1)
    year, month = divmod(months, 12)
    return AS_OF.replace(year=year, month=month + 1, day=min(AS_OF.day, calendar.monthrange(year, month + 1)[1]))


def is_met(rule: dict[str, str | None], someone: dict[str, object]) -> bool:
    """The rule by its description: what is not known meets is_null alone, and an empty list is none."""
    value, kind, operator, text = someone[rule["field"]], FIELDS[rule["field"]], rule["operator"], rule["value"]
    known = value is not None and value != [] if kind == "list" else value is not None
    if operator == "is_null":
        return not known
    if operator in ("is_not_null", "exists"):
        return known
    if kind == "list":
        return (text in value) == (operator == "contains")
    if not known:
        return False
    read = {"number": float, "text": str, "boolean": lambda word: word == "true", "timestamp": moment}[kind]
    if kind == "timestamp":
        value = dt.datetime.fromisoformat(value)
    if operator in ("between", "range"):
        low, high = (read(part) for part in text.split(".."))
        return low <= value <= high
    if operator in ("in", "not_in"):
        return (value in [read(part) for part in text.split("|")]) == (operator == "in")
    if operator in ("contains", "not_contains"):
        return (text in value) == (operator == "contains")
    wanted = read(text)
    return {
        "equals": value == wanted,
        "not_equals": value != wanted,
        "greater_than": value > wanted if kind != "text" and kind != "boolean" else None,
        "less_than": value < wanted if kind not in ("text", "boolean") else None,
        "greater_or_equal": value >= wanted if kind not in ("text", "boolean") else None,
        "less_or_equal": value <= wanted if kind not in ("text", "boolean") else None,
    }[operator]


def holds(given_rules: list[dict[str, str | None]], met: list[bool], path: tuple[str, ...] = ()) -> bool:
    """A group: its own rules, and one of the groups right within it where there are any."""
    paths = [tuple(rule["rule_group"].split(".")) if rule["rule_group"] else () for rule in given_rules]
    own = all(is_so for place, is_so in zip(paths, met, strict=True) if place == path)
    within = {place[: len(path) + 1] for place in paths if len(place) > len(path) and place[: len(path)] == path}
    return own and (not within or any(holds(given_rules, met, inner) for inner in within))


SEGMENTS_OF_RULES = st.lists(st.lists(rules(), min_size=1, max_size=6), min_size=20, max_size=30)


def compare(benches: list[Shop], segments: list[list[dict[str, str | None]]], people: list[dict[str, object]]) -> None:
    """Evaluate on both engines and by the functions above, and find no difference."""
    expected = {
        f"p{number}": {
            f"segment:s{place}"
            for place, given_rules in enumerate(segments)
            if holds(given_rules, [is_met(rule, someone) for rule in given_rules])
        }
        for number, someone in enumerate(people)
    }

    def evaluate(shop: Shop) -> dict[str, set[str]]:
        shop.execute(
            "; ".join(
                f"delete from {SEEDS}.{seed}"
                for seed in ("segment_definitions", "segment_rules", "cohort_rules", "cohort_definitions")
            )
        )
        plant(
            shop,
            f"{SEEDS}.custom_segment_definitions",
            [
                {
                    "segment_id": f"s{place}",
                    "name": "s",
                    "segment_type": "custom",
                    "status": "active",
                    "refresh_days": "1",
                    "auto_refresh": "true",
                }
                for place in range(len(segments))
            ],
        )
        plant(
            shop,
            f"{SEEDS}.custom_segment_rules",
            [
                {"rule_id": f"r{place}-{number}", "segment_id": f"s{place}", **rule}
                for place, given_rules in enumerate(segments)
                for number, rule in enumerate(given_rules)
            ],
        )
        plant(
            shop,
            FACTS,
            [{"store_id": "store_1", "customer_id": f"p{number}", **someone} for number, someone in enumerate(people)],
        )
        shop.dbt("run", "--select", *RULE_MODELS, *MATCHES)
        return {
            name: set(filter(None, meets.split(","))) for name, meets in shop.rows(f"select customer_id, meets from {RESULTS}")
        }

    for found in both(benches, evaluate):
        for name, met in expected.items():
            assert found[name] == met, (
                people[int(name[1:])],
                [json.dumps(segments[int(segment.split(":s")[1])]) for segment in found[name] ^ met],
            )


@given(segments=SEGMENTS_OF_RULES, people=st.lists(PEOPLE, min_size=30, max_size=40))
@settings(max_examples=4, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_random_rules_mean_the_same_in_sql_and_in_plain_words(benches, segments, people):
    compare(benches, segments, people)


STAGE = 'vip\'s "best", {{ as_of() }} {% x %} \\ %s $1 ' + "\u5317" * 200
OWN_TYPE = "quiz's 100% done"


def test_rules_of_any_name_and_number_work(benches):
    """More rules than Postgres has columns, rules named like columns, names full of quotes, and an event type of one's own."""

    def evaluate(shop: Shop) -> None:
        shop.execute(
            "; ".join(
                f"delete from {SEEDS}.{seed}"
                for seed in ("segment_definitions", "segment_rules", "cohort_rules", "cohort_definitions")
            )
        )
        one = {"field": "total_orders", "operator": "greater_or_equal"}
        quiz = {"operator": "did", "event_type": OWN_TYPE, "min_count": "1", "lookback_days": "30"}
        rules_of = {name: {**one, "value": "7"} for name in ("store_id", "customer_id", "select", "0")}
        rules_of |= {"quiz": quiz, "no-quiz": {**quiz, "operator": "did_not"}}
        # how often it is refreshed is left blank: every night
        defined = {"segment_type": "custom", "status": "active"}
        plant(
            shop,
            f"{SEEDS}.custom_segment_definitions",
            [{"segment_id": name, "name": name, **defined} for name in (*rules_of, "all-of", "any-of")],
        )
        plant(
            shop,
            f"{SEEDS}.custom_segment_rules",
            [{"rule_id": name, "segment_id": name, **rule} for name, rule in rules_of.items()],
        )
        shop.execute(f"""
            insert into {SEEDS}.custom_segment_definitions ({", ".join(defined)}, segment_id, name)
            select {", ".join(f"'{value}'" for value in defined.values())}, 'many-' || number, 'x'
            from generate_series(0, 1999) as numbers (number);
            insert into {SEEDS}.custom_segment_rules (field, operator, value, rule_id, segment_id, rule_group)
            select 'total_orders', 'greater_or_equal', cast(number % 50 as text), 'many-' || number, 'many-' || number, null
            from generate_series(0, 1999) as numbers (number)
            union all
            select 'total_orders', 'greater_or_equal', cast(number % 8 as text), 'all-of-' || number, 'all-of', null
            from generate_series(0, 299) as numbers (number)
            union all
            select 'total_orders', 'greater_or_equal', cast(number + 7 as text), 'any-of-' || number, 'any-of', '' || number
            from generate_series(0, 299) as numbers (number)""")
        insert(
            shop,
            f"{SEEDS}.lifecycle_rules",
            [{"rule_id": "vip", "lifecycle_stage": STAGE, "stage_rank": "6", **one, "value": "7"}],
        )
        insert(shop, f"{SEEDS}.event_types", [{"raw_name": "quiz", "event_type": OWN_TYPE}])
        (event,) = shop.rows("""
            select events.store_id, events.event_id, min(identities.customer_id)
            from analytics_intermediate.int_events_enriched as events
            inner join analytics_staging.base_events as landed using (store_id, event_id)
            inner join analytics_intermediate.customer_identities as identities
                on events.store_id = identities.store_id and events.person_identifier = identities.identifier
            where
                events.fate = 'accepted' and landed.fate = 'accepted'
                and events.occurred_at between '2025-06-10' and '2025-06-29'
            group by 1, 2 having count(*) = 1 order by 1, 2 limit 1""")
        shop.execute(
            f"update analytics_staging.base_events set event_type = '{OWN_TYPE.replace(chr(39), chr(39) * 2)}' "
            f"where store_id = '{event[0]}' and event_id = '{event[1]}'"
        )
        plant(
            shop,
            FACTS,
            [
                {**person(name, {"total_orders": orders}), "store_id": event[0]}
                for name, orders in (("seven", 7), ("six", 6), (event[2], 0))
            ],
        )
        shop.dbt(
            "run",
            "--select",
            *RULE_MODELS,
            *MATCHES,
        )
        meets = TestDefaultRules.meets(shop)
        always = {f"segment:many-{number}" for number in range(2000)}
        met = {orders: {f"segment:many-{number}" for number in range(2000) if number % 50 <= orders} for orders in (0, 6, 7)}
        named = {f"segment:{name}" for name in ("store_id", "customer_id", "select", "0", "all-of", "any-of")}
        assert meets["seven"] - always == named | {"segment:no-quiz"}
        assert meets["six"] - always == {"segment:no-quiz"}
        assert meets[event[2]] - always == {"segment:quiz"}
        assert {name: found & always for name, found in meets.items()} == {"seven": met[7], "six": met[6], event[2]: met[0]}
        stages = dict(shop.rows(f"select customer_id, lifecycle_stage from {RESULTS}"))
        assert (stages["seven"], stages["six"]) == (STAGE, "customer")
        shop.execute(f"delete from {SEEDS}.lifecycle_rules where rule_id = 'vip'")

    both(benches, evaluate)


def test_tests_of_seeds_print_the_rows_that_fail(benches):
    for shop in benches:
        insert(shop, f"{SEEDS}.custom_cohort_definitions", [{"cohort_id": "spring", "name": "Spring", "cohort_type": "seasonal"}])
        insert(shop, f"{SEEDS}.event_types", [{"raw_name": "home", "event_type": "page_view"}] * 2)
        printed = shop.dbt(
            "test", "--select", "cohort_definitions_are_valid", "unique_key_event_types_raw_name", check=False
        ).stdout
        assert (
            "Rows of cohort_definitions_are_valid:\n  seed custom_cohort_definitions, cohort_id spring, "
            "reason the cohort_type is none of acquisition, behavioral, lifecycle, value, engagement\n"
        ) in printed
        assert "raw_name home, " in printed


@pytest.mark.torture
@given(segments=SEGMENTS_OF_RULES, people=st.lists(PEOPLE, min_size=30, max_size=40))
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_many_random_rules_mean_the_same_in_sql_and_in_plain_words(benches, segments, people):
    compare(benches, segments, people)
