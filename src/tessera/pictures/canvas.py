"""How pictures look: a sheet with a title, panels placed in inches, text that fits its place, and files that do not change.

Nothing is told by colour alone, so that a picture printed in grey says the same; the two colours are told apart by people
who see few of them (Okabe and Ito's blue and vermilion, darkened until white text on them can be read).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FORMATS = (".png", ".svg")
INK, QUIET, FAINT = "#1f1f1f", "#5f5f5f", "#d9d9d9"
BLUE, VERMILION = "#0b5394", "#b84a00"
GREYS = ("#e9e9e9", "#bdbdbd")
TITLE, TEXT, SMALL = 15.0, 9.5, 8.5
MARGIN = 0.35
LINE = 1.3

# Parts of names that are short for something, as people write it.
_WRITTEN = {"wtp": "willingness to pay", "rfm": "RFM", "ltv": "LTV", "sms": "SMS", "gdpr": "GDPR"}
_STYLE = {
    "font.family": ["DejaVu Sans"],
    "font.size": TEXT,
    "text.color": INK,
    "text.parse_math": False,
    "axes.edgecolor": QUIET,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.8,
    "axes.unicode_minus": True,
    "xtick.color": QUIET,
    "ytick.color": QUIET,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.labelsize": SMALL,
    "ytick.labelsize": SMALL,
    "svg.hashsalt": "tessera",
    "savefig.dpi": 144,
}
_METADATA: dict[str, dict[str, Any]] = {".png": {"Software": None}, ".svg": {"Date": None, "Creator": None}}


class PictureError(Exception):
    """A picture cannot be drawn, for a reason that its message says."""


@contextmanager
def styled() -> Iterator[None]:
    """Let matplotlib draw as these pictures do, whatever the settings of the user; to be put on functions that draw.

    Raises
    ------
    PictureError
        If matplotlib is not installed.
    """
    try:
        from matplotlib import style
    except ImportError:
        raise PictureError("Pictures need matplotlib: pip install 'tessera-segmentation[pictures]'") from None
    with style.context(_STYLE, after_reset=True):
        yield


class Sheet:
    """A figure with a heading, on which panels are placed in inches.

    Parameters
    ----------
    width, height
        Of the space for panels, in inches.
    title
        The heading.
    lines
        Below it: text, and the properties of it (matplotlib's) where it is not plain.
    """

    def __init__(self, width: float, height: float, title: str, lines: Sequence[tuple[str, dict[str, Any]]]) -> None:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        pieces = [(title, {"size": TITLE, "weight": "bold"}), *lines]
        fitted = [(wrap(text, width, **_measured(style)), {"size": TEXT, **style}) for text, style in pieces]
        heading = sum(block_height(text, style["size"]) + 0.04 for text, style in fitted) + 0.2
        self._size = (width + 2 * MARGIN, height + heading + 2 * MARGIN)
        self._top = MARGIN + heading
        self.figure: Figure = Figure(figsize=self._size, facecolor="white")
        FigureCanvasAgg(self.figure)
        top = MARGIN
        for text, style in fitted:
            self._write(MARGIN, top, text, ha="left", va="top", **style)
            top += block_height(text, style["size"]) + 0.04

    def panel(self, label: str, left: float, top: float, width: float, height: float) -> Axes:
        """Return empty axes of that name; left and top are inches from the corner of the space for panels."""
        wide, high = self._size
        rectangle = ((MARGIN + left) / wide, 1 - (self._top + top + height) / high, width / wide, height / high)
        axes = self.figure.add_axes(rectangle, label=label)
        axes.spines[["top", "right", "left"]].set_visible(False)
        axes.tick_params(axis="y", length=0)
        return axes

    def text(self, left: float, top: float, text: str, **style: Any) -> None:
        """Write text; left and top are inches from the corner of the space for panels."""
        self._write(MARGIN + left, self._top + top, text, **style)

    def _write(self, left: float, top: float, text: str, **style: Any) -> None:
        self.figure.text(left / self._size[0], 1 - top / self._size[1], text, linespacing=LINE, **style)


@lru_cache(maxsize=4096)
def text_width(text: str, size: float = TEXT, weight: str = "normal") -> float:
    """Width of a line of text in inches."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import text_to_path

    points, _, _ = text_to_path.get_text_width_height_descent(text, FontProperties(size=size, weight=weight), ismath=False)
    return float(points) / 72


def block_height(text: str, size: float = TEXT) -> float:
    """Height of text of several lines in inches."""
    return (text.count("\n") + 1) * size * LINE / 72


def wrap(text: str, width: float, size: float = TEXT, weight: str = "normal") -> str:
    """Break text into lines of at most a width in inches, between words where that is possible."""
    lines = [""]
    for word in text.split():
        joined = f"{lines[-1]} {word}".strip()
        if text_width(joined, size, weight) <= width:
            lines[-1] = joined
            continue
        if lines[-1]:
            lines.append("")
        for letter in word:
            if lines[-1] and text_width(lines[-1] + letter, size, weight) > width:
                lines.append("")
            lines[-1] += letter
    return "\n".join(lines)


def words(name: str) -> str:
    """A name of the tables as people read it: one_time_customers are one time customers, and an rfm_segment is an RFM segment."""
    return " ".join(_WRITTEN.get(word, word) for word in name.replace("_", " ").split())


def heading(name: str) -> str:
    """A name of the tables as a heading."""
    text = words(name)
    return text[:1].upper() + text[1:]


def signed(value: float) -> str:
    """A number with its sign and one decimal; what rounds to zero has no sign."""
    text = f"{value:+.1f}".replace("-", "\N{MINUS SIGN}")
    return "0.0" if text.endswith("0.0") and len(text) == 4 else text


def percent(share: float | None) -> str:
    """A share as a whole percentage; what is there is never called 0%."""
    share = share or 0.0
    return "<1%" if 0 < share < 0.005 else f"{100 * share:.0f}%"


@styled()
def save(figure: Figure, path: Path) -> None:
    """Write a figure to a file; the same figure gives the same bytes.

    Parameters
    ----------
    figure
        What to write.
    path
        Ends in one of `FORMATS`; its folder is made where it is absent.

    Raises
    ------
    PictureError
        If the name ends otherwise, or the file cannot be written.
    """
    check_format(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, metadata=_METADATA[path.suffix.lower()])
    except OSError as error:
        raise PictureError(f"Cannot write '{path}': {error.strerror}") from error


def check_format(path: Path) -> None:
    """Raise a PictureError if the name of a file is not that of a picture."""
    if path.suffix.lower() not in FORMATS:
        raise PictureError(f"'{path}' is no picture: its name should end in {' or '.join(FORMATS)}")


def _measured(style: dict[str, Any]) -> dict[str, Any]:
    """What of a text's properties decides how wide it is."""
    return {"size": style.get("size", TEXT), "weight": style.get("weight", "normal")}
