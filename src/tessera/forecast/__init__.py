"""Revenue of a store by day as its own past goes on: which way of going on erred least in past cuts, and how far off it was."""

from tessera.forecast.revenue import REVENUE_FORECASTS, revenue_forecasts

__all__ = ["REVENUE_FORECASTS", "revenue_forecasts"]
