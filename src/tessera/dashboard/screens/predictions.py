"""Predictions: whom the store may lose, what all will order, and how right the models were."""

from __future__ import annotations

from functools import partial

import pyarrow as pa
import pyarrow.compute as pc
import streamlit as st

from tessera.dashboard import charts, queries
from tessera.dashboard.sentences import within
from tessera.dashboard.view import View, figure, go, listed, part
from tessera.pictures.canvas import heading, words

_CHANCES = ("churn", "first_order", "upgrade")
_MISSING = "The store has no models of predictions yet: they are fitted in the night after its first order."


def show(view: View) -> None:
    """Show predictions, and how they were held against what came."""
    _total(view)
    with part():
        days = view.ask(queries.forecast)
        figure(
            "Revenue of the next 90 days",
            days,
            lambda: charts.band(
                days, "forecast_date", "expected_revenue", "revenue_low", "revenue_high", "Revenue that is expected of each day"
            ),
            "Less than two weeks of the store are known, or it sold nothing in 90 days.",
            f"By day, in {view.currency}: the line is expected, the band has four days of five",
        )
    people = view.ask(queries.at_risk, view.personal)
    chosen = listed(
        "Value at stake",
        people,
        "Nobody has ordered yet.",
        "What the next year is expected to bring, times the probability of no order in 90 days. Choose a row to see why.",
        "stake",
    )
    if chosen:
        go("person", view, person=chosen["person"])
    _calibration(view.ask(queries.calibration))
    weeks = view.ask(queries.tracking)
    figure(
        "Repeat purchases",
        weeks,
        lambda: charts.lines(
            weeks, "week_end", ["actual_orders", "expected_orders"], "Repeat purchases since the first week", ",.0f"
        ),
        "No whole week with a fitted model of orders.",
        "Since the store's first week: as they were, and as the chosen model expects them",
    )
    listed("Which model, and why", view.ask(queries.models), _MISSING)


def _calibration(table: pa.Table) -> None:
    """Show what was predicted beside what came, for every target."""
    st.header("How right the models were", anchor=False)
    st.caption("On days that they had not seen: bars are what came, circles what was predicted; the nearer, the better")
    if not table.num_rows:
        st.info(_MISSING, icon=":material/info:")
        return
    places = st.columns(2)
    for number, target in enumerate(pc.unique(table["target"]).to_pylist()):
        part = table.filter(pc.equal(table["target"], target)).drop_columns(["target"])
        written = ".0%" if target in _CHANCES else ",.2f"
        title = f"Predicted and actual {words(target)} by tenths of people"
        with places[number % 2]:
            heard = f"{heading(target)}, by {part['model_name'][0]}"
            figure(heard, part, partial(charts.calibrated, part, title, written), _MISSING)


def _total(view: View) -> None:
    """Say what all people together will order."""
    for row in view.ask(queries.expected).to_pylist():
        more, weeks = row["newcomer_orders"] or 0, row["forecast_orders"]
        interval = within(row["expected_orders_low"], row["expected_orders_high"])
        st.markdown(
            f"In the next 90 days **{row['expected_orders'] or 0:,.0f} orders**{interval} are expected of the "
            f"{row['customers']:,} people who have ordered, and {more:,.0f} of new ones. "
            + ("" if weeks is None else f"The store's own weeks point to {weeks:,.0f}. ")
            + "Several orders of one person on one day count as one. "
            + f"In a year they are expected to bring **{view.money(row['expected_value_1year'])}**."
        )
