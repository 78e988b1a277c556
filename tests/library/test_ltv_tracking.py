"""Repeat purchases by week: against shops that were drawn, person by person, and store by store."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest

from tessera.btyd import MODELS, expected_orders_of_new, simulate
from tessera.ltv import EXPECTATIONS, LTV_MODELS, expected_by_week
from tessera.ltv.clock import CALENDAR
from tessera.ltv.purchases import PRIORS, restored
from tessera.ltv.tracking import tracking

NIGHT, FIRST = datetime(2025, 6, 30), date(2024, 1, 1)


def fitted(name):
    """A model with the parameters of the built-in prior."""
    return restored(name, MODELS[name].parameters, dict(zip(MODELS[name].parameters, PRIORS[name], strict=True)))


def ledger(*rows):
    """Rows of orders; each a store, model, night and whether it was chosen."""
    return pa.Table.from_pylist(
        [
            {
                "store_id": store_id,
                "as_of": night,
                "target": "orders",
                "model": name,
                "is_chosen": is_chosen,
                "parameters": json.dumps(fitted(name).named() if name in MODELS else {"gap": 8.0}),
            }
            for store_id, name, night, is_chosen in rows
        ],
        LTV_MODELS,
    )


def day_rows(*rows):
    """First purchases; each a store, the days since FIRST, and people."""
    return pa.table(
        {
            "store_id": [row[0] for row in rows],
            "purchase_date": [FIRST + timedelta(row[1]) for row in rows],
            "first_purchases": [row[2] for row in rows],
        }
    )


def week_rows(stores, weeks):
    """Whole weeks since FIRST of some stores."""
    rows = [(store_id, week) for store_id in stores for week in range(1, weeks + 1)]
    return pa.table(
        {
            "store_id": [row[0] for row in rows],
            "week_number": [row[1] for row in rows],
            "week_end": [FIRST + timedelta(7 * row[1] - 1) for row in rows],
        }
    )


@pytest.mark.parametrize("name", list(MODELS))
def test_what_is_expected_is_what_drawn_shops_buy_on_average(name):
    """20,000 people who come over 40 weeks: within four standard errors at every fourth week."""
    fit, dice = fitted(name), np.random.default_rng(11)
    came = np.sort(dice.integers(0, 280, 20_000))
    first_days, people = np.unique(came, return_counts=True)
    week_ends = np.arange(4, 61, 4) * 7 - 1
    expected = tracking(fit, CALENDAR, first_days, people, week_ends)
    for end, value in zip(week_ends, expected, strict=True):
        bought = simulate(name, fit.values, (end + 1 - came[came <= end]) / 7, 1.0, dice).frequency
        assert abs(bought.sum() - value) < 4 * bought.std() * np.sqrt(len(bought))


@pytest.mark.parametrize("name", list(MODELS))
def test_people_counted_by_day_are_people_one_by_one(name):
    fit, came = fitted(name), np.array([0, 0, 0, 5, 6, 7, 30, 30, 100])
    first_days, people = np.unique(came, return_counts=True)
    week_ends = np.array([6, 13, 34, 104])
    one_by_one = [sum(float(expected_orders_of_new(fit, (end + 1 - day) / 7)) for day in came if day <= end) for end in week_ends]
    assert tracking(fit, CALENDAR, first_days, people, week_ends) == pytest.approx(one_by_one, rel=1e-12)


def test_who_comes_after_a_week_adds_nothing_to_it():
    fit, week_ends = fitted("bg_nbd"), np.array([6, 13])
    alone = tracking(fit, CALENDAR, np.array([0]), np.array([3]), week_ends)
    later = tracking(fit, CALENDAR, np.array([0, 14]), np.array([3, 1000]), week_ends)
    assert later.tolist() == alone.tolist()


def test_weeks_without_people_before_them_expect_nothing():
    fit = fitted("bg_nbd")
    assert tracking(fit, CALENDAR, np.array([20]), np.array([3]), np.array([6, 13])).tolist() == [0, 0]
    assert tracking(fit, CALENDAR, np.array([], dtype=int), np.array([], dtype=int), np.array([6, 13])).tolist() == [0, 0]
    assert tracking(fit, CALENDAR, np.array([0]), np.array([3]), np.array([], dtype=int)).tolist() == []


def test_every_store_has_its_own_model_and_people_in_any_order_of_the_rows():
    models = ledger(("b", "bg_nbd", NIGHT, True), ("a", "pareto_nbd", NIGHT, True), ("a", "bg_nbd", NIGHT, False))
    days, weeks = day_rows(("b", 3, 7), ("a", 10, 2), ("b", 0, 1), ("a", 0, 5)), week_rows(["b", "a"], 3)
    found = expected_by_week(models, days, weeks)
    assert found.schema == EXPECTATIONS
    assert list(zip(found["store_id"].to_pylist(), found["week_number"].to_pylist(), strict=True)) == [
        (store_id, week) for store_id in "ab" for week in (1, 2, 3)
    ]
    ends = np.array([6, 13, 20])
    assert found["expected_orders"].to_pylist() == pytest.approx(
        [
            *tracking(fitted("pareto_nbd"), CALENDAR, np.array([0, 10]), np.array([5, 2]), ends),
            *tracking(fitted("bg_nbd"), CALENDAR, np.array([0, 3]), np.array([1, 7]), ends),
        ],
        abs=1e-6,
    )
    assert expected_by_week(models, days.take([2, 0, 3, 1]), weeks.take([5, 4, 3, 2, 1, 0])) == found


def test_the_last_fit_counts():
    models = ledger(("a", "bg_nbd", NIGHT - timedelta(7), True), ("a", "mbg_nbd", NIGHT, True))
    found = expected_by_week(models, day_rows(("a", 0, 1_000)), week_rows(["a"], 1))["expected_orders"].to_pylist()
    assert found == pytest.approx([1_000 * float(expected_orders_of_new(fitted("mbg_nbd"), 1))], abs=1e-6)


def test_a_store_without_a_fitted_model_people_or_weeks_has_no_row():
    models = ledger(("ratios", "ratio", NIGHT, True), ("empty", "bg_nbd", NIGHT, True), ("new", "bg_nbd", NIGHT, True))
    days, weeks = day_rows(("ratios", 0, 9), ("new", 0, 9), ("unknown", 0, 9)), week_rows(["ratios", "empty", "unknown"], 2)
    for tables in ((models, days, weeks), (models.slice(0, 0), days.slice(0, 0), weeks.slice(0, 0))):
        found = expected_by_week(*tables)
        assert found.num_rows == 0
        assert found.schema == EXPECTATIONS


def test_a_time_before_the_first_order_is_refused():
    with pytest.raises(ValueError, match="t must be 0 or more"):
        expected_orders_of_new(fitted("bg_nbd"), [1.0, -1.0])
