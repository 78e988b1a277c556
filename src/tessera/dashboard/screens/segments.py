"""Segments: which there are, what defines them, who is in them, since when, and what they share."""

from __future__ import annotations

import pyarrow as pa
import streamlit as st

from tessera.dashboard import charts, queries
from tessera.dashboard.sentences import definition
from tessera.dashboard.view import View, choose, figure, go, listed

_KINDS = ("Rules and lists", "Axes", "Clusters")


def show(view: View) -> None:
    """Show all segments, and one of them."""
    every = view.ask(queries.segments)
    kind = st.segmented_control("Kinds of segments", _KINDS, default=_KINDS[0], required=True, key="kind", bind="query-params")
    table = every.filter(pa.array([_kind(row) == kind for row in every.to_pylist()], pa.bool_()))
    sizes = table.select(["name", "segment_type", "member_count", "average_value"])
    figure(
        "Members",
        sizes,
        lambda: charts.bars(sizes, "name", "member_count", "Members of each segment, the largest first", most=15),
        "There are none of this kind. Rules are rows of seeds/rules and seeds/custom; axes and clusters need a hundred people.",
    )
    if not table.num_rows:
        return
    names = {str(row["segment_id"]): row for row in table.to_pylist()}
    labels = {key: f"{row['name']} ({row['member_count']:,})" for key, row in names.items()}
    _one(view, names[choose("Segment", labels, "segment")])


def _kind(segment: dict[str, object]) -> str:
    """Where a segment comes from."""
    if segment["segment_type"] == "axis":
        return "Axes"
    return "Clusters" if segment["segment_type"] == "ml_based" and segment["rules"] is None else "Rules and lists"


def _one(view: View, segment: dict[str, object]) -> None:
    """Show a segment."""
    key = str(segment["segment_id"])
    st.header(str(segment["name"]), anchor=False)
    if segment["description"]:
        st.markdown(str(segment["description"]))
    rules = segment["rules"]
    st.markdown(f"**Who is in it:** {definition(str(rules) if rules else None)}.")
    if rules and st.button("Build another from this one", icon=":material/build:", key="build"):
        go("build", view, **{"from": key})
    left, right = st.columns(2)
    with left:
        history = view.ask(queries.segment_days, key, view.since)
        figure(
            "Members by day",
            history,
            lambda: charts.lines(history, "activity_date", ["members"], f"Members of {segment['name']} by day", ",.0f"),
            "No night of this period has counted members by day: days of segments begin with the first night, and "
            "`tessera replay` plays earlier ones.",
        )
    with right:
        shared = view.ask(queries.overlaps, key)
        figure(
            "Shared with other segments",
            shared,
            lambda: charts.bars(shared, "name", "shared_rate", "Share of members who are in another segment too", ".0%", 10),
            "No other segment has one of its members. Segments of axes are not compared.",
        )
    moves = view.ask(queries.movements, key)
    listed(
        "Who came and went", moves, "Nobody entered or left yet: the second night is the first that can tell.", "Reasons by night"
    )
    people = view.ask(queries.members, key, view.personal)
    chosen = listed(
        "People",
        people,
        "Nobody is in it tonight.",
        "Those worth most first, at most 500. Choose a row to see the person.",
        "people",
    )
    if chosen:
        go("person", view, person=chosen["person"])


def chosen_names(table: pa.Table) -> dict[str, str]:
    """Ids of segments and their names."""
    return dict(zip(table["segment_id"].to_pylist(), table["name"].to_pylist(), strict=True))
