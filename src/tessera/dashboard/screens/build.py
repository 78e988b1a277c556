"""The segment builder: rules to pick, whom they would have tonight, and the rows that make the segment. It writes nothing."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import streamlit as st

from tessera.dashboard import building, charts, queries
from tessera.dashboard.building import BEHAVIOR, Builder, Draft
from tessera.dashboard.sentences import joined, sentence
from tessera.dashboard.view import View, figure
from tessera.pictures.canvas import words
from tessera.seeds import SeedError

_ACTS = "what they did"
_GROUPS = ["always", "1", "2", "3", "4"]
_HINTS = {
    "number": "100, or 1..5 for between, or 1|2 for in",
    "timestamp": "90 days ago, or 2025-01-31",
    "text": "as the data has it; a|b for in",
    "list": "one of the list",
}
Row = dict[str, Any]


# one for all who look
builder = st.cache_resource(Builder)


def show(view: View) -> None:
    """Show a draft, what is wrong with it or whom it would have, and its rows."""
    try:
        compiler = builder(Path(os.environ.get("TESSERA_PROJECT") or "."), view.read.target, str(view.night))
    except SeedError as error:
        st.info(f"{error}.", icon=":material/info:")
        return
    st.markdown(
        "Pick rules and see at once whom they would have **tonight**. Rules in the group *always* must all hold; of the numbered "
        "groups one must, with all of its rules. Nothing is written: commit the rows below, and the next night makes the segment."
    )
    _start(view)
    left, right = st.columns(2)
    name = left.text_input("Name", key="draft_name", placeholder="Loyal runners")
    description = right.text_input("Description", key="draft_description", placeholder="What it is for")
    fields = compiler.fields()
    rules = [_rule(compiler, fields, number) for number in st.session_state["draft_rows"]]
    if st.button("Add a rule", icon=":material/add:"):
        st.session_state["draft_rows"].append(max(st.session_state["draft_rows"], default=0) + 1)
        st.rerun()
    draft = building.draft(name, description, rules)
    if not draft.rules:
        st.info("A segment needs a rule: add one.", icon=":material/info:")
        return
    read, problems = compiler.read(draft)
    if problems:
        st.warning("  \n".join(f"{problem}." for problem in problems), icon=":material/rule:")
        return
    st.markdown(f"**Who is in it:** {sentence(joined(rules))}.")
    _preview(view, compiler, read)
    _rows(compiler, draft)


def _start(view: View) -> None:
    """Begin with the rules of the segment that the address names, or with one rule."""
    source = st.query_params.get("from", "")
    if st.session_state.get("draft_from") == source:
        return
    rows: list[Row] = [{"field": "total_orders", "operator": "greater_or_equal", "value": "2"}]
    for segment in view.ask(queries.segments).to_pylist():
        if segment["segment_id"] == source and segment["rules"]:
            rows = [{**rule, "rule_group": rule["group"]} for rule in json.loads(segment["rules"])]
            st.session_state["draft_name"] = f"{segment['name']} (mine)"
    st.session_state["draft_from"] = source
    st.session_state["draft_rows"] = list(range(1, len(rows) + 1))
    for number, row in enumerate(rows, start=1):
        is_act = row["operator"] in BEHAVIOR
        st.session_state.update(
            {
                f"group_{number}": row.get("rule_group") or "always",
                f"field_{number}": _ACTS if is_act else row["field"],
                f"operator_{number}": row["operator"],
                f"value_{number}": row.get("value") or "",
                f"event_{number}": row.get("event_type") or "product_view",
                f"count_{number}": int(row.get("min_count") or 1),
                f"days_{number}": int(row.get("lookback_days") or 30),
            }
        )


def _rule(compiler: Builder, fields: dict[str, dict[str, str]], number: int) -> Row:
    """One rule's widgets, and the rule that they say."""
    names = [_ACTS, *fields]
    st.session_state.setdefault(f"field_{number}", "total_revenue")
    groups = list(dict.fromkeys([*_GROUPS, str(st.session_state.get(f"group_{number}", "always"))]))
    with st.container(border=True):
        group, field, operator, value, last = st.columns([2, 5, 3, 5, 1], vertical_alignment="bottom")
        group_name = group.selectbox(
            "Group", groups, key=f"group_{number}", help="always, or one of the groups of which one must hold"
        )
        field_name = field.selectbox(
            "Field",
            names,
            format_func=lambda key: words(key.replace(".", " on ")),
            key=f"field_{number}",
            help=_ACTS
            if st.session_state[f"field_{number}"] == _ACTS
            else fields[st.session_state[f"field_{number}"]]["description"],
        )
        is_act = field_name == _ACTS
        known = list(BEHAVIOR) if is_act else compiler.operators(fields[field_name]["field_type"])
        if st.session_state.get(f"operator_{number}") not in known:
            st.session_state[f"operator_{number}"] = known[0]
        chosen = operator.selectbox("Operator", known, format_func=words, key=f"operator_{number}")
        rule: Row = {"rule_group": None if group_name == "always" else group_name, "operator": chosen}
        if is_act:
            with value:
                rule["event_type"] = st.selectbox("Event", compiler.event_types(), format_func=words, key=f"event_{number}")
                rule["min_count"] = str(st.number_input("At least, times", 1, 1_000_000, key=f"count_{number}"))
                rule["lookback_days"] = str(st.number_input("In so many days", 1, 10_000, key=f"days_{number}"))
        else:
            rule["field"] = field_name
            kind = fields[field_name]["field_type"]
            if chosen not in ("is_null", "is_not_null", "exists"):
                if kind == "boolean":
                    if st.session_state.get(f"value_{number}") not in ("true", "false"):
                        st.session_state[f"value_{number}"] = "true"
                    rule["value"] = value.selectbox("Value", ["true", "false"], key=f"value_{number}")
                else:
                    rule["value"] = value.text_input("Value", key=f"value_{number}", placeholder=_HINTS.get(kind, ""))
        if last.button("", icon=":material/delete:", key=f"remove_{number}", help=f"Remove rule {number}"):
            st.session_state["draft_rows"].remove(number)
            st.rerun()
    return rule


def _preview(view: View, compiler: Builder, read: list[Row]) -> None:
    """Show whom a draft would have."""
    try:
        people = compiler.people(read)
    except SeedError as error:
        st.info(f"{error}. The rows below are right all the same.", icon=":material/info:")
        return
    found = view.ask(building.preview, people).to_pylist()[0]
    cards = st.columns(4)
    cards[0].metric("Members tonight", f"{found['members']:,}", border=True)
    share = found["members"] / found["people"] if found["people"] else 0
    cards[1].metric("Of all people", f"{share:.1%}", border=True, help=f"Of {found['people']:,}")
    cards[2].metric("Revenue so far", f"{found['revenue'] or 0:,.0f} {view.currency}", border=True)
    cards[3].metric(
        "Average value", "unknown" if found["average_value"] is None else f"{found['average_value']:,.2f}", border=True
    )
    table = view.ask(building.shared, people)
    figure(
        "Shared with segments there are",
        table,
        lambda: charts.bars(table, "name", "shared_rate", "Share of the draft's members who are in a segment already", ".0%", 12),
        "No segment that there is has one of these people.",
    )


def _rows(compiler: Builder, draft: Draft) -> None:
    """Show the rows to commit."""
    st.subheader("Rows to commit", anchor=False)
    st.caption("Append each to its file; `tessera check` looks at them again, and the next night makes the segment.")
    for path, lines in compiler.rows(draft).items():
        st.markdown(f"`{path}`")
        st.code(lines, language=None)
