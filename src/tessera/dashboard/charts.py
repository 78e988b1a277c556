"""Charts of tables of `queries`; the same ones for pages and for the report.

Colours are those of the theme (`looks`), told apart by people who see few of them; and nothing is told by colour alone: lines
have names or dashes, cells their numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias

import altair as alt
import pyarrow as pa

from tessera.pictures.canvas import heading

# a grey that can be read on both grounds
_LABEL = "#757c86"
# a blue on which white can be read
_STRONG = "#2a6fb0"
_ROW, _PLOT = alt.Step(26), 300
_NAMES = alt.Axis(labelLimit=220, labelOverlap=False, ticks=False, domain=False)
Chart: TypeAlias = alt.Chart | alt.LayerChart
_DASHES = [[1, 0], [6, 3], [2, 2], [8, 3, 2, 3], [10, 5], [1, 3]]


def bars(table: pa.Table, name: str, value: str, title: str, number: str = ",.0f", most: int = 25) -> Chart:
    """Rows as horizontal bars in the order of the table, each with its number.

    Parameters
    ----------
    table
        The rows; no more than `most` of them are drawn.
    name, value
        Columns of what a bar is of, and of its length.
    title
        What is told, for those who hear the page.
    number
        How the value is written, in the notation of d3-format.
    most
        Bars at most.
    """
    shown = table.slice(0, most)
    base = alt.Chart(shown).encode(
        y=alt.Y(f"{name}:N", sort=None, title=None, axis=_NAMES),
        x=alt.X(f"{value}:Q", title=heading(value), axis=alt.Axis(format=_scale(number), tickCount=5)),
        tooltip=_tips(shown),
    )
    # right of the bar, of one below zero too
    right = base.transform_calculate(right=f"max(datum.{value}, 0)").mark_text(align="left", dx=4, color=_LABEL)
    labels = right.encode(x=alt.X("right:Q", title=heading(value)), text=alt.Text(f"{value}:Q", format=number))
    return _finished(base.mark_bar() + labels, title, _ROW)


def lines(table: pa.Table, x: str, values: Sequence[str], title: str, number: str = ",.2f", smooth: int = 1) -> Chart:
    """Columns as lines over days, or over numbers of periods.

    Parameters
    ----------
    table
        One row per point of x.
    x, values
        Columns of the position and of the lines.
    title
        What is told.
    number
        How values are written.
    smooth
        Days over which a mean is drawn over the points; 1 for none.
    """
    long = _long(table, x, values)
    base = alt.Chart(long).encode(
        x=_position(table, x),
        y=alt.Y("value:Q", title=None, axis=alt.Axis(format=_scale(number), tickCount=5)),
        tooltip=[
            _tip(table.schema.field(x)),
            alt.Tooltip("measure:N", title="What"),
            alt.Tooltip("value:Q", title="Value", format=number),
        ],
    )
    if len(values) > 1:
        legend = alt.Legend(title=None, orient="top", columns=3, symbolType="stroke")
        base = base.encode(
            color=alt.Color("measure:N", sort=None, legend=legend),
            strokeDash=alt.StrokeDash("measure:N", sort=None, legend=legend, scale=alt.Scale(range=_DASHES)),
        )
    if smooth == 1:
        return _finished(base.mark_line(), title)
    mean = base.transform_window(mean="mean(value)", frame=[1 - smooth, 0], groupby=["measure"], sort=[alt.SortField(x)]).encode(
        y=alt.Y("mean:Q", title=None), tooltip=alt.value(None)
    )
    return _finished(base.mark_line(opacity=0.35, strokeWidth=1) + mean.mark_line(strokeWidth=2.5), title)


def band(table: pa.Table, x: str, value: str, low: str, high: str, title: str) -> Chart:
    """A line over days within its interval."""
    base = alt.Chart(table).encode(x=_position(table, x), tooltip=_tips(table))
    axis = alt.Axis(format="~s", tickCount=5)
    between = base.mark_area(opacity=0.2).encode(y=alt.Y(f"{low}:Q", title=None, axis=axis), y2=f"{high}:Q")
    return _finished(between + base.mark_line(strokeDash=_DASHES[1]).encode(y=alt.Y(f"{value}:Q")), title)


def curves(table: pa.Table, x: str, value: str, name: str, title: str) -> Chart:
    """One line for each of a few names, which differ in colour and in dashes."""
    legend = alt.Legend(title=None, orient="top", columns=3, symbolType="stroke")
    return _finished(
        alt.Chart(table)
        .mark_line(point=True)
        .encode(
            x=_position(table, x),
            y=alt.Y(f"{value}:Q", title=None, axis=alt.Axis(format="~s", tickCount=5)),
            color=alt.Color(f"{name}:N", sort=None, legend=legend),
            strokeDash=alt.StrokeDash(f"{name}:N", sort=None, legend=legend, scale=alt.Scale(range=_DASHES)),
            tooltip=_tips(table),
        ),
        title,
    )


def areas(table: pa.Table, x: str, values: Sequence[str], title: str) -> Chart:
    """Columns that add up to a whole, stacked over days."""
    return _finished(
        alt.Chart(_long(table, x, values))
        .mark_area(line={"strokeWidth": 1})
        .encode(
            x=_position(table, x),
            y=alt.Y("value:Q", title=None, stack=True, axis=alt.Axis(format="~s", tickCount=5)),
            color=alt.Color("measure:N", sort=None, legend=alt.Legend(title=None, orient="top", columns=3)),
            order=alt.Order("rank:Q"),
            tooltip=[
                _tip(table.schema.field(x)),
                alt.Tooltip("measure:N", title="What"),
                alt.Tooltip("value:Q", title="Value", format=","),
            ],
        ),
        title,
    )


def heat(table: pa.Table, x: str, y: str, value: str, title: str, number: str = ".0%", diverging: bool = False) -> Chart:
    """A value at each crossing of two columns, as a shade and as a number.

    Parameters
    ----------
    table
        One row per cell, rows and columns in the order in which they come first.
    x, y, value
        Columns of the place and of the value.
    title
        What is told.
    number
        How values are written.
    diverging
        Whether the middle of the scale is zero.
    """
    most = max((abs(number) for number in table[value].to_pylist() if number is not None), default=1.0)
    scale = alt.Scale(scheme="blueorange", domain=[-most, most]) if diverging else alt.Scale(scheme="blues", domain=[0, most])
    # numbers may be left out, names are broken at blanks
    is_number = pa.types.is_integer(table.schema.field(x).type)
    orient: Literal["top", "bottom"] = "top" if is_number else "bottom"
    across = alt.Axis(labelAngle=0, orient=orient, labelOverlap=is_number, labelExpr="split(datum.label, ' ')", ticks=False)
    base = alt.Chart(table).encode(
        x=alt.X(f"{x}:N", sort=None, title=heading(x), axis=across),
        y=alt.Y(f"{y}:N", sort=None, title=None, axis=_NAMES),
        tooltip=_tips(table),
    )
    strong = f"abs(datum.{value}) > {0.55 * most}"
    return _finished(
        base.mark_rect().encode(color=alt.Color(f"{value}:Q", scale=scale, legend=None))
        + base.mark_text(fontSize=11).encode(
            text=alt.Text(f"{value}:Q", format=number),
            color=alt.condition(strong, alt.value("white"), alt.value("#1f1f1f")),
        ),
        title,
        _ROW,
    )


def calibrated(table: pa.Table, title: str, number: str = ",.2f") -> Chart:
    """What was predicted (points) over what came (bars), by tenths of people: one target of `queries.calibration`."""
    base = alt.Chart(table).encode(
        x=alt.X("tenth:O", title="Tenths of people, by what was predicted", axis=alt.Axis(labelAngle=0)), tooltip=_tips(table)
    )
    axis = alt.Axis(format=_scale(number), tickCount=4)
    came = base.mark_bar(opacity=0.5).encode(y=alt.Y("actual:Q", title=None, axis=axis), color=alt.datum("came"))
    predicted = base.mark_point(size=80, strokeWidth=2.5).encode(y=alt.Y("predicted:Q"), color=alt.datum("predicted"))
    return _finished((came + predicted).configure_legend(orient="top", title=None), title, 240)


def shares(table: pa.Table, title: str) -> Chart:
    """The fingerprint of a person: memberships on every axis, which add up to 1; the dominant ones are named."""
    named = table.append_column("axis", pa.array([heading(name) for name in table["axis_name"].to_pylist()]))
    base = alt.Chart(named).encode(
        y=alt.Y("axis:N", sort=None, title=None, axis=_NAMES),
        x=alt.X(
            "membership:Q",
            stack="zero",
            title="Membership",
            scale=alt.Scale(domain=[0, 1]),
            axis=alt.Axis(format="%", tickCount=4),
        ),
        order=alt.Order("membership:Q", sort="descending"),
        tooltip=[alt.Tooltip("axis:N"), alt.Tooltip("segment_name:N", title="Kind"), alt.Tooltip("membership:Q", format=".0%")],
    )
    names = alt.Chart(named.filter(named["is_dominant"])).encode(
        y=alt.Y("axis:N", sort=None), x=alt.value(6), text=alt.Text("segment_name:N")
    )
    kinds = base.mark_bar(stroke="white", strokeWidth=1).encode(
        color=alt.condition("datum.is_dominant", alt.value(_STRONG), alt.value(_LABEL)),
        opacity=alt.condition("datum.is_dominant", alt.value(1), alt.value(0.35)),
    )
    return _finished(kinds + names.mark_text(align="left", color="white"), title, _ROW)


def _long(table: pa.Table, x: str, values: Sequence[str]) -> pa.Table:
    """Columns under each other: x, measure (its name as people read it), rank (of the column), value."""
    parts = [
        pa.table(
            {
                x: table[x],
                "measure": pa.array([heading(name)] * table.num_rows, pa.string()),
                "rank": pa.array([rank] * table.num_rows, pa.int64()),
                "value": table[name].cast(pa.float64()),
            }
        )
        for rank, name in enumerate(values)
    ]
    return pa.concat_tables(parts)


def _scale(number: str) -> str:
    """How an axis writes numbers that are written so elsewhere."""
    return "%" if number.endswith("%") else "~s"


def _position(table: pa.Table, x: str) -> alt.X:
    """Days are a scale of time, other numbers one of numbers."""
    if pa.types.is_temporal(table.schema.field(x).type):
        return alt.X(f"{x}:T", title=None, axis=alt.Axis(tickCount=6, labelOverlap=True))
    return alt.X(f"{x}:Q", title=heading(x), axis=alt.Axis(tickMinStep=1))


def _tips(table: pa.Table) -> list[alt.Tooltip]:
    """All columns of a table, as people read them."""
    return [_tip(field) for field in table.schema]


def _tip(field: pa.Field) -> alt.Tooltip:
    """One column of a tooltip."""
    title = heading(field.name)
    if pa.types.is_temporal(field.type):
        return alt.Tooltip(f"{field.name}:T", title=title, format="%Y-%m-%d")
    if pa.types.is_floating(field.type) or pa.types.is_integer(field.type):
        return alt.Tooltip(f"{field.name}:Q", title=title, format=",.3~f")
    return alt.Tooltip(f"{field.name}:N", title=title)


def _finished(chart: Chart, title: str, height: int | alt.Step = _PLOT) -> Chart:
    """A chart of a height, as wide as its place, with its title as the text for those who hear it."""
    return chart.properties(height=height, width="container", description=title)
