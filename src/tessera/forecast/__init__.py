"""Revenue of a store by day as its own past goes on: which way of going on erred least in past cuts, and how far off it was."""

import tessera.scientific  # noqa: F401
from tessera.forecast.revenue import REVENUE_FORECASTS, revenue_forecasts

__all__ = ["REVENUE_FORECASTS", "revenue_forecasts"]
