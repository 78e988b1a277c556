"""The axes: which kinds of customers there are on each, how they differ, and how sure that is."""

from __future__ import annotations

import pyarrow.compute as pc
import streamlit as st

from tessera.dashboard import charts, queries
from tessera.dashboard.view import View, choose, figure, listed
from tessera.pictures.canvas import heading, words

_MISSING = "Nobody of the store is on an axis yet: most axes take an order, and a hundred people who have one."


def show(view: View) -> None:
    """Show one axis, and the archetypes of all."""
    every = view.ask(queries.axes)
    if not every.num_rows:
        st.info(_MISSING, icon=":material/info:")
        return
    axis = choose("Axis", {name: heading(name) for name in every["axis_name"].to_pylist()}, "axis")
    table = every.filter(pc.equal(every["axis_name"], axis))
    st.markdown(_sentence(table.to_pylist()[0]))
    left, right = st.columns(2)
    with left:
        figure(
            "Sizes",
            table.select(["segment_name", "customer_count", "population_percentage"]),
            lambda: charts.bars(
                table, "segment_name", "population_percentage", f"Share of people in each kind of {words(axis)}", ".0%"
            ),
            _MISSING,
            "Share of the people on the axis",
        )
    with right:
        centres = queries.centres(table)
        figure(
            "How they differ",
            centres,
            lambda: charts.heat(centres, "segment_name", "feature", "centre", "Centres of each kind", "+.1f", diverging=True),
            _MISSING,
            "Centres in standard deviations from everybody's mean",
        )
    listed(
        "In words",
        table.select(["segment_name", "interpretation", "customer_count", "drift_velocity"]),
        _MISSING,
        "Drift: how far a centre moves in a week, in standard deviations",
    )
    listed(
        "Archetypes",
        view.ask(queries.archetypes),
        "No combination of kinds is frequent enough to be an archetype.",
        "The most frequent combinations of kinds on several axes",
    )


def _sentence(row: dict[str, object]) -> str:
    """How sure the kinds of an axis are."""
    kinds = "people differ by degrees: its kinds are parts of a scale" if row["is_gradual"] else "people fall into kinds"
    silhouette = row["silhouette"]
    apart = (
        ""
        if silhouette is None
        else f" The mean silhouette is {silhouette:.2f}{', which is low' if row['is_low_quality'] else ''}."
    )
    return f"On this axis {kinds}.{apart} Last fitted on {row['last_fitted_at']:%Y-%m-%d}."
