"""Revenue of a store by day as its own past goes on: the mean of what erred little after past cuts, and how far off that was."""

import tessera.scientific  # noqa: F401
from tessera.forecast.revenue import REVENUE_FORECASTS, revenue_forecasts

__all__ = ["REVENUE_FORECASTS", "revenue_forecasts"]
