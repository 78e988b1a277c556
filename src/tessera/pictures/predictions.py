"""Predictions beside what came: one picture of tenths of people on the holdout, and one of repeat purchases by week.

What came is always drawn full (bars, a solid line), what was predicted hollow (dots, a dashed line).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tessera.pictures.canvas import (
    BLUE,
    FAINT,
    GREYS,
    LINE,
    QUIET,
    SMALL,
    TEXT,
    VERMILION,
    PictureError,
    Sheet,
    block_height,
    styled,
    text_width,
    wrap,
)
from tessera.pictures.stores import check_store
from tessera.warehouse.marts import Marts

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Row = dict[str, Any]
_BASELINES = ("baseline_spend_gini", "baseline_rate_gini", "baseline_recency_auc", "baseline_frequency_auc")
QUALITY = pa.schema(
    [
        ("store_id", pa.string()),
        ("as_of", pa.timestamp("us")),
        ("target", pa.string()),
        ("model_name", pa.string()),
        ("is_chosen", pa.bool_()),
        ("reason", pa.string()),
        ("holdout_customers", pa.int64()),
        ("total_error", pa.float64()),
        ("gini", pa.float64()),
        ("auc", pa.float64()),
        ("calibration", pa.string()),
        *((name, pa.float64()) for name in _BASELINES),
        ("beats_baselines", pa.bool_()),
    ]
)
TRACKING = pa.schema(
    [
        ("store_id", pa.string()),
        ("week_number", pa.int64()),
        ("week_end", pa.date32()),
        ("actual_orders", pa.int64()),
        ("expected_orders", pa.float64()),
    ]
)


@dataclass(frozen=True)
class PredictionFrames:
    """What pictures of a store's predictions are drawn from.

    Parameters
    ----------
    quality
        The models that were chosen in the last fit: rows of `ltv_model_quality`, at least one; schema `QUALITY`.
    tracking
        Rows of `ltv_tracking`, by week; schema `TRACKING`. None where the store has no fitted model of orders.
    """

    quality: pa.Table
    tracking: pa.Table


@dataclass(frozen=True)
class _Target:
    """How a prediction is spoken of.

    Parameters
    ----------
    title
        Its heading.
    unit
        What its means are.
    measure
        The column by which it is judged, `auc` or `gini`.
    baselines
        What it is compared with, and the columns of their measure.
    write
        How a number of it is written.
    """

    title: str
    unit: str
    measure: str
    baselines: dict[str, str]
    write: Callable[[float], str]


def _amount(value: float) -> str:
    """A number of people, orders or money in at most six letters."""
    for size, letter in ((1e9, "bn"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= max(0.9995 * size, 9_999.5):
            return f"{value / size:.3g}{letter}"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _share(value: float) -> str:
    """A share, with decimals where it is small."""
    return f"{100 * value:.3g}%"


_BY_TIME = {"recency": "baseline_recency_auc", "frequency": "baseline_frequency_auc"}
_BY_PAST = {"spend so far": "baseline_spend_gini", "own rate": "baseline_rate_gini"}
_BY_MEAN = {"own mean": "baseline_spend_gini", "store's mean": "baseline_rate_gini"}
_TARGETS = {
    "churn": _Target("Churn", "share of people without an order", "auc", _BY_TIME, _share),
    "value": _Target("Value", "net spend per person, in the store's currency", "gini", _BY_PAST, _amount),
    "orders": _Target("Orders", "orders per person", "gini", _BY_PAST, _amount),
    "first_order": _Target("First order", "share of people without an order so far who had one", "auc", _BY_TIME, _share),
    "spend": _Target("Order value", "spend per order of those who had one, in the store's currency", "gini", _BY_MEAN, _amount),
    "upgrade": _Target("Upgrade", "share of people whose next order was well above their mean", "auc", {}, _share),
}
_WIDTH, _HEIGHT, _SCALE, _GAP = 4.3, 1.9, 0.5, 0.5
_UNDER = 0.75
_WEEKS_WIDTH, _TOTAL_HEIGHT, _WEEK_HEIGHT = 7.5, 3.4, 1.5
_MOST_WEEK_TICKS = 7


def read_predictions(marts: Marts, store_id: str) -> PredictionFrames:
    """Read what pictures of a store's predictions need.

    Raises
    ------
    PictureError
        If the store has no models, or the marts are not there.
    """
    check_store(marts, store_id)
    quality = marts.read("ltv_model_quality", QUALITY, {"store_id": store_id})
    tracking = marts.read("ltv_tracking", TRACKING, {"store_id": store_id})
    if not quality.num_rows:
        raise PictureError(
            f"The store '{store_id}' has no models of predictions yet: they are fitted in the night after its first order"
        )
    return PredictionFrames(last_chosen(quality), tracking.sort_by("week_number"))


def last_chosen(quality: pa.Table) -> pa.Table:
    """The models that were chosen in the last fit."""
    return quality.filter(pc.and_(quality["is_chosen"], pc.equal(quality["as_of"], pc.max(quality["as_of"]))))


def skipped_pictures(frames: PredictionFrames) -> dict[str, str]:
    """Picture -> why it cannot be drawn."""
    found = {}
    if not _measured(frames.quality):
        found["calibration"] = "no prediction could be held against a holdout"
    if not frames.tracking.num_rows:
        models = [f" ({row['model_name']}: {row['reason']})" for row in frames.quality.to_pylist() if row["target"] == "orders"]
        found["tracking"] = "no whole week with a fitted model of orders" + "".join(models)
    return found


@styled()
def calibration_figure(frames: PredictionFrames) -> Figure:
    """Draw predicted and actual means of tenths of people, a panel for every prediction with a calibration.

    Returns
    -------
    matplotlib.figure.Figure
        With the panels (labels of its axes) called like the targets.

    Raises
    ------
    PictureError
        If matplotlib is missing.
    """
    rows = _measured(frames.quality)
    above = [_panel_lines(row) for row in rows]
    columns = min(2, len(rows))
    texts = [sum(block_height(text, style["size"]) for text, style in lines) + 0.15 for lines in above]
    overs = [max(texts[start : start + columns]) for start in range(0, len(rows), columns)]
    tops = np.cumsum([0, *(over + _HEIGHT + _UNDER for over in overs)])
    first = rows[0]
    sheet = Sheet(
        columns * (_SCALE + _WIDTH + _GAP) - _GAP,
        float(tops[-1]) - 0.1,
        "Predictions on the holdout",
        [
            (
                f"{first['store_id']}, models of {first['as_of']:%Y-%m-%d}, judged by days that they had not seen",
                {"color": QUIET},
            ),
            ("Bars are what came, dots what was predicted: the nearer, the better", {}),
        ],
    )
    for number, (row, lines) in enumerate(zip(rows, above, strict=True)):
        left, at = number % columns * (_SCALE + _WIDTH + _GAP), float(tops[number // columns])
        panel = sheet.panel(row["target"], left + _SCALE, at + overs[number // columns], _WIDTH, _HEIGHT)
        _draw_calibration(panel, json.loads(row["calibration"]), _TARGETS[row["target"]].write)
        for text, style in lines:
            sheet.text(left, at, text, va="top", **style)
            at += block_height(text, style["size"])
    return sheet.figure


@styled()
def tracking_figure(frames: PredictionFrames) -> Figure:
    """Draw repeat purchases by week, as they were and as the chosen model of orders expects them.

    Returns
    -------
    matplotlib.figure.Figure
        With the panels (labels of its axes) ``total`` and ``week``.

    Raises
    ------
    PictureError
        If matplotlib is missing.
    """
    weeks = frames.tracking.to_pylist()
    last = weeks[-1]
    ends = [f"{last['actual_orders']:,} made", f"{last['expected_orders']:,.0f} expected"]
    beside = max(text_width(end, weight="bold") for end in ends) + 0.2
    between = 0.85
    over = block_height("x") + 0.15
    sheet = Sheet(
        _SCALE + _WEEKS_WIDTH + beside,
        2 * over + _TOTAL_HEIGHT + between + _WEEK_HEIGHT + 0.55,
        "Repeat purchases by week",
        _tracking_lines(frames.quality, last),
    )
    sheet.text(0, 0, "From the first week on", weight="bold", va="top")
    total = sheet.panel("total", _SCALE, over, _WEEKS_WIDTH, _TOTAL_HEIGHT)
    made = np.array([0, *(week["actual_orders"] for week in weeks)])
    expected = np.array([0.0, *(week["expected_orders"] for week in weeks)])
    numbers = np.array([weeks[0]["week_number"] - 1, *(week["week_number"] for week in weeks)])
    total.plot(numbers, made, color=BLUE, linewidth=2, label="made")
    total.plot(numbers, expected, color=VERMILION, linewidth=2, linestyle=(0, (4, 2)), label="expected")
    _name_ends(total, numbers[-1], [made[-1], expected[-1]], ends, _TOTAL_HEIGHT)
    top = over + _TOTAL_HEIGHT + between
    sheet.text(0, top, "In each week", weight="bold", va="top")
    week = sheet.panel("week", _SCALE, top + over, _WEEKS_WIDTH, _WEEK_HEIGHT)
    week.bar(numbers[1:], np.diff(made), width=0.8, color=GREYS[1], label="made")
    week.plot(numbers[1:], np.diff(expected), color=VERMILION, linewidth=2, linestyle=(0, (4, 2)), label="expected")
    for axes in (total, week):
        _scale(axes, _amount)
        _date_weeks(axes, weeks)
    return sheet.figure


def _measured(quality: pa.Table) -> list[Row]:
    """Rows of known predictions with a calibration, in the order of the picture."""
    rows = {row["target"]: row for row in quality.to_pylist() if row["calibration"] and json.loads(row["calibration"])}
    return [rows[target] for target in _TARGETS if target in rows]


def _panel_lines(row: Row) -> list[tuple[str, dict[str, Any]]]:
    """What stands above a panel: what it is of, by which model, and how good that is."""
    target = _TARGETS[row["target"]]
    fit = partial(wrap, width=_SCALE + _WIDTH, size=SMALL)
    lines: list[tuple[str, dict[str, Any]]] = [
        (target.title, {"size": TEXT + 1.5, "weight": "bold"}),
        (fit(target.unit), {"size": SMALL, "color": QUIET}),
        (fit(f"by {row['model_name']}, {row['holdout_customers']:,} people, {_total(row['total_error'])}"), {"size": SMALL}),
    ]
    if row[target.measure] is not None:
        lines.append((fit(_measure(row, target)), {"size": SMALL}))
    if row["beats_baselines"] is False:
        lines.append(("Not better than simple guesses", {"size": SMALL, "color": VERMILION, "weight": "bold"}))
    return lines


def _total(error: float | None) -> str:
    """The total error in words."""
    if error is None:
        return "in total nothing came"
    if abs(error) < 0.0005:
        return "in total right"
    return f"in total {abs(error):.1%} too {'high' if error > 0 else 'low'}"


def _measure(row: Row, target: _Target) -> str:
    """The measure of the model beside those of its baselines."""
    name, chance = ("AUC", 0.5) if target.measure == "auc" else ("Gini", 0.0)
    known = {label: row[column] for label, column in target.baselines.items() if row[column] is not None}
    beside = " and ".join(f"{value:z.2f} of {label}" for label, value in (known or {"chance": chance}).items())
    return f"{name} {row[target.measure]:z.2f}, beside {beside}"


def _draw_calibration(axes: Axes, bins: Sequence[Row], write: Callable[[float], str]) -> None:
    """Draw bars of what came and dots of what was predicted, with the number of people under each."""
    positions = range(len(bins))
    width = 0.7 * min(1, len(bins) / 4)
    axes.bar(positions, [one["actual"] for one in bins], width=width, color=GREYS[1], label="came")
    axes.plot(
        positions,
        [one["predicted"] for one in bins],
        color=BLUE,
        linewidth=1.2,
        marker="o",
        markersize=6.5,
        markeredgewidth=1.8,
        markerfacecolor="white",
        clip_on=False,
        zorder=3,
        label="predicted",
    )
    axes.set_xlim(-0.6, len(bins) - 0.4)
    axes.set_xticks(positions, [_amount(one["n"]) for one in bins])
    axes.tick_params(axis="x", length=0)
    axes.set_xlabel(
        "people in each tenth, from the lowest prediction to the highest"
        if len(bins) > 1
        else "people, who all have one prediction",
        size=SMALL,
    )
    _scale(axes, write)


def _scale(axes: Axes, write: Callable[[float], str]) -> None:
    """Give a panel faint lines with numbers at the left."""
    from matplotlib.ticker import MaxNLocator

    low, high = axes.get_ylim()
    low = min(low, 0)
    marked = [value for value in MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high) if low <= value <= high]
    axes.set_yticks(marked, [write(value) for value in marked])
    axes.set_ylim(low, high)
    axes.yaxis.grid(True, color=FAINT, linewidth=0.6)
    axes.set_axisbelow(True)


def _tracking_lines(quality: pa.Table, last: Row) -> list[tuple[str, dict[str, Any]]]:
    """What stands under the title: of which model, and how far off it is in the end."""
    model = next(
        (f", by {row['model_name']} of {row['as_of']:%Y-%m-%d}" for row in quality.to_pylist() if row["target"] == "orders"), ""
    )
    off = _total(last["expected_orders"] / last["actual_orders"] - 1 if last["actual_orders"] else None)
    return [
        (f"{last['store_id']}{model}, which knows of each person only when they first bought", {"color": QUIET}),
        (f"Full is what was made, dashed what was expected: up to {last['week_end']:%Y-%m-%d} {off}", {}),
    ]


def _name_ends(axes: Axes, at: float, values: list[float], names: list[str], height: float) -> None:
    """Write beside the ends of two lines what they are: apart where they end close together, and above the floor."""
    top = 1.05 * max(*values, 1)
    axes.set_ylim(0, top)
    room = TEXT * LINE / 72 / height * top
    lower, upper = sorted((0, 1), key=lambda number: (values[number], -number))
    positions = {lower: max(min(values[lower], (sum(values) - room) / 2), room / 2)}
    positions[upper] = max(values[upper], positions[lower] + room)
    for number, color in enumerate((BLUE, VERMILION)):
        axes.plot([at], [values[number]], "o", color=color, markersize=5, clip_on=False)
        axes.annotate(
            names[number],
            (at, positions[number]),
            (7, 0),
            textcoords="offset points",
            va="center",
            weight="bold",
            color=color,
            annotation_clip=False,
        )


def _date_weeks(axes: Axes, weeks: list[Row]) -> None:
    """Number the weeks, with the dates on which they end."""
    first, last = weeks[0]["week_number"], weeks[-1]["week_number"]
    step = next((step for step in (1, 2, 4, 13, 26) if len(weeks) <= step * _MOST_WEEK_TICKS), 52 * -(-len(weeks) // 364))
    marked = {week["week_number"]: week["week_end"] for week in weeks if week["week_number"] % step == 0}
    axes.set_xticks(list(marked), [f"{number}\n{end:%Y-%m-%d}" for number, end in marked.items()])
    axes.set_xlabel("week, and the day on which it ends", size=SMALL)
    axes.set_xlim(first - 1, last + 0.5)
