"""Pages: functions that show a view. The folder is not called pages, of which Streamlit makes pages by itself."""

from tessera.dashboard.screens import analytics, axes, build, cohorts, journeys, overview, person, predictions, quality, segments

__all__ = ["analytics", "axes", "build", "cohorts", "journeys", "overview", "person", "predictions", "quality", "segments"]
