"""What vars say of recommendations and lookalikes, as Python models read it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class RecommendationSettings:
    """One row of `int_recommendation_settings`.

    Attributes
    ----------
    as_of
        Tonight.
    holdout_days
        What came in so many last days judges the recommenders.
    refit_days, is_refit_forced
        When they are judged and fitted again, see `tessera.refits`.
    per_customer
        Products of a list, at most.
    within_segments
        Whether only what people of the same segments bought is recommended.
    ease_products
        So many products, those with most buyers, are regressed on each other; of others pairs are counted.
    """

    as_of: datetime
    holdout_days: int = 91
    refit_days: float = 7
    is_refit_forced: bool = False
    per_customer: int = 10
    within_segments: bool = False
    ease_products: int = 5_000

    def __post_init__(self) -> None:
        """Refuse what makes no sense."""
        if min(self.holdout_days, self.refit_days, self.per_customer) < 1 or self.ease_products < 0:
            raise ValueError("days and lists of recommendations are at least 1, and ease_products at least 0")


@dataclass(frozen=True)
class LookalikeSettings:
    """One row of `int_lookalike_settings`.

    Attributes
    ----------
    min_members
        Members that a segment needs, and people that are none of them.
    fit_sample
        Members, and others, that a fit looks at, at most.
    """

    min_members: int = 50
    fit_sample: int = 50_000

    def __post_init__(self) -> None:
        """Refuse what makes no sense."""
        if self.min_members < 10 or self.fit_sample < self.min_members:
            raise ValueError("min_members is at least 10, and no more than fit_sample")
