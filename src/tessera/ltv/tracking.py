"""Repeat purchases by week, as the chosen model of orders expects them: to be laid beside those that were."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from tessera.btyd import MODELS, Fit, expected_orders_of_new
from tessera.ltv.clock import CALENDAR, Clock, read
from tessera.ltv.ledger import ORDERS, SEASON, current_rows
from tessera.ltv.people import Floats
from tessera.ltv.purchases import restored
from tessera.ltv.settings import DAYS_PER_WEEK

EXPECTATIONS = pa.schema([("store_id", pa.string()), ("week_number", pa.int64()), ("expected_orders", pa.float64())])
DIGITS = 6


def expected_by_week(models: pa.Table, days: pa.Table, weeks: pa.Table) -> pa.Table:
    """Expected cumulative repeat purchases of every store at the end of each of its weeks.

    Parameters
    ----------
    models
        Ledger of models, or its rows of orders and seasons; schema `LTV_MODELS`.
    days
        Columns store_id, purchase_date (date) and first_purchases (people), in any order.
    weeks
        Columns store_id, week_number and week_end (date), in any order.

    Returns
    -------
    pyarrow.Table
        Schema `EXPECTATIONS`, by store and week; no row of a store whose last chosen model of orders is none of
        `tessera.btyd.MODELS`.
    """
    fits = _fits(models)
    bought, weeks_of = _by_store(days, "purchase_date", "first_purchases"), _by_store(weeks, "week_end", "week_number")
    found: list[dict[str, Any]] = []
    for store_id in sorted(fits.keys() & bought.keys() & weeks_of.keys()):
        first_days, people = bought[store_id]
        week_ends, numbers = weeks_of[store_id]
        expected = tracking(*fits[store_id], first_days, people, week_ends)
        found += [
            {"store_id": store_id, "week_number": number, "expected_orders": round(value, DIGITS)}
            for number, value in zip(numbers.tolist(), expected.tolist(), strict=True)
        ]
    return pa.Table.from_pylist(found, EXPECTATIONS)


def tracking(fit: Fit, clock: Clock, first_days: np.ndarray, people: np.ndarray, week_ends: np.ndarray) -> Floats:
    """Expected repeat purchases of all people together, up to each week's end.

    Parameters
    ----------
    fit
        A model of purchases in weeks.
    clock
        Time as the store's season makes it.
    first_days
        Days of first purchases since 1970-01-01, whole numbers, each once, rising; shape (days,).
    people
        How many bought first on each, shape (days,).
    week_ends
        Last days of weeks, on the same count of days; shape (weeks,).

    Returns
    -------
    numpy.ndarray
        Shape (weeks,): the sum over first days d up to the week's end w of people(d) * E[X((w + 1 - d) / 7)], where X(t) are
        the repeat orders in the time t after the first. The week is over when the day after its last begins, as the models
        count ages to the day of as_of, which has only begun.

    Notes
    -----
    The tracking plot of Fader, Hardie and Lee (2005, "Counting your customers" the easy way).
    """
    over = week_ends + 1
    if not len(first_days) or not len(over):
        return np.zeros(len(over))
    start = int(first_days[0])
    days = np.arange(start, max(int(over.max()), start) + 1)
    weeks_so_far = np.append(0, np.cumsum(clock.index(days[:-1]))) / DAYS_PER_WEEK
    grid = np.arange(int(np.ceil(weeks_so_far[-1] * DAYS_PER_WEEK - 1e-6)) + 1) / DAYS_PER_WEEK
    curve, since = expected_orders_of_new(fit, grid), weeks_so_far[first_days[first_days <= days[-1]] - start]
    known = np.searchsorted(first_days, over)
    return np.array(
        [
            people[:n] @ np.interp(weeks_so_far[end - start] - since[:n], grid, curve) if n else 0.0
            for end, n in zip(over, known, strict=True)
        ]
    )


def _fits(models: pa.Table) -> dict[str, tuple[Fit, Clock]]:
    """Store -> the model of orders that was chosen last, where that is a buy-till-you-die model, and its clock."""
    found = {}
    for store_id, rows in current_rows(models).items():
        season = next((read(json.loads(row["parameters"])) for row in rows if row["target"] == SEASON), None)
        for row in filter(_is_fit, rows):
            fit = restored(row["model"], MODELS[row["model"]].parameters, json.loads(row["parameters"]))
            found[store_id] = fit, Clock(season=season) if season else CALENDAR
    return found


def _is_fit(row: Mapping[str, Any]) -> bool:
    return row["target"] == ORDERS and row["is_chosen"] and row["model"] in MODELS


def _by_store(rows: pa.Table, day: str, number: str) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Store -> days, as whole numbers and rising, and what stands beside each."""
    rows = rows.select(["store_id", day, number]).sort_by([("store_id", "ascending"), (day, "ascending")])
    if not rows.num_rows:
        return {}
    stores = rows["store_id"].to_numpy()
    days = rows[day].cast(pa.date32()).cast(pa.int32()).to_numpy().astype(np.int64)
    numbers = rows[number].cast(pa.int64()).to_numpy()
    starts = np.flatnonzero(np.r_[True, stores[1:] != stores[:-1]])
    pieces = zip(np.split(days, starts[1:]), np.split(numbers, starts[1:]), strict=True)
    return dict(zip(stores[starts].tolist(), pieces, strict=True))
