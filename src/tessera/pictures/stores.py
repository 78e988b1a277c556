"""Which stores there are to draw."""

from __future__ import annotations

import pyarrow as pa

from tessera.pictures.canvas import PictureError
from tessera.warehouse.marts import Marts

STORE = pa.schema([("store_id", pa.string())])
_MOST = 20


def check_store(marts: Marts, store_id: str) -> None:
    """Raise a PictureError that names the stores there are, if this is none of them."""
    known = sorted(marts.read("stores", STORE, {})["store_id"].to_pylist())
    if store_id not in known:
        more = ", ..." if len(known) > _MOST else ""
        there = f"there are {', '.join(known[:_MOST])}{more}" if known else "no night was built that had one"
        raise PictureError(f"There is no store '{store_id}'; {there}")
