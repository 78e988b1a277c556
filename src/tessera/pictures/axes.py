"""One picture per axis: how many people its segments have, where their centres are, and how well each number of segments fits.

The rows of sizes and centres are the same segments. A centre's distance from the mean of everybody is a position, so that
it can be read in grey; features stand in order of how far apart they put the segments.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from tessera.pictures.canvas import (
    BLUE,
    FAINT,
    INK,
    LINE,
    QUIET,
    SMALL,
    TEXT,
    VERMILION,
    PictureError,
    Sheet,
    block_height,
    heading,
    percent,
    signed,
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
        ("segment_number", pa.int64()),
        ("segment_name", pa.string()),
        ("customer_count", pa.int64()),
        ("population_percentage", pa.float64()),
        ("cluster_center_scaled", pa.string()),
        ("silhouette", pa.float64()),
        ("is_low_quality", pa.bool_()),
        ("is_gradual", pa.bool_()),
        ("last_fitted_at", pa.timestamp("us")),
    ]
)
FITS = pa.schema(
    [
        ("store_id", pa.string()),
        ("axis_name", pa.string()),
        ("as_of", pa.timestamp("us")),
        ("is_trial", pa.bool_()),
        ("status", pa.string()),
        ("reason", pa.string()),
        ("population", pa.int64()),
        ("sample_size", pa.int64()),
        ("segment_count", pa.int64()),
        ("silhouettes", pa.string()),
    ]
)
# The clusters of all behaviour are in axis_fits too, but are no axis.
_NO_AXIS = "behavior_clusters"
_ROW, _NAMES, _BARS, _FEATURE, _FITS, _FIT, _GAP = 0.44, 3.0, 1.3, 1.35, 3.0, 0.4, 0.45
_BAR_HEIGHT = 0.27
_LEAST_HEIGHT = 2.0


def read_axes(marts: Marts, store_id: str) -> tuple[pa.Table, pa.Table]:
    """Read what pictures of a store's axes need.

    Returns
    -------
    segments, fits
        Rows of `dim_segment_master` (schema `SEGMENTS`) and of `axis_fits` without trials (schema `FITS`).

    Raises
    ------
    PictureError
        If the store is unknown or has nobody on an axis, or the marts are not there.
    """
    check_store(marts, store_id)
    segments = marts.read("dim_segment_master", SEGMENTS, {"store_id": store_id})
    fits = marts.read("axis_fits", FITS, {"store_id": store_id})
    fits = fits.filter(pc.and_(pc.invert(fits["is_trial"]), pc.not_equal(fits["axis_name"], _NO_AXIS)))
    if not segments.num_rows and not fits.num_rows:
        raise PictureError(f"Nobody of the store '{store_id}' is on an axis yet: most axes take an order (docs/guide-axes.md)")
    return segments, fits


def axis_names(segments: pa.Table) -> list[str]:
    """Names of the axes that have segments, in order of the axes."""
    ordered = segments.sort_by([("axis_number", "ascending"), ("axis_name", "ascending")])
    return list(dict.fromkeys(ordered["axis_name"].to_pylist()))


def skipped_axes(segments: pa.Table, fits: pa.Table) -> dict[str, str]:
    """Axis -> why it has no segments, by name."""
    fitted = set(segments["axis_name"].to_pylist())
    last = {row["axis_name"]: row for row in fits.sort_by("as_of").to_pylist()}
    return {name: last[name]["reason"] for name in sorted(last) if name not in fitted and last[name]["status"] == "skipped"}


def one_axis(segments: pa.Table, fits: pa.Table, axis_name: str) -> tuple[pa.Table, pa.Table]:
    """Return the rows of one axis.

    Raises
    ------
    PictureError
        If there are none.
    """
    mine = [table.filter(pc.equal(table["axis_name"], axis_name)) for table in (segments, fits)]
    if not any(table.num_rows for table in mine):
        known = [*axis_names(segments), *skipped_axes(segments, fits)]
        raise PictureError(f"The store has no axis '{axis_name}'; it has {', '.join(known)}")
    return mine[0], mine[1]


@styled()
def axis_figure(segments: pa.Table, fits: pa.Table) -> Figure:
    """Draw one axis.

    Parameters
    ----------
    segments
        The axis's rows of `dim_segment_master`, at least one; schema `SEGMENTS`.
    fits
        Its rows of `axis_fits`, without trials; schema `FITS`. The last fit is drawn.

    Returns
    -------
    matplotlib.figure.Figure
        With the panels (labels of its axes) ``sizes``, ``centre <feature>`` and ``silhouettes``.

    Raises
    ------
    PictureError
        If matplotlib is missing.
    """
    rows = segments.sort_by("segment_number").to_pylist()
    fitted = [row for row in fits.sort_by("as_of").to_pylist() if row["status"] == "fitted"]
    fit = fitted[-1] if fitted else None
    centres = [json.loads(row["cluster_center_scaled"]) for row in rows]
    features = _by_spread(centres)
    tried = _tried(fit)

    names = [wrap(words(row["segment_name"]), _NAMES) for row in rows]
    sizes = [f"{row['customer_count'] or 0:,} ({percent(row['population_percentage'])})" for row in rows]
    titles = [wrap(words(feature), _FEATURE - 0.1, SMALL) for feature in features]
    row_height = max(_ROW, *(block_height(name) + 0.1 for name in names))
    names_width = max(text_width(line) for name in names for line in name.split("\n")) + 0.1
    centres_title = wrap("Centres, in standard deviations from the mean", max(_FEATURE * len(features), 2.0), weight="bold")
    over = block_height(centres_title) + max((block_height(title, SMALL) for title in titles), default=0) + 0.15
    row_height = max(row_height, _LEAST_HEIGHT / len(rows))
    height = row_height * len(rows)

    centres_left = names_width + _BARS + max(text_width(size, SMALL) for size in sizes) + _GAP
    fits_left = centres_left + max(_FEATURE * len(features), 2.0) + _GAP + 0.3
    fits_width = max(_FITS, _FIT * (max(tried, default=0) - min(tried, default=0) + 1))
    sheet = Sheet(fits_left + fits_width, over + height + 0.6, heading(rows[0]["axis_name"]), _heading_lines(rows, fit))

    sheet.text(names_width, 0, "People", weight="bold", va="top")
    _draw_sizes(sheet.panel("sizes", names_width, over, _BARS, height), rows, names, sizes, _BAR_HEIGHT / row_height)
    sheet.text(centres_left, 0, centres_title, weight="bold", va="top")
    _place_centres(sheet, (centres_left, over), row_height, centres, dict(zip(features, titles, strict=True)))
    sheet.text(fits_left, 0, wrap("Silhouette by number of segments", _FITS, weight="bold"), weight="bold", va="top")
    chosen = fit["segment_count"] if fit is not None else None
    _draw_silhouettes(sheet.panel("silhouettes", fits_left, over, fits_width, height), tried, chosen)
    return sheet.figure


def _by_spread(centres: list[dict[str, float]]) -> list[str]:
    """Features, those first in which the centres lie farthest apart."""
    values: dict[str, list[float]] = {}
    for centre in centres:
        for feature, value in centre.items():
            values.setdefault(feature, []).append(value)
    return sorted(values, key=lambda feature: (min(values[feature]) - max(values[feature]), feature))


def _heading_lines(rows: list[dict[str, Any]], fit: dict[str, Any] | None) -> list[tuple[str, dict[str, Any]]]:
    """What stands under the title: which fit this is, and whether it is any good."""
    first = rows[0]
    parts = [first["store_id"], f"fitted on {first['last_fitted_at']:%Y-%m-%d}"]
    if fit is not None:
        parts.append(
            f"{fit['population']:,} people"
            if fit["sample_size"] == fit["population"]
            else f"{fit['sample_size']:,} of {fit['population']:,} people"
        )
    parts.append(f"silhouette {first['silhouette']:.2f}")
    lines: list[tuple[str, dict[str, Any]]] = [(", ".join(parts), {"color": QUIET})]
    if first["is_gradual"]:
        lines.append(
            ("People differ by degrees: no gaps tell kinds apart, so the segments are a middle and two ends", {"color": QUIET})
        )
    if first["is_low_quality"]:
        lines.append(
            (
                "Low quality: the silhouette is under what the project asks for, so the segments run into one another",
                {"color": VERMILION, "weight": "bold"},
            )
        )
    return lines


def _draw_sizes(axes: Axes, rows: list[dict[str, Any]], names: list[str], sizes: list[str], thickness: float) -> None:
    """Draw a bar for each segment; its thickness is a share of the row."""
    counts = [row["customer_count"] or 0 for row in rows]
    axes.barh(range(len(rows)), counts, height=thickness, color=BLUE)
    for bar, size in enumerate(sizes):
        axes.annotate(size, (counts[bar], bar), (4, 0), textcoords="offset points", va="center", size=SMALL)
    axes.set_xlim(0, max(*counts, 1))
    axes.set_xticks([])
    axes.spines["bottom"].set_visible(False)
    axes.spines["left"].set_visible(True)
    axes.set_yticks(range(len(rows)), names, size=TEXT, linespacing=LINE, va="center")
    _from_top(axes, len(rows))


def _place_centres(
    sheet: Sheet, corner: tuple[float, float], row_height: float, centres: list[dict[str, float]], titles: dict[str, str]
) -> None:
    """Draw a panel for each feature, side by side on one scale; the corner is the left and top of the first in inches."""
    left, top = corner
    reach = max((abs(value) for centre in centres for value in centre.values()), default=0.0)
    for column, (feature, title) in enumerate(titles.items()):
        axes = sheet.panel(f"centre {feature}", left + column * _FEATURE, top, _FEATURE - 0.1, row_height * len(centres))
        axes.set_title(title, size=SMALL, color=INK, linespacing=LINE, pad=6)
        _draw_centres(axes, [centre.get(feature) for centre in centres], reach, 5 / 72 / row_height)


def _draw_centres(axes: Axes, values: list[float | None], reach: float, rise: float) -> None:
    """Draw one feature: a dot per segment, filled where the centre is above the mean, hollow below.

    Each row has its own piece of the line of the mean, which rises a share of the row, so that it crosses no number.
    """
    for row in range(len(values)):
        axes.vlines(0, row - rise, row + 2 * rise, color=QUIET, linewidth=0.8, zorder=1)
    axes.hlines(range(len(values)), -2, 2, color=FAINT, linewidth=0.6, zorder=0)
    for row, value in enumerate(values):
        if value is None:
            continue
        at, color = value / (reach or 1), BLUE if value >= 0 else VERMILION
        axes.plot([0, at], [row, row], color=color, linewidth=2, zorder=2, solid_capstyle="butt")
        axes.plot(
            [at],
            [row],
            "o",
            markersize=7,
            markeredgewidth=1.6,
            color=color,
            zorder=3,
            markerfacecolor=color if value >= 0 else "white",
        )
        axes.annotate(signed(value), (at, row), (0, 6), textcoords="offset points", ha="center", va="bottom", size=SMALL)
    axes.set_xlim(-1.3, 1.3)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines["bottom"].set_visible(False)
    _from_top(axes, len(values))


def _tried(fit: dict[str, Any] | None) -> dict[int, float]:
    """Number of segments that was tried -> its silhouette."""
    found = json.loads(fit["silhouettes"]) if fit is not None and fit["silhouettes"] else {}
    return {count: value for count, value in sorted((int(count), value) for count, value in found.items()) if value is not None}


def _draw_silhouettes(axes: Axes, tried: dict[int, float], chosen: int | None) -> None:
    """Draw the silhouette of each number of segments that was tried, the chosen one filled."""
    axes.set_yticks([])
    if not tried:
        axes.set_xticks([])
        axes.text(0.5, 0.5, "not recorded", transform=axes.transAxes, ha="center", va="center", color=QUIET)
        return
    axes.plot(list(tried), list(tried.values()), color=QUIET, linewidth=1, zorder=1)
    for count, value in tried.items():
        axes.plot(
            [count],
            [value],
            "o",
            markersize=10 if count == chosen else 6,
            color=BLUE,
            zorder=2,
            markerfacecolor=BLUE if count == chosen else "white",
        )
        axes.annotate(
            f"{value:.2f}",
            (count, value),
            (0, 8),
            textcoords="offset points",
            ha="center",
            va="bottom",
            size=SMALL,
            weight="bold" if count == chosen else "normal",
            bbox={"facecolor": "white", "linewidth": 0, "pad": 0.5},
        )
    lowest, highest = min(0, *tried.values()), max(tried.values())
    axes.set_ylim(lowest, lowest + 1.35 * max(highest - lowest, 0.1))
    axes.set_xlim(min(tried) - 0.5, max(tried) + 0.5)
    axes.set_xticks(list(tried), [f"{count}\nchosen" if count == chosen else f"{count}" for count in tried])
    axes.set_xlabel("number of segments", size=SMALL)


def _from_top(axes: Axes, rows: int) -> None:
    """Let the first row be the highest."""
    axes.set_ylim(rows - 0.5, -0.5)
