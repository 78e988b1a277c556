"""Behavioural axes: segments that are fitted now and then and keep their identity, and memberships of everybody every night.

`fit_axes` and `score_axes` are what Python models call: Arrow in, Arrow out. What is specific to an axis is data (the seed
`axes`), so that any other set of features is clustered by the same functions. `profile` scores people inside a process,
without a warehouse.
"""

import tessera.scientific  # noqa: F401
from tessera.axes.archetypes import score_archetypes
from tessera.axes.definition import Axis, Settings, read_axes
from tessera.axes.fitting import SEGMENTS, fit_axes, segments_in_use
from tessera.axes.reading import FeatureReader, Reader
from tessera.axes.scoring import NAMED, POSITIONS, SCORES, axis_positions, name_scores, position_columns, profile, score_axes

__all__ = [
    "NAMED",
    "POSITIONS",
    "SCORES",
    "SEGMENTS",
    "Axis",
    "FeatureReader",
    "Reader",
    "Settings",
    "axis_positions",
    "fit_axes",
    "name_scores",
    "position_columns",
    "profile",
    "read_axes",
    "score_archetypes",
    "score_axes",
    "segments_in_use",
]
