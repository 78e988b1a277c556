"""Journeys: how far people come, where they stop, and how they went."""

from __future__ import annotations

import streamlit as st

from tessera.dashboard import charts, queries
from tessera.dashboard.view import View, figure, listed

_MISSING = "Nobody was seen yet: journeys begin with the first event, visit or order."


def show(view: View) -> None:
    """Show the funnel and the transitions."""
    funnel = view.ask(queries.funnel)
    figure(
        "Funnel",
        funnel,
        lambda: charts.bars(funnel, "stage", "entered", "People who entered each stage of the journey"),
        _MISSING,
        "People who entered each stage",
    )
    listed(
        "Stages",
        funnel.drop_columns(["stage_rank"]),
        _MISSING,
        "Who is there now, who reached the next stage, and after how many days. Entered by waiting: days passed after an order",
    )
    moves = view.ask(queries.transitions)
    left, right = st.columns(2)
    with left:
        figure(
            "Transitions",
            moves,
            lambda: charts.heat(moves, "to_stage", "stage", "people", "People who went from one stage to another", ",.0f"),
            "Nobody went from one stage to another yet.",
            "From the stage on the left to the one below",
        )
    with right:
        here = funnel.select(["stage", "current_customers"])
        figure(
            "Who is where now",
            here,
            lambda: charts.bars(here, "stage", "current_customers", "People in each stage tonight"),
            _MISSING,
        )
