"""The semantic layer: what MetricFlow answers, on both engines, is what the marts say."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path

import pytest
import yaml

from support.shops import PROJECT, Shop

# Metrics, what they are grouped by, what for; and the same from the marts, in this order of columns.
DAYS = "{{ TimeDimension('metric_time', 'day') }} between '2025-06-20' and '2025-06-28'"
QUESTIONS = {
    "revenue": (
        (["net_revenue", "gross_revenue", "orders", "visits", "new_customers"], ["store"], []),
        """select store_id, sum(net_revenue), sum(gross_revenue), sum(orders), sum(visits), sum(new_customers)
        from analytics.daily_metrics where is_store group by 1""",
    ),
    "rates of days": (
        (
            ["conversion_rate", "average_order_value", "average_visit_minutes", "bounce_rate", "repeat_purchase_rate"],
            ["metric_time", "store"],
            [DAYS],
        ),
        """select activity_date, store_id, conversion_rate, avg_order_value, avg_session_duration_minutes, bounce_rate,
            repeat_purchase_rate
        from analytics.behavioral_analytics where is_store and activity_date between '2025-06-20' and '2025-06-28'""",
    ),
    "states are those of the last day": (
        (["active_customers", "at_risk_customers", "churned_customers"], ["store"], []),
        """select store_id, active_customers, at_risk_customers, churned_customers from analytics.behavioral_analytics as days
        where is_store and activity_date = (
            select max(activity_date) from analytics.behavioral_analytics as last where last.store_id = days.store_id)""",
    ),
    "change": (
        (["net_revenue_growth"], ["metric_time"], [DAYS]),
        """with days as (
            select activity_date, sum(net_revenue) as revenue from analytics.daily_metrics where is_store group by 1
        )
        select days.activity_date, cast(days.revenue as double precision)
            / cast(nullif(before.revenue, 0) as double precision) - 1
        from days left join days as before on before.activity_date = days.activity_date - 28
        where days.activity_date between '2025-06-20' and '2025-06-28'""",
    ),
    "people": (
        (["people", "buyers", "repeat_rate", "revenue_per_buyer", "engagement_score"], ["customer__lifecycle_stage"], []),
        """select lifecycle_stage, count(*), sum(case when total_orders > 0 then 1 else 0 end),
            cast(sum(case when total_orders > 1 then 1 else 0 end) as double precision)
            / nullif(sum(case when total_orders > 0 then 1 else 0 end), 0),
            cast(sum(total_revenue) as double precision) / nullif(sum(case when total_orders > 0 then 1 else 0 end), 0),
            avg(engagement_score)
        from analytics.audience_profiles group by 1""",
    ),
    "predictions": (
        (
            ["predicted_ltv", "churn_risk", "next_purchase_probability", "expected_orders_90_days", "likely_churners"],
            ["store"],
            [],
        ),
        """select store_id, avg(predicted_ltv_1year), avg(churn_probability), avg(next_purchase_probability),
            sum(expected_orders_90days), sum(case when churn_probability >= 0.5 then 1 else 0 end)
        from analytics.customer_ltv_predictions group by 1""",
    ),
    "members": (
        (["segment_members"], ["store", "segment__segment_id"], []),
        """select store_id, segment_id, coalesce(sum(case when is_current then 1 else 0 end), 0)
        from analytics.segment_memberships group by 1, 2""",
    ),
    "who is in a segment": (
        (["segment_members"], ["customer__rfm_segment"], ["{{ Dimension('segment__segment_id') }} = 'repeat-customers'"]),
        """select rfm_segment, count(*) from analytics.segment_memberships inner join analytics.audience_profiles
        using (store_id, customer_id) where segment_id = 'repeat-customers' and is_current group by 1""",
    ),
    "size of segments": (
        (["segment_size", "segment_net_revenue", "segment_conversion_rate"], ["store", "segment__segment_id"], []),
        """select store_id, segment_id, max(case when activity_date = last_date then members end), sum(net_revenue),
            cast(sum(visits_with_order) as double precision) / nullif(sum(visits), 0)
        from analytics.daily_metrics
        inner join (select store_id, max(activity_date) as last_date from analytics.daily_metrics group by 1) as ends
        using (store_id) where not is_store group by 1, 2""",
    ),
    "retention": (
        (
            ["retention_rate", "retained_customers", "cohort_revenue"],
            ["store", "cohort_of_period__period_number"],
            ["{{ Dimension('cohort__cohort_id') }} = 'acquisition-month'"],
        ),
        """select store_id, period_number, cast(sum(active_customers) as double precision) / sum(customers),
            sum(active_customers), sum(revenue)
        from analytics.cohort_retention where cohort_id = 'acquisition-month' group by 1, 2""",
    ),
}


@pytest.mark.parametrize("engine", [0, 1], ids=["duckdb", "postgres"])
def test_metrics_are_what_the_marts_say(demo, shared, tmp_path, engine):
    shop: Shop = demo[engine]
    shop.dbt("--quiet", "ls", "--select", "calendar")  # parses the project where no test has
    asked = {
        "parsed": str(shared / "parsed" / f"{shop.target}.pickle"),
        "database": Path(shop.database()).stem,
        "queries": [question for question, _ in QUESTIONS.values()],
    }
    done = subprocess.run(
        [sys.executable, str(PROJECT / "tests" / "support" / "semantic.py"), str(tmp_path)],
        input=json.dumps(asked),
        cwd=tmp_path,
        env=shop.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    answers = json.loads(done.stdout)
    expected = shop.rows_of(query for _, query in QUESTIONS.values())
    for name, answer, rows in zip(QUESTIONS, answers, expected, strict=True):
        assert len(answer) == len(rows) > 0, name
        for found, wanted in zip(in_order(answer), in_order(rows), strict=True):
            assert all(map(is_close, found, wanted)), (name, found, wanted)


def in_order(rows: Iterable[Iterable]) -> list[list]:
    """Rows by what they are grouped by, numbers as such."""
    made = [[plain(value) for value in row] for row in rows]
    return sorted(made, key=lambda row: [str(value) for value in row if isinstance(value, (str, int))])


def is_close(found: object, wanted: object) -> bool:
    """Whether two values are the same; marts round rates to six places and money to two."""
    are_numbers = isinstance(found, (int, float)) and isinstance(wanted, (int, float))
    return math.isclose(found, wanted, rel_tol=1e-6, abs_tol=0.00501) if are_numbers else found == wanted


def plain(value: object) -> object:
    if value is None or isinstance(value, (str, int)):
        return value
    return value.isoformat()[:10] if isinstance(value, (date, datetime)) else float(value)


def test_the_calendar_has_every_day_once(demo):
    for shop in demo:
        assert shop.rows("""
            select min(calendar_date), max(calendar_date), count(*) - count(distinct calendar_date),
                count(*) - (max(calendar_date) - min(calendar_date)),
                sum(case when is_past then 1 else 0 end) - (date '2025-06-30' - min(calendar_date)),
                sum(case when calendar_date = '2025-06-29' and is_weekend and weekday_number = 6 and week_start = '2025-06-23'
                    and month_start = '2025-06-01' and quarter_start = '2025-04-01' then 1 end)
            from analytics.calendar""") == [(date(2000, 1, 1), date(2026, 6, 30), 0, 1, 0, 1)]


def test_metrics_are_described_and_named_once():
    metrics, measures = [], []
    for path in (PROJECT / "models" / "semantic").glob("*.yml"):
        read = yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)
        metrics += read["metrics"]
        measures += [measure["name"] for model in read["semantic_models"] for measure in model.get("measures", [])]
    names = [metric["name"] for metric in metrics]
    assert len(names) == len(set(names)) and len(measures) == len(set(measures))
    assert all(metric["label"] and metric["description"].endswith(".") for metric in metrics)
