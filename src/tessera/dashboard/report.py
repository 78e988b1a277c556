"""A store's main numbers and pictures as one HTML file without scripts and without the network, to be mailed and kept."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from tessera.dashboard import charts, looks, queries
from tessera.dashboard.charts import Chart
from tessera.dashboard.sentences import definition, within
from tessera.pictures.canvas import heading, words
from tessera.warehouse import Marts, WarehouseError

_DAYS, _WIDTH, _MOST = 90, 760, 15
_STATES = ["active_customers", "lapsing_customers", "at_risk_customers", "churned_customers", "prospect_customers"]
_CONFIG = {
    "font": "sans-serif",
    "range": {"category": looks.LIGHT},
    "mark": {"color": looks.LIGHT[0]},
    "view": {"stroke": None},
    "axis": {"gridColor": "#e6e8eb", "labelColor": looks.QUIET, "titleColor": looks.QUIET, "titleFontWeight": "normal"},
}
_STYLE = f"""
:root {{ color-scheme: light; }}
body {{ font: 16px/1.5 system-ui, sans-serif; color: {looks.INK}; background: {looks.PAPER}; }}
main {{ margin: 2rem auto; max-width: 50rem; padding: 0 1rem; }}
h1, h2 {{ line-height: 1.2; }}
h2 {{ margin-top: 2.5rem; }}
p.note {{ color: {looks.QUIET}; margin: .25rem 0 1rem; }}
ul.cards {{ list-style: none; display: flex; flex-wrap: wrap; gap: 1rem; padding: 0; }}
ul.cards li {{ flex: 1 1 9rem; border: 1px solid #d9dce1; border-radius: .4rem; padding: .75rem 1rem; }}
ul.cards strong {{ display: block; font-size: 1.6rem; font-variant-numeric: tabular-nums; }}
figure {{ margin: 0; overflow-x: auto; }}
figure svg {{ max-width: 100%; height: auto; }}
div.table {{ overflow-x: auto; }}
table {{ border-collapse: collapse; font-size: .9rem; }}
th, td {{ text-align: left; padding: .3rem .8rem .3rem 0; border-bottom: 1px solid #e6e8eb; vertical-align: top; }}
td.number, th.number {{ text-align: right; font-variant-numeric: tabular-nums; }}
"""
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Customers and segments</title>
<style>{style}</style>
</head>
<body>
<main>
{parts}
</main>
</body>
</html>
"""


def report(marts: Marts, store: str | None = None) -> str:
    """Write the report.

    Parameters
    ----------
    marts
        Open marts.
    store
        A store_id; every store by default.

    Returns
    -------
    str
        A whole HTML page.

    Raises
    ------
    WarehouseError
        If the store or a mart is not there.
    """
    rows = queries.stores(marts).to_pylist()
    chosen = [row for row in rows if store in (None, row["store_id"])]
    if not chosen:
        known = ", ".join(row["store_id"] for row in rows) or "none"
        raise WarehouseError(f"There is no store '{store}'; there are {known}")
    parts = "\n".join(part for row in chosen for part in _store(marts, row))
    return _PAGE.format(style=_STYLE, parts=parts)


def _store(marts: Marts, row: dict[str, Any]) -> Iterator[str]:
    """The parts of a store."""
    store, night, currency = row["store_id"], row["updated_at"], row["currency"] or ""
    since = night.date() - timedelta(days=_DAYS)
    yield f"<h1>{_text(row['name'] or store)}</h1>"
    zone = _text(row["timezone"])
    yield f'<p class="note">As of the night of {night.date()}, days and hours in {zone}, money in {_text(currency)}.</p>'
    yield from _cards(queries.cards(marts, store), currency)
    yield from _days(queries.days(marts, store, queries.STORE, since))
    yield from _segments(queries.segments(marts, store))
    yield from _table(
        f"Campaigns of {_DAYS} days by last touch", queries.campaigns(marts, store, since, "last_touch").slice(0, _MOST)
    )
    monthly = queries.retention(marts, store, "month")
    first_year = monthly.filter(pc.less_equal(monthly["period_number"], 12))
    yield from _figure(
        "Retention",
        first_year,
        lambda: charts.heat(first_year, "period_number", "cohort", "retention_rate", "Share who ordered in each month"),
        "Share of a cohort's customers who ordered in the n-th month after they were won.",
    )
    funnel = queries.funnel(marts, store)
    entered = "People who entered each stage"
    waited = pc.sum(funnel["entered_by_waiting"]).as_py() or 0
    said = f"{entered}; {waited:,} of them because days passed after an order, and not by anything that they did."
    yield from _figure("Journey", funnel, lambda: charts.bars(funnel, "stage", "entered", entered), said)
    yield from _kinds(queries.axes(marts, store))
    yield from _predictions(marts, store, currency)
    yield from _table("What became of the rows that came in", queries.quality(marts, store))


def _cards(table: pa.Table, currency: str) -> Iterator[str]:
    for row in table.to_pylist():
        change = "" if row["revenue_change_28d"] is None else f" ({row['revenue_change_28d']:+.1%} on the 28 days before)"
        cards = {
            "Total segments": f"{row['total_segments']:,}",
            "Total memberships": f"{row['total_members']:,}",
            "Customers": f"{row['total_customers'] or 0:,}",
            "Active segments": f"{row['active_segments']:,}",
            "Average size": f"{row['average_size'] or 0:,.1f}",
        }
        items = "".join(f"<li>{name}<strong>{value}</strong></li>" for name, value in cards.items())
        yield f'<ul class="cards">{items}</ul>'
        revenue = f"{row['revenue_28d'] or 0:,.2f} {_text(currency)}"
        yield f"<p>Revenue of the 28 days to {row['activity_date']}: <b>{revenue}</b>{change}.</p>"


def _days(days: pa.Table) -> Iterator[str]:
    whole = days.filter(days["is_whole_day"])
    yield from _figure(
        "Revenue",
        whole,
        lambda: charts.lines(whole, "activity_date", ["revenue"], "Revenue by day", ",.0f", smooth=7),
        f"By day, the last {_DAYS} days: faint the days, strong the mean of seven.",
    )
    states = "Customers by state and day"
    yield from _figure("Customers by state", whole, lambda: charts.areas(whole, "activity_date", _STATES, states), "By day.")


def _segments(table: pa.Table) -> Iterator[str]:
    largest = table.filter(pc.is_valid(table["rules"])).slice(0, _MOST)
    sizes = largest.select(["name", "member_count", "average_value"])
    yield from _figure(
        "Segments",
        sizes,
        lambda: charts.bars(sizes, "name", "member_count", "Members of each segment"),
        f"Those of rules, the {_MOST} largest.",
    )
    who = [definition(rules) for rules in largest["rules"].to_pylist()]
    yield from _table("Who is in them", sizes.append_column("definition", pa.array(who, pa.string())))


def _kinds(axes: pa.Table) -> Iterator[str]:
    named = [heading(name) for name in axes["axis_name"].to_pylist()]
    table = axes.select(["segment_name", "customer_count", "population_percentage"])
    yield from _table("Kinds of customers", table.add_column(0, "axis", pa.array(named, pa.string())))


def _predictions(marts: Marts, store: str, currency: str) -> Iterator[str]:
    for row in queries.expected(marts, store).to_pylist():
        yield "<h2>Predictions</h2>"
        yield (
            f"<p>In 90 days <b>{row['expected_orders'] or 0:,.0f} orders</b>"
            f"{within(row['expected_orders_low'], row['expected_orders_high'])} are expected of {row['customers']:,} people, and "
            f"<b>{row['expected_value_1year'] or 0:,.2f} {_text(currency)}</b> in a year. "
            "Several orders of one person on one day count as one.</p>"
        )
    tenths = queries.calibration(marts, store)
    churn = tenths.filter(pc.equal(tenths["target"], "churn"))
    yield from _figure(
        "Churn: predicted and actual",
        churn,
        lambda: charts.calibrated(churn, "Predicted and actual churn by tenths of people", ".0%"),
        "On days that the model had not seen: bars are what came, circles what was predicted.",
    )
    weeks = queries.tracking(marts, store)
    orders = ["actual_orders", "expected_orders"]
    yield from _figure(
        "Repeat purchases",
        weeks,
        lambda: charts.lines(weeks, "week_end", orders, "Repeat purchases since the first week", ",.0f"),
        "Since the store's first week: as they were, and as the chosen model expects them.",
    )
    yield from _table("Value at stake", queries.at_risk(marts, store, personal=False).slice(0, 10))


def _figure(title: str, table: pa.Table, draw: Callable[[], Chart], note: str) -> Iterator[str]:
    """A picture under its heading; a sentence where there is nothing to draw."""
    yield f"<h2>{_text(title)}</h2>"
    if not table.num_rows:
        yield '<p class="note">There is nothing to show yet.</p>'
        return
    chart = draw()
    yield f'<p class="note">{_text(note)}</p>\n<figure role="img" aria-label="{_text(chart.description)}">{_svg(chart)}</figure>'


def _svg(chart: Chart) -> str:
    """A chart as SVG."""
    import vl_convert

    spec = chart.properties(width=_WIDTH).to_dict()
    spec["config"] = {**spec.get("config", {}), **_CONFIG}
    return str(vl_convert.vegalite_to_svg(spec))


def _table(title: str, table: pa.Table) -> Iterator[str]:
    """Rows under their heading."""
    yield f"<h2>{_text(title)}</h2>"
    if not table.num_rows:
        yield '<p class="note">There is nothing to show yet.</p>'
        return
    numeric = {field.name for field in table.schema if pa.types.is_integer(field.type) or pa.types.is_floating(field.type)}
    head = "".join(f'<th scope="col"{_number(name in numeric)}>{_text(heading(name))}</th>' for name in table.column_names)
    body = "\n".join(
        "<tr>" + "".join(f"<td{_number(name in numeric)}>{_cell(name, value)}</td>" for name, value in row.items()) + "</tr>"
        for row in table.to_pylist()
    )
    yield f'<div class="table"><table><thead><tr>{head}</tr></thead><tbody>\n{body}\n</tbody></table></div>'


def _number(is_number: bool) -> str:
    return ' class="number"' if is_number else ""


def _cell(name: str, value: object) -> str:
    """A value as people read it."""
    if value is None:
        return ""
    if isinstance(value, datetime | date):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, float):
        return f"{value:.1%}" if name.endswith(("percentage", "probability", "score")) else f"{value:,.2f}"
    if isinstance(value, int):
        return f"{value:,}"
    return _text(words(str(value)) if name == "table_name" else str(value))


def _text(value: object) -> str:
    return html.escape(str(value))
