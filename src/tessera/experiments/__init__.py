"""What an experiment brought: differences of arms, with intervals for one look at the end and for as many looks as one likes.

`experiment_statistics` is what the Python model calls: sums of arms in Arrow in, differences out. What it is made of is here too,
over arrays of any shape, so that thousands of experiments can be looked at at once.
"""

import tessera.scientific  # noqa: F401
from tessera.experiments.differences import (
    CONFIDENCE,
    Difference,
    adjusted,
    always_valid_half_width,
    detectable_difference,
    difference,
    effective_people,
    mixing_variance,
    power,
    sample_ratio_p,
    with_common_variance,
)
from tessera.experiments.statistics import STATISTICS, experiment_statistics
from tessera.experiments.sums import Sums, pooled, sums_of

__all__ = [
    "CONFIDENCE",
    "STATISTICS",
    "Difference",
    "Sums",
    "adjusted",
    "always_valid_half_width",
    "detectable_difference",
    "difference",
    "effective_people",
    "experiment_statistics",
    "mixing_variance",
    "pooled",
    "power",
    "sample_ratio_p",
    "sums_of",
    "with_common_variance",
]
