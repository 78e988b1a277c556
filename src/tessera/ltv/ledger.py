"""The ledger of models: its columns, its words, and the rows that count."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

LTV_MODELS = pa.schema(
    [
        ("store_id", pa.string()),
        ("as_of", pa.timestamp("us")),
        ("target", pa.string()),
        ("model", pa.string()),
        ("is_chosen", pa.bool_()),
        ("source", pa.string()),
        ("reason", pa.string()),
        ("parameters", pa.string()),
        ("standard_errors", pa.string()),
        ("log_likelihood", pa.float64()),
        ("customers", pa.int64()),
        ("repeat_buyers", pa.int64()),
        ("converged", pa.bool_()),
        ("holdout_customers", pa.int64()),
        ("deviance", pa.float64()),
        ("total_error", pa.float64()),
        ("mae", pa.float64()),
        ("gini", pa.float64()),
        ("auc", pa.float64()),
        ("calibration", pa.string()),
        ("baseline_spend_mae", pa.float64()),
        ("baseline_rate_mae", pa.float64()),
        ("baseline_spend_gini", pa.float64()),
        ("baseline_rate_gini", pa.float64()),
        ("baseline_recency_auc", pa.float64()),
        ("baseline_frequency_auc", pa.float64()),
        ("beats_baselines", pa.bool_()),
        ("covariance", pa.string()),
    ]
)
TARGETS = ORDERS, SPEND, CHURN, VALUE, FIRST_ORDER, UPGRADED, SEASON = (
    "orders",
    "spend",
    "churn",
    "value",
    "first_order",
    "upgrade",
    "season",
)
FITTED, WITH_PRIOR, POOLED, BY_RATIO, CHALLENGED, BY_SEED = "fit", "prior", "pooled", "ratio", "challenger", "seed"
Row = dict[str, Any]


def current_rows(ledger: pa.Table, before: datetime | None = None) -> dict[str, list[Row]]:
    """Store -> the rows of its last fit, of those before a night if one is given."""
    if before is not None:
        ledger = ledger.filter(pc.less(ledger["as_of"], pa.scalar(before, ledger.schema.field("as_of").type)))
    found: dict[str, list[Row]] = {}
    for row in ledger.to_pylist():
        rows = found.setdefault(row["store_id"], [])
        if rows and rows[0]["as_of"] < row["as_of"]:
            rows.clear()
        if not rows or rows[0]["as_of"] == row["as_of"]:
            rows.append(row)
    return found
