"""A place to look: pages over the marts in a browser (`tessera dashboard`).

`queries` asks the marts, `charts` draws what they say, `screens` show it, and `reading` keeps the time short in which a file is
open.
"""

from __future__ import annotations

from tessera.dashboard.command import DashboardError, add_dashboard, add_publish, add_report

__all__ = ["DashboardError", "add_dashboard", "add_publish", "add_report"]
