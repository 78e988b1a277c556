"""Quality of what came in: what became of every row, and what the store lacks."""

from __future__ import annotations

import pyarrow.compute as pc

from tessera.dashboard import charts, queries
from tessera.dashboard.view import View, figure, listed

_MISSING = "No raw table of the store has rows."


def show(view: View) -> None:
    """Show what became of rows."""
    table = view.ask(queries.quality)
    figure(
        "Rows that came in",
        table,
        lambda: charts.bars(table, "table_name", "raw_rows", "Rows that came in by table"),
        _MISSING,
        "By table of the raw contract; the table beside it says what became of them",
    )
    listed("What became of them", table, _MISSING)
    issues = view.ask(queries.issues)
    listed(
        "What was wrong",
        issues,
        "Nothing was refused, emptied or flagged.",
        "The most frequent first; refused rows are in rejected_rows",
    )
    complete = view.ask(queries.completeness)
    lacking = complete.filter(pc.invert(complete["has_rows"]))
    listed(
        "What the store lacks",
        lacking.drop_columns(["has_rows"]),
        "Every table of the contract has rows.",
        "And what that leaves empty",
    )
