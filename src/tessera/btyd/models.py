"""The models of purchases by name."""

from __future__ import annotations

from tessera.btyd.purchases import BgNbd, MbgNbd, ParetoNbd, PurchaseModel
from tessera.btyd.rhythm import MbgCnbd

PLAIN: dict[str, PurchaseModel] = {model.name: model for model in (BgNbd(), MbgNbd(), ParetoNbd())}
RHYTHMS: dict[str, PurchaseModel] = {model.name: model for model in (MbgCnbd(2), MbgCnbd(4), MbgCnbd(8))}
"""Models of people with a rhythm, the loosest first."""
MODELS = PLAIN | RHYTHMS
