"""The fingerprint of one person: on every axis the memberships in its segments, the dominant one, and how clear it is."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from tessera.pictures.axes import read_axes, skipped_axes
from tessera.pictures.canvas import (
    BLUE,
    GREYS,
    LINE,
    QUIET,
    SMALL,
    TEXT,
    PictureError,
    Sheet,
    block_height,
    heading,
    percent,
    styled,
    text_width,
    words,
    wrap,
)
from tessera.pictures.stores import check_store
from tessera.warehouse.marts import Marts

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SEGMENTS = pa.schema(
    [
        ("store_id", pa.string()),
        ("axis_name", pa.string()),
        ("axis_number", pa.int64()),
        ("segment_id", pa.string()),
        ("segment_number", pa.int64()),
    ]
)
MEMBERSHIPS = pa.schema(
    [
        ("axis_name", pa.string()),
        ("segment_id", pa.string()),
        ("segment_name", pa.string()),
        ("membership", pa.float64()),
        ("is_dominant", pa.bool_()),
    ]
)
PROFILE = pa.schema(
    [
        ("store_id", pa.string()),
        ("customer_id", pa.string()),
        ("membership_strength", pa.string()),
        ("interpretation", pa.string()),
        ("updated_at", pa.timestamp("us")),
    ]
)
ARCHETYPE = pa.schema(
    [
        ("archetype_id", pa.string()),
        ("archetype_membership", pa.float64()),
        ("is_exact", pa.bool_()),
    ]
)
_AXIS_NAMES, _BARS, _NAMES, _STRENGTH, _GAP, _ROW = 2.8, 4.2, 3.9, 0.9, 0.2, 0.5


@dataclass(frozen=True)
class CustomerFrames:
    """What the picture of one person is drawn from.

    Parameters
    ----------
    segments
        The store's rows of `dim_segment_master`; schema `SEGMENTS`.
    memberships
        The person's rows of `axis_memberships`; schema `MEMBERSHIPS`.
    profile
        The person's row of `customer_profiles`; schema `PROFILE`.
    archetype
        The person's row of `customer_archetypes`, or none; schema `ARCHETYPE`.
    """

    segments: pa.Table
    memberships: pa.Table
    profile: pa.Table
    archetype: pa.Table


def read_customer(marts: Marts, store_id: str, customer_id: str) -> CustomerFrames:
    """Read what the picture of one person needs.

    Raises
    ------
    PictureError
        If the store or the person is unknown, or the marts are not there.
    """
    check_store(marts, store_id)
    person = {"store_id": store_id, "customer_id": customer_id}
    frames = CustomerFrames(
        marts.read("dim_segment_master", SEGMENTS, {"store_id": store_id}),
        marts.read("axis_memberships", MEMBERSHIPS, person),
        marts.read("customer_profiles", PROFILE, person),
        marts.read("customer_archetypes", ARCHETYPE, person),
    )
    if not frames.segments.num_rows:
        raise PictureError(
            f"The store '{store_id}' has no segments of axes yet, which a customer could be drawn by: "
            f"{_why_none(skipped_axes(*read_axes(marts, store_id)))}. An axis is fitted in the first night with enough people"
        )
    if not frames.profile.num_rows:
        raise PictureError(
            f"The store '{store_id}' has no customer '{customer_id}' on an axis (customer_profiles): most axes take an order"
        )
    return frames


def _why_none(skipped: dict[str, str]) -> str:
    """Why axes were skipped, those of one reason together."""
    axes: dict[str, list[str]] = {}
    for name, reason in skipped.items():
        axes.setdefault(reason, []).append(name)
    return "; ".join(f"{', '.join(names)}: {reason}" for reason, names in axes.items()) or "no axis was tried"


@styled()
def customer_figure(frames: CustomerFrames) -> Figure:
    """Draw the fingerprint of one person.

    Parameters
    ----------
    frames
        What it is drawn from.

    Returns
    -------
    matplotlib.figure.Figure
        With one panel, ``memberships``: a row for each axis of the store, a bar for each segment.

    Raises
    ------
    PictureError
        If matplotlib is missing.
    """
    profile = frames.profile.to_pylist()[0]
    axes = _axes(frames)
    strengths = json.loads(profile["membership_strength"] or "{}")
    labels = {name: wrap(heading(name), _AXIS_NAMES) for name in axes}
    sides = {name: _side(bars) for name, bars in axes.items()}

    row_height = max(
        _ROW,
        *(block_height(label) + 0.12 for label in labels.values()),
        *(block_height(first) + block_height(second, SMALL) + 0.12 for first, second in sides.values()),
    )
    labels_width = max(text_width(line) for label in labels.values() for line in label.split("\n")) + 0.1
    names_left = labels_width + _BARS + _GAP
    names_width = max(
        text_width("Dominant segment", weight="bold"),
        *(text_width(line, weight="bold") for first, _ in sides.values() for line in first.split("\n")),
        *(text_width(line, SMALL) for _, second in sides.values() for line in second.split("\n")),
    )
    strength_left = names_left + names_width + 2 * _GAP
    over, height = 0.3, row_height * len(axes)
    sheet = Sheet(
        strength_left + _STRENGTH,
        over + height + 0.65,
        f"Customer {profile['customer_id']}",
        _heading_lines(profile, frames.archetype.to_pylist()),
    )
    for left, text in ((labels_width, "Membership"), (names_left, "Dominant segment"), (strength_left, "Strength")):
        sheet.text(left, 0, text, weight="bold", va="top")
    panel = sheet.panel("memberships", labels_width, over, _BARS, height)
    for row, (name, bars) in enumerate(axes.items()):
        _draw_bars(panel, row, bars)
        middle = over + row_height * (row + 0.5)
        _write_side(sheet, names_left, middle, sides[name])
        sheet.text(strength_left, middle, strengths.get(name, ""), va="center")
    _finish(panel, list(labels.values()))
    legend = "Dark: the dominant segment. Grey: the others, from the axis's lowest segment on the left to its highest."
    sheet.text(
        labels_width,
        over + height + 0.4,
        wrap(legend, strength_left + _STRENGTH - labels_width, SMALL),
        size=SMALL,
        color=QUIET,
        va="top",
    )
    return sheet.figure


def _axes(frames: CustomerFrames) -> dict[str, list[dict[str, Any]]]:
    """Axis -> the person's memberships in it from its lowest segment to its highest; none where the person is not on it."""
    memberships = {row["segment_id"]: row for row in frames.memberships.to_pylist()}
    found: dict[str, list[dict[str, Any]]] = {}
    for segment in frames.segments.sort_by(
        [(name, "ascending") for name in ("axis_number", "axis_name", "segment_number")]
    ).to_pylist():
        bars = found.setdefault(segment["axis_name"], [])
        if segment["segment_id"] in memberships:
            bars.append(memberships[segment["segment_id"]])
    return found


def _side(bars: list[dict[str, Any]]) -> tuple[str, str]:
    """What stands beside the bars of an axis: the dominant segment, and the next one."""
    if not bars:
        return "not on this axis", ""
    first, *others = sorted(bars, key=lambda bar: (not bar["is_dominant"], -bar["membership"]))
    texts = [f"{words(bar['segment_name'])} {percent(bar['membership'])}" for bar in (first, *others[:1])]
    return wrap(texts[0], _NAMES, weight="bold"), wrap(f"next: {texts[1]}", _NAMES, SMALL) if others else ""


def _heading_lines(profile: dict[str, Any], archetypes: list[dict[str, Any]]) -> list[tuple[str, dict[str, Any]]]:
    """What stands under the title: who the person is in words, and the archetype."""
    names = [words(name) for name in (profile["interpretation"] or "").split(",")]
    lines: list[tuple[str, dict[str, Any]]] = [(", ".join(names), {"size": TEXT + 2})] if any(names) else []
    found = archetypes[0] if archetypes else {"archetype_id": None}
    if found["archetype_id"] is None:
        text = "no archetype, as not on all the axes that make one"
    else:
        how = "exactly this combination" if found["is_exact"] else "the nearest combination that is kept"
        text = f"{found['archetype_id']} (membership {percent(found['archetype_membership'])}, {how})"
    return [*lines, (f"{profile['store_id']}, {profile['updated_at']:%Y-%m-%d}, {text}", {"color": QUIET})]


def _draw_bars(axes: Axes, row: int, bars: list[dict[str, Any]]) -> None:
    """Draw the memberships of one axis, one behind the other."""
    start = 0.0
    for number, bar in enumerate(bars):
        width, dominant = bar["membership"], bar["is_dominant"]
        axes.barh(
            row, width, left=start, height=0.56, color=BLUE if dominant else GREYS[number % 2], edgecolor="white", linewidth=0.8
        )
        start += width


def _write_side(sheet: Sheet, left: float, middle: float, texts: tuple[str, str]) -> None:
    """Write the dominant segment and, below it, the next one, around the middle of a row."""
    first, second = texts
    if not second:
        sheet.text(left, middle, first, va="center", color=QUIET)
        return
    heights = block_height(first), block_height(second, SMALL)
    top = middle - sum(heights) / 2
    sheet.text(left, top, first, va="top", weight="bold")
    sheet.text(left, top + heights[0], second, va="top", size=SMALL, color=QUIET)


def _finish(axes: Axes, labels: list[str]) -> None:
    """Give the panel its scale and the names of its rows."""
    axes.set_xlim(0, 1)
    axes.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0%", "25%", "50%", "75%", "100%"])
    axes.set_ylim(len(labels) - 0.5, -0.5)
    axes.set_yticks(range(len(labels)), labels, size=TEXT, linespacing=LINE, va="center")
