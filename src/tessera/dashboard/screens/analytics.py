"""Days: revenue, customers by state and rates of the store or of a segment, how segments do, and what campaigns bring."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc
import streamlit as st

from tessera.dashboard import charts, queries
from tessera.dashboard.screens.segments import chosen_names
from tessera.dashboard.view import View, choose, figure, listed, part

_STATES = ["active_customers", "lapsing_customers", "at_risk_customers", "churned_customers", "prospect_customers"]
_RATES = ["conversion_rate", "bounce_rate", "repeat_purchase_rate"]
_NO_DAYS = (
    "No day of this period is counted. Days of the store begin with its first fact, those of a segment with the first night."
)


def show(view: View) -> None:
    """Show the days of a period."""
    performance = view.ask(queries.performance, view.since)
    names = {queries.STORE: "The whole store", **chosen_names(performance)}
    segment = choose("Days of", names, "days_of")
    days = view.ask(queries.days, segment, view.since)
    whole = days.filter(days["is_whole_day"])
    of = names[segment].lower() if segment == queries.STORE else names[segment]
    figure(
        "Revenue",
        whole.select(["activity_date", "revenue", "total_purchases", "avg_order_value"]),
        lambda: charts.lines(whole, "activity_date", ["revenue"], f"Revenue of {of} by day", ",.0f", smooth=7),
        _NO_DAYS,
        f"By day, in {view.currency}: faint the days, strong the mean of seven",
    )
    figure(
        "Customers by state",
        whole.select(["activity_date", "new_customers", *_STATES]),
        lambda: charts.areas(whole, "activity_date", _STATES, f"Customers of {of} by state and day"),
        _NO_DAYS,
        "Active: in 30 days. At risk: ordered before, silent for 60 to 180 days. Churned: for longer. Prospects never ordered.",
    )
    figure(
        "Rates",
        whole.select(["activity_date", *_RATES]),
        lambda: charts.lines(_known(whole, _RATES), "activity_date", _RATES, f"Rates of {of} by day", ".0%", smooth=7),
        _NO_DAYS,
        "Means of seven days: visits with an order, visits that were not engaged, buyers of the day who had bought before",
    )
    with part():
        listed(
            "Out of the ordinary",
            view.ask(queries.alerts),
            "Nothing was out of the ordinary in the last 90 days.",
            "Numbers of the store, of segments and of features, beyond what chance makes; what still is first",
        )
    if segment != queries.STORE:
        _change(view, segment, of)
    figure(
        "Segments by revenue",
        performance,
        lambda: charts.bars(performance, "name", "revenue", "Revenue of each segment's members in the period", most=15),
        "No segment has a day in this period: the first night that has it is its first day.",
        "What members spent in the period, since nights say who is one; members and rates are of the last day",
    )
    listed("Segments on their last day", performance.drop_columns(["segment_id"]), "No segment has a day in this period.")
    _campaigns(view)


def _change(view: View, segment: str, name: str) -> None:
    with part():
        effects = view.ask(queries.revenue_change, segment)
        figure(
            "Why its revenue changed",
            effects,
            lambda: charts.bars(effects, "effect", "revenue", f"What changed the revenue of {name}", "+,.0f"),
            "The segment is not as old as both times: the last 28 days and the 28 before.",
            f"From the 28 days before to the last 28, in {view.currency}; parts add up to the change",
        )


def _campaigns(view: View) -> None:
    models = {name: name.replace("_", " ") for name in view.ask(queries.attribution_models)["attribution_model"].to_pylist()}
    if not models:
        st.info("No visit of the store is known: campaigns need sessions, or events with a source.", icon=":material/info:")
        return
    model = choose("Model of attribution", models, "model", "last_touch")
    table = view.ask(queries.campaigns, view.since, model)
    names = [" / ".join((row["source"], row["medium"], row["campaign"])) for row in table.to_pylist()]
    named = table.append_column("from", pa.array(names, pa.string()))
    figure(
        "Campaigns",
        table,
        lambda: charts.bars(named, "from", "net_revenue", "Net revenue that is credited to each campaign", most=15),
        "No campaign was credited in this period.",
        f"Net revenue in {view.currency} by source, medium and campaign",
    )
    listed(
        "What campaigns cost and brought back",
        table.filter(pc.is_valid(table["cost"])),
        "No cost is known in this period: campaign_costs of the raw tables has them.",
        "Return on ad spend is of kept revenue: the orders of the period that this model of attribution credits, less what "
        "came back of them since. Of the last weeks some may still come back",
    )


def _known(table: pa.Table, names: list[str]) -> pa.Table:
    """Days of which one of the columns is known."""
    keep = [any(row[name] is not None for name in names) for row in table.select(names).to_pylist()]
    return table.filter(pa.array(keep, pa.bool_()))
