"""Lifetime value per store: which model predicts, chosen on a holdout and kept in a ledger, and what it says of everybody.

`fit_ltv`, `score_ltv`, `expected_by_week` and `store_forecasts` are what Python models call: Arrow in, Arrow out.
`PredictionReader` reads the features of a fit, and `challenger_sample` what scores need where behaviour tells more than orders.
"""

import tessera.scientific  # noqa: F401
from tessera.ltv.fitting import fit_ltv
from tessera.ltv.ledger import LTV_MODELS, TARGETS
from tessera.ltv.reading import PredictionReader, Reader
from tessera.ltv.scoring import PREDICTIONS, SCORED_COLUMNS, challenger_sample, score_ltv
from tessera.ltv.settings import BEHAVIOUR, HISTORY, LABELS, Settings
from tessera.ltv.totals import FORECASTS, store_forecasts
from tessera.ltv.tracking import EXPECTATIONS, expected_by_week

__all__ = [
    "BEHAVIOUR",
    "EXPECTATIONS",
    "FORECASTS",
    "HISTORY",
    "LABELS",
    "LTV_MODELS",
    "PREDICTIONS",
    "SCORED_COLUMNS",
    "TARGETS",
    "PredictionReader",
    "Reader",
    "Settings",
    "challenger_sample",
    "expected_by_week",
    "fit_ltv",
    "score_ltv",
    "store_forecasts",
]
