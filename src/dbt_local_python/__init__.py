"""Python models on dbt-postgres, run in dbt's own process as dbt-duckdb runs them.

dbt-core imports every installed module whose name starts with ``dbt_`` and starts the classes in its ``plugins``.
"""

from __future__ import annotations

import functools
from typing import Any

from dbt.plugins.manager import dbtPlugin
from typing_extensions import override


class LocalPython(dbtPlugin):
    """Teaches the Postgres adapter, where it is installed, to run Python models."""

    @override
    def initialize(self) -> None:
        try:
            from dbt.adapters.postgres.impl import PostgresAdapter
        except ImportError:
            return
        adapter: Any = PostgresAdapter
        adapter.default_python_submission_method = "local"
        adapter.python_submission_helpers = property(_submission_helpers)
        adapter.generate_python_submission_response = _response


def _submission_helpers(adapter: Any) -> dict[str, Any]:
    # Imported here: every dbt command starts the plugin, and only one with a Python model needs DuckDB and Arrow.
    from dbt_local_python.job import LocalPythonJob

    return {"local": functools.partial(LocalPythonJob, adapter=adapter)}


def _response(adapter: Any, rows: int) -> Any:
    from dbt.adapters.contracts.connection import AdapterResponse

    return AdapterResponse(_message=f"SELECT {rows}", code="SELECT", rows_affected=rows)


plugins = [LocalPython]
