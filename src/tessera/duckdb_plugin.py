"""A plugin of dbt-duckdb (see profiles.yml): a file that cannot be opened is a sentence, where dbt would show a stack trace."""

from __future__ import annotations

from typing import Any

from dbt.adapters.duckdb.credentials import DuckDBCredentials
from dbt.adapters.duckdb.plugins import BasePlugin

from tessera.loading import LoadingError, connect_duckdb


class Plugin(BasePlugin):
    """Opens the file before dbt does, and says why that cannot be done."""

    def update_connection_config(self, creds: DuckDBCredentials, config: dict[str, Any]) -> None:
        """Do what dbt-duckdb does next, which reports a `RuntimeError` and nothing else in its own words."""
        if creds.path == ":memory:" or creds.is_motherduck:
            return
        try:
            connect_duckdb(creds.path, config=config).close()
        except LoadingError as error:
            raise RuntimeError(error) from error
