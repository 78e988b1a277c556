"""When models are fitted again: axes, clusters and predictions alike."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol


class RefitSettings(Protocol):
    """What says when, of the settings of a fit: tonight, the var `refit_days`, and the var `refit`."""

    @property
    def as_of(self) -> datetime:
        """Tonight."""

    @property
    def refit_days(self) -> float:
        """After how many days a fit is made again."""

    @property
    def is_refit_forced(self) -> bool:
        """Whether it is made tonight, whenever the last one was."""


def is_due(settings: RefitSettings, fitted_at: datetime | None) -> bool:
    """Whether a fit is made tonight; fitted_at: the night of the last one, None where there was none."""
    return fitted_at is None or settings.is_refit_forced or settings.as_of - fitted_at >= timedelta(days=settings.refit_days)
