"""Acting on what is known of people: products to recommend, and who is like the members of a segment.

`judge_recommenders`, `fit_pairs`, `recommend` and `score_lookalikes` are what Python models call: Arrow in, Arrow out.
"""

import tessera.scientific  # noqa: F401
from tessera.activation.judging import RECOMMENDERS, judge_recommenders
from tessera.activation.lookalikes import LOOKALIKES, LookalikeReader, lookalike_columns, score_lookalikes
from tessera.activation.pairs import PAIRS, fit_pairs
from tessera.activation.purchases import MemberReader, PurchaseReader
from tessera.activation.recommending import RECOMMENDED, recommend
from tessera.activation.settings import LookalikeSettings, RecommendationSettings

__all__ = [
    "LOOKALIKES",
    "PAIRS",
    "RECOMMENDED",
    "RECOMMENDERS",
    "LookalikeReader",
    "LookalikeSettings",
    "MemberReader",
    "PurchaseReader",
    "RecommendationSettings",
    "fit_pairs",
    "judge_recommenders",
    "lookalike_columns",
    "recommend",
    "score_lookalikes",
]
