"""Opening a warehouse: where it is as the environment says, and in a sentence why it cannot be opened."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

if TYPE_CHECKING:
    from adbc_driver_manager.dbapi import Connection
    from duckdb import DuckDBPyConnection

# What DuckDB calls catalogs and schemas of its own; a file's catalog is called as the file is.
DUCKDB_OWN_NAMES = ("information_schema", "main", "system", "temp")
# How long what builds or loads waits for a file: who reads has it for moments only.
PATIENCE = 3.0
_PROCESS = re.compile(r"\(PID (\d+)\)")


class WarehouseError(Exception):
    """What was asked of a warehouse cannot be done, for a reason that its message says."""


class WarehouseBusyError(WarehouseError):
    """The warehouse is there, but another process has it."""


def postgres_settings() -> dict[str, str]:
    """Return host, port, user, password and dbname as the environment names them, with the defaults of profiles.yml."""
    return {
        "host": os.environ.get("TESSERA_POSTGRES_HOST") or "localhost",
        "port": os.environ.get("TESSERA_POSTGRES_PORT") or "5432",
        "user": os.environ.get("TESSERA_POSTGRES_USER") or "postgres",
        "password": os.environ.get("TESSERA_POSTGRES_PASSWORD") or "",
        "dbname": os.environ.get("TESSERA_POSTGRES_DBNAME") or "postgres",
    }


def duckdb_path() -> str:
    """Return the DuckDB file that the environment names, with the default of profiles.yml."""
    return os.environ.get("TESSERA_DUCKDB_PATH") or "tessera.duckdb"


def connect_duckdb(path: str | Path, patience: float = 0, **options: Any) -> DuckDBPyConnection:
    """Open a DuckDB file.

    Parameters
    ----------
    path
        The file, made where it is absent.
    patience
        Seconds to wait for another process that has it open.
    options
        Of `duckdb.connect`.

    Raises
    ------
    WarehouseBusyError
        If it is open in another process.
    WarehouseError
        If it has a name that DuckDB keeps for itself, or cannot be opened.
    """
    import duckdb

    if Path(path).name.lstrip(".").split(".")[0].lower() in DUCKDB_OWN_NAMES:
        raise WarehouseError(
            f"The DuckDB file '{path}' needs another name: {', '.join(DUCKDB_OWN_NAMES[:-1])} and "
            f"{DUCKDB_OWN_NAMES[-1]} are names of DuckDB's own"
        )
    until = time.monotonic() + patience
    try:
        return duckdb.connect(str(path), **options)
    except duckdb.Error as error:
        failed = duckdb_error(path, error)
        if not isinstance(failed, WarehouseBusyError) or patience <= 0:
            raise failed from error
    time.sleep(0.05)
    return connect_duckdb(path, until - time.monotonic(), **options)


def duckdb_error(path: str | Path, error: Exception) -> WarehouseError:
    """Say in a sentence why DuckDB could not open a file."""
    if "Could not set lock" not in str(error):
        return WarehouseError(f"Cannot open the DuckDB file '{path}': {error}")
    process = _PROCESS.search(str(error))
    return WarehouseBusyError(
        f"The DuckDB file '{path}' is open in another process{f' (PID {process[1]})' if process else ''}, "
        "and only one at a time can have it: try again when that one has ended"
    )


def connect_postgres(host: str, port: str, user: str, password: str, dbname: str, options: str = "") -> Connection:
    """Connect to a Postgres database.

    Parameters
    ----------
    host, port, user, password, dbname
        The server; the host may be the directory of a Unix socket.
    options
        What the server is told at the start, such as ``-c default_transaction_read_only=on``.

    Raises
    ------
    WarehouseError
        If it cannot be reached; the message does not hold the password.
    """
    from adbc_driver_manager import Error
    from adbc_driver_postgresql import dbapi

    parts = {
        "host": host,
        "port": port,
        "user": user,
        "dbname": dbname,
        "password": password,
        "options": options,
        "application_name": "tessera",
    }
    uri = "postgresql://?" + urlencode({key: value for key, value in parts.items() if value}, quote_via=quote)
    try:
        return dbapi.connect(uri)
    except Error as error:
        raise WarehouseError(
            f"Cannot connect to Postgres at '{host}' port {port}, database '{dbname}', "
            f"user '{user}': {str(error).replace(password, '***') if password else error}"
        ) from error
