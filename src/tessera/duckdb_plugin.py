"""A plugin of dbt-duckdb (see profiles.yml).

A file that cannot be opened is a sentence, where dbt would show a stack trace, and SQL finds the key of tombstones in variables
of its connection, so that the key is in no file.
"""

from __future__ import annotations

import hashlib
import os
from typing import Any

from dbt.adapters.duckdb.credentials import DuckDBCredentials
from dbt.adapters.duckdb.plugins import BasePlugin
from typing_extensions import override

from tessera.warehouse import PATIENCE, WarehouseError, connect_duckdb

BLOCK_BYTES = 64


class Plugin(BasePlugin):
    """Opens the file before dbt does, and says why that cannot be done; gives every connection the key."""

    @override
    def update_connection_config(self, creds: DuckDBCredentials, config: dict[str, Any]) -> None:
        """Do what dbt-duckdb does next, which reports a `RuntimeError` and nothing else in its own words."""
        if creds.path == ":memory:" or creds.is_motherduck:
            return
        try:
            connect_duckdb(creds.path, PATIENCE, config=config).close()
        except WarehouseError as error:
            raise RuntimeError(error) from error

    @override
    def configure_cursor(self, cursor: Any) -> None:
        """Set the variables where the environment names a secret."""
        secret = os.environ.get("TESSERA_ERASURE_SECRET")
        if secret:
            for name, pad in zip(("inner", "outer"), pads(secret), strict=True):
                cursor.execute(f"set variable tessera_{name}_pad = $pad", {"pad": pad})


def pads(secret: str) -> tuple[bytes, bytes]:
    """Return the form in which HMAC-SHA-256 needs a secret: its inner and its outer pad."""
    key = secret.encode()
    key = (hashlib.sha256(key).digest() if len(key) > BLOCK_BYTES else key).ljust(BLOCK_BYTES, b"\0")
    return bytes(byte ^ 0x36 for byte in key), bytes(byte ^ 0x5C for byte in key)
