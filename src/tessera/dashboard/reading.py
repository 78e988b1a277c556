"""Reading marts for pages: briefly, once a night, and what was read last while a build has the file.

A page opens the warehouse for moments, so that a build that starts meanwhile waits no longer than these; what it read is kept
until the warehouse changes.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Concatenate, ParamSpec

import pyarrow as pa

from tessera.warehouse import Marts, WarehouseBusyError, WarehouseError, duckdb_path, open_marts, postgres_settings

P = ParamSpec("P")
Query = Callable[Concatenate[Marts, P], pa.Table]
# Postgres does not say when its tables were made anew.
_FRESH_SECONDS = 60
_MOST = 300


class Reader:
    """Asks queries of one warehouse.

    Parameters
    ----------
    target
        ``duckdb`` or ``postgres``, see `tessera.warehouse.open_marts`.

    Attributes
    ----------
    busy : str
        Why what is shown may be of the night before; empty where it is not.
    """

    def __init__(self, target: str) -> None:
        self.target = target
        self.busy = ""
        self._held: OrderedDict[tuple[object, ...], tuple[object, pa.Table]] = OrderedDict()
        self._lock = threading.Lock()

    def __call__(self, query: Query[P], *values: P.args, **named: P.kwargs) -> pa.Table:
        """Ask a query, or give what it said since the warehouse changed last.

        Raises
        ------
        WarehouseError
            If the warehouse or a mart is not there, or a build has the file and the query was never asked before.
        """
        key = (query, values, tuple(named.items()))
        with self._lock:
            now = self._state()
            state, table = self._held.get(key, (None, None))
            if table is None or state != now:
                try:
                    with open_marts(self.target) as marts:
                        table = query(marts, *values, **named)
                except WarehouseBusyError as error:
                    if table is None:
                        raise
                    self.busy = str(error)
                    return table
                self.busy = ""
            self._held[key] = (now, table)
            self._held.move_to_end(key)
            if len(self._held) > _MOST:
                self._held.popitem(last=False)
            return table

    def _state(self) -> object:
        """What changes when the warehouse does."""
        if self.target == "postgres":
            return postgres_settings()["dbname"], int(time.monotonic() / _FRESH_SECONDS)
        path = Path(duckdb_path())
        if not path.is_file():
            raise WarehouseError(f"There is no DuckDB file '{path}' (TESSERA_DUCKDB_PATH): `make build` or `dbt build` makes one")
        return str(path), path.stat().st_mtime_ns
