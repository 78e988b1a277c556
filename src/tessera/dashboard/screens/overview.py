"""The first page: cards on top, and what segments, days, cohorts and journeys say."""

from __future__ import annotations

import streamlit as st

from tessera.dashboard import queries
from tessera.dashboard.screens import analytics, cohorts, journeys, segments
from tessera.dashboard.view import View

TABS = {"Segments": segments.show, "Analytics": analytics.show, "Cohorts": cohorts.show, "Journeys": journeys.show}


def show(view: View) -> None:
    """Show the cards and the tab that is open."""
    found = view.ask(queries.cards).to_pylist()
    if found:
        numbers = found[0]
        cards = st.columns(5)
        cards[0].metric("Total segments", f"{numbers['total_segments']:,}", border=True)
        cards[1].metric(
            "Total memberships", f"{numbers['total_members']:,}", border=True, help="A person counts in each of their segments"
        )
        cards[2].metric(
            "Customers", f"{numbers['total_customers'] or 0:,}", border=True, help="Known by more than a device, or with an order"
        )
        cards[3].metric("Active segments", f"{numbers['active_segments']:,}", border=True, help="Segments that have members")
        cards[4].metric("Average size", f"{numbers['average_size'] or 0:,.1f}", border=True, help="Members per active segment")
        change = numbers["revenue_change_28d"]
        beside = "" if change is None else f", {change:+.1%} on the 28 days before"
        st.caption(f"Revenue of the 28 days to {numbers['activity_date']}: **{view.money(numbers['revenue_28d'])}**{beside}.")
    else:
        st.info("The store has no day yet: cards follow its first order or event.", icon=":material/info:")
    opened = st.tabs(list(TABS), key="tab", on_change="rerun", bind="query-params")
    for tab, draw in zip(opened, TABS.values(), strict=True):
        if tab.open:
            with tab:
                draw(view)
