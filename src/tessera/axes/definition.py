"""What an axis is, and the settings of a night."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from re import fullmatch
from typing import Any

import numpy as np
import pyarrow as pa

from tessera.axes.memberships import EXP, FCM
from tessera.tables import from_one_row


def _log1p(values: np.ndarray) -> np.ndarray:
    """The log of 1 + x, mirrored for negative x (a customer who was refunded more than was paid), so that it is finite."""
    return np.copysign(np.log1p(np.abs(values)), values)


def _expm1(values: np.ndarray) -> np.ndarray:
    """The inverse of `_log1p`."""
    return np.copysign(np.expm1(np.abs(values)), values)


Transform = Callable[[Any], Any]
TRANSFORMS: dict[str, tuple[Transform, Transform]] = {"none": (np.positive, np.positive), "log1p": (_log1p, _expm1)}


@dataclass(frozen=True)
class Axis:
    """One axis of the seed: its enabled features (the lead first, which orders its segments) and how each is transformed.

    `shown` are all of its columns by the names under which a person's features are told.
    """

    number: int
    name: str
    population: str
    features: tuple[str, ...]
    transforms: tuple[str, ...]
    shown: tuple[tuple[str, str], ...]


def read_axes(table: pa.Table) -> list[Axis]:
    """Axes of the seed `axes`, by number; one without an enabled feature has none.

    Raises
    ------
    ValueError
        If a name is no word, a transform is unknown, an axis has two populations, or not exactly one lead among its features.
    """
    rows: dict[tuple[int, str], list[dict[str, Any]]] = {}
    for row in table.to_pylist():
        rows.setdefault((row["axis_number"], row["axis_name"]), []).append(row)
    return [_axis(number, name, features) for (number, name), features in sorted(rows.items())]


def _axis(number: int, name: str, rows: list[dict[str, Any]]) -> Axis:
    """One axis of its rows of the seed."""
    # ids of segments begin with it, and are joined by commas
    if not fullmatch("[a-z0-9_]+", name):
        raise ValueError(f"axis {name}: a name is lower case letters, digits and _")
    if len({row["population"] for row in rows}) > 1:
        raise ValueError(f"axis {name}: all features must have one population")
    if {row["transform"] for row in rows} - set(TRANSFORMS):
        raise ValueError(f"axis {name}: transform must be one of {', '.join(TRANSFORMS)}")
    if sum(_is_true(row["is_lead"]) for row in rows) != 1:
        raise ValueError(f"axis {name}: one feature must lead")
    enabled = sorted(
        (row for row in rows if _is_true(row["is_enabled"])),
        key=lambda row: (not _is_true(row["is_lead"]), row["feature_number"]),
    )
    shown = sorted(rows, key=lambda row: row["feature_number"])
    return Axis(
        number,
        name,
        rows[0]["population"],
        tuple(row["feature"] for row in enabled),
        tuple(row["transform"] for row in enabled),
        tuple((row.get("json_name") or row["feature"], row["feature"]) for row in shown),
    )


def _is_true(value: object) -> bool:
    return str(value).lower() == "true"


@dataclass(frozen=True)
class Settings:
    """The one row of settings.

    Parameters
    ----------
    as_of
        The night.
    min_k, max_k
        Fewest and most segments of an axis.
    fit_sample, silhouette_sample
        Most people that k-means is worked out on; those on whom kinds are told and silhouettes measured.
    min_population
        People under which an axis is not fitted.
    min_silhouette
        Silhouette under which a fit is flagged.
    match_tolerance
        How far a centre moves and stays the same segment, in standard deviations a feature.
    refit_days
        Days from one fit to the next.
    is_refit_forced, is_trial
        Whether all axes are fitted tonight; whether the rows are only looked at.
    is_fit_on_known
        Whether an axis is fitted on those people only of whom its lead feature is known (a column <feature>_is_known, where
        there is one). Who is not known is at a neutral value; where most are, that is a segment of its own otherwise. So is who
        showed it once: of a lead with a column <feature>_is_shown_twice those are fitted on, if they are `min_population`.
    axes
        Names of the axes that are fitted; empty for all.
    membership, membership_entropy
        `exp` or `fcm`, and how fuzzy the latter is (`memberships.fuzzifier_for`).
    seed
        Of k-means.
    fit_kind
        `axes` or `clusters`: two fits whose axes have one name have segments of their own.
    """

    as_of: datetime
    min_k: int = 2
    max_k: int = 6
    fit_sample: int = 50_000
    silhouette_sample: int = 5_000
    min_population: int = 100
    min_silhouette: float = 0.3
    match_tolerance: float = 0.5
    refit_days: float = 7
    is_refit_forced: bool = False
    is_trial: bool = False
    is_fit_on_known: bool = False
    axes: Sequence[str] = field(default_factory=tuple)
    membership: str = EXP
    membership_entropy: float = 0.5
    seed: int = 1
    fit_kind: str = "axes"

    def __post_init__(self) -> None:
        """Refuse what cannot be fitted."""
        if not 2 <= self.min_k <= self.max_k:
            raise ValueError("min_k must be 2 or more, and max_k no less")
        if min(self.fit_sample, self.silhouette_sample, self.min_population) < 3:
            raise ValueError("fit_sample, silhouette_sample and min_population must be 3 or more")
        if self.membership not in (EXP, FCM):
            raise ValueError(f"membership must be {EXP} or {FCM}, not {self.membership}")
        if not 0 < self.membership_entropy < 1:
            raise ValueError("membership_entropy must be between 0 and 1")

    @classmethod
    def from_table(cls, table: pa.Table) -> Settings:
        """Read the settings of a table of one row; columns that are absent or null have their defaults.

        Raises
        ------
        ValueError
            If there is not one row, or a value is out of its range.
        """
        return from_one_row(cls, table)
