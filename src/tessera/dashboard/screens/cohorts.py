"""Cohorts: how many of those who were won together come back, and what they are worth by then."""

from __future__ import annotations

import pyarrow.compute as pc
import streamlit as st

from tessera.dashboard import charts, queries
from tessera.dashboard.view import View, figure, listed

_PERIODS = ("month", "week", "quarter")
_MOST = 18


def show(view: View) -> None:
    """Show cohorts of acquisition by period, and those that are defined."""
    period = st.segmented_control(
        "Acquired in the same", _PERIODS, default="month", required=True, key="cohort", bind="query-params"
    )
    table = view.ask(queries.retention, period or "month")
    starts = pc.unique(table["started"])
    table = table.filter(pc.is_in(table["started"], starts.slice(max(0, len(starts) - _MOST))))
    missing = "Nobody was acquired yet: cohorts begin with first orders."
    figure(
        "Retention",
        table,
        lambda: charts.heat(
            table.filter(pc.less_equal(table["period_number"], 12)),
            "period_number",
            "cohort",
            "retention_rate",
            f"Share of each cohort that ordered in each {period} after the first",
        ),
        missing,
        f"Share of a cohort's customers who ordered in the n-th {period} after they were won; at most the last {_MOST} cohorts",
    )
    curves = queries.value_curves(table)
    figure(
        "Value per customer",
        curves.select(["cohort", "period_number", "customers", "cumulative_value_per_customer"]),
        lambda: charts.curves(
            curves, "period_number", "cumulative_value_per_customer", "cohort", "Value per customer of each cohort"
        ),
        f"No cohort has three {period}s behind it yet.",
        f"What a customer of a cohort has spent so far, in {view.currency}, by {period}",
    )
    every = view.ask(queries.cohorts)
    others = every.filter(pc.invert(pc.match_substring_regex(every["cohort_id"], "^acquisition-(week|month|quarter)$")))
    listed(
        "Other cohorts",
        others.select(["cohort_name", "cohort_type", "description", "member_count"]),
        "No other cohort is defined: they are rows of cohort_definitions.csv.",
    )
