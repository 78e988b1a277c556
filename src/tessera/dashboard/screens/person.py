"""One person: profile, predictions and what drove them, scores and why, fingerprint, recommendations, segments, timeline."""

from __future__ import annotations

import json

import pyarrow as pa
import pyarrow.compute as pc
import streamlit as st

from tessera.dashboard import charts, queries
from tessera.dashboard.view import View, figure, listed, part, rows
from tessera.pictures.canvas import words

_SCORES = {
    "engagement_score": "Engagement",
    "wtp_score": "Willingness to pay",
    "lead_score": "Readiness",
    "health_score": "Health",
}


def show(view: View) -> None:
    """Show the person who is asked for."""
    hint = "A customer id as other pages show it" + (", or an e-mail address" if view.personal else "")
    text = st.text_input("Person", key="person", bind="query-params", placeholder=hint, help=hint).strip()
    if not text:
        st.info("Choose somebody on the pages Segments or Predictions, or write an id.", icon=":material/person_search:")
        return
    found = view.ask(queries.find_person, text, view.personal).to_pylist()
    if not found:
        st.warning(f"The store has nobody called '{text}'.", icon=":material/person_off:")
        return
    customer = found[0]["customer_id"]
    _profile(view, view.ask(queries.profile, customer, view.personal).to_pylist()[0])
    _predictions(view, customer)
    points = view.ask(queries.contributions, customer)
    listed(
        "Why the scores are so",
        points.drop_columns(["rule_id"]),
        "No rule of any score is met.",
        "The rules that are met, and their points",
    )
    marks = view.ask(queries.fingerprint, customer)
    figure(
        "Fingerprint",
        marks.drop_columns(["axis_number", "segment_number"]),
        lambda: charts.shares(marks, "How much of each kind this person is, on every axis"),
        "This person is on no axis: most take an order, and people who asked not to be tracked are on none.",
        "How much of each kind, on every axis; the dominant kind is named",
    )
    with part():
        listed(
            "Recommendations",
            view.ask(queries.recommendations, customer),
            "Nothing is recommended: that takes products that were bought, and who asked not to be tracked gets none.",
            "Products that they may want, and why",
        )
    spells = view.ask(queries.memberships, customer)
    spells = spells.filter(pc.not_equal(spells["segment_type"], "axis"))
    listed("Segments", spells.drop_columns(["segment_id"]), "This person is in no segment.")
    listed(
        "Timeline",
        view.ask(queries.timeline, customer),
        "Nothing is known of this person.",
        "The latest first; of marts, not of single events",
    )


def _profile(view: View, row: dict[str, object]) -> None:
    """Show who somebody is, in sentences and cards."""
    if view.personal:
        known = {name: [str(row[name])] for name in queries.PERSONAL if row[name] not in (None, "", "{}")}
        # a table: text of the shop is no markup of the page
        rows(pa.table(known or {"nothing_personal_is_known": [""]}), key=None)
    else:
        st.caption("Names and addresses are hidden: start with --show-personal to see them.")
    orders, revenue = row["total_orders"], row["total_revenue"]
    stage, group = row["lifecycle_stage"], row["rfm_segment"]
    st.markdown(
        f"**{words(str(stage)).capitalize()}**{f', {group}' if group else ''}. {orders} orders worth "
        f"**{view.money(revenue if isinstance(revenue, float) else None)}**; first seen {_day(row['first_seen_at'])}, "
        f"last seen {_day(row['last_seen_at'])}, last order {_day(row['last_order_at'])}."
    )
    cards = st.columns(5)
    churn = row["churn_risk"]
    cards[0].metric(
        "Churn risk", f"{churn:.0%}" if isinstance(churn, float) else "unknown", border=True, help="No order in the next 90 days"
    )
    for card, (name, label) in zip(cards[1:], _SCORES.items(), strict=True):
        card.metric(label, "unknown" if row[name] is None else str(row[name]), border=True, help="0 to 100")


def _predictions(view: View, customer: str) -> None:
    """Show what is expected, and what drove it."""
    table = view.ask(queries.predictions, customer)
    drivers = pa.array([_drivers(text) for text in table["features_used"].to_pylist()], pa.string())
    table = table.drop_columns(["features_used"]).add_column(2, "what_drove_it", drivers)
    listed(
        "Predictions",
        table,
        "Nothing is predicted: that takes an order, or a model of first orders.",
        "With what is known of each",
    )


def _drivers(features: str | None) -> str:
    """What a model knew of a person, in words."""
    known = json.loads(features) if features else {}
    return ", ".join(
        f"{words(name)} {value:,.4g}" if isinstance(value, int | float) else f"{words(name)} {value}"
        for name, value in known.items()
    )


def _day(moment: object) -> str:
    return f"{moment:%Y-%m-%d}" if moment is not None else "never"
