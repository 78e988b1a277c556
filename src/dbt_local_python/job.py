"""Runs one Python model: from its compiled code to rows in a Postgres table."""

from __future__ import annotations

import asyncio
import sys
import threading
import traceback
import types
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dbt.adapters.base.impl import PythonJobHelper
from dbt_common.exceptions import DbtRuntimeError
from typing_extensions import override

from dbt_local_python.frames import rows_for_postgres
from dbt_local_python.session import open_session
from dbt_local_python.warehouse import Warehouse

TARGET = "_dbt_local_python_target"
# Models that begin at once would import the same packages side by side, and find modules of which half is there.
_BEGINNING = threading.Lock()


class LocalPythonJob(PythonJobHelper):
    """One run of one model.

    Parameters
    ----------
    parsed_model
        The model as dbt parsed it.
    credentials
        dbt-postgres credentials.
    adapter
        The adapter that asks; it knows the project's folders and dbt's own connection.
    """

    def __init__(self, parsed_model: dict[str, Any], credentials: Any, adapter: Any) -> None:
        self.model = parsed_model
        self.adapter = adapter
        self.path = self._path()
        self.warehouse = Warehouse(credentials, adapter.connections.get_thread_connection().handle.get_backend_pid())

    @override
    def submit(self, compiled_code: str) -> int:
        """Run the model and write what it returns.

        Parameters
        ----------
        compiled_code
            The model, dbt's additions to it, and the table to write to.

        Returns
        -------
        int
            Rows written.

        Raises
        ------
        DbtRuntimeError
            If the model fails, with its file and line, or returns what cannot be written. Nothing is left behind.
        """
        # Code that is asynchronous expects a loop, which threads other than the main one do not have.
        try:
            asyncio.get_event_loop()
        except RuntimeError:
            asyncio.set_event_loop(asyncio.new_event_loop())
        failures: list[Exception] = []
        try:
            with self._module(compiled_code) as module, open_session(self.warehouse, failures) as session:
                frame = module.model(module.dbtObj(session.load), session)
                columns, rows = rows_for_postgres(frame, session, failures)
                schema, table, unlogged = getattr(module, TARGET)
                return self.warehouse.write(schema, table, columns, rows, unlogged)
        except Exception as error:
            raise DbtRuntimeError(self._explain(error, failures)) from error
        finally:
            self.warehouse.close()

    def _path(self) -> Path:
        """The model's file in its project or package."""
        config = self.adapter.config
        if self.model["package_name"] != config.project_name:
            config = config.load_dependencies()[self.model["package_name"]]
        return Path(config.project_root) / self.model["original_file_path"]

    @contextmanager
    def _module(self, compiled_code: str) -> Iterator[types.ModuleType]:
        """The code as a module of this run alone, compiled under the name and with the lines of the model's file."""
        # dbt strips the file before compiling it.
        text = self.path.read_text(encoding="utf-8") if self.path.exists() else ""
        lines_before = text[: len(text) - len(text.lstrip())].count("\n")
        module = types.ModuleType(f"{self.model['alias']}_{uuid.uuid4().hex}")
        module.__file__ = str(self.path)
        # Dataclasses and pickle look their module up by name.
        sys.modules[module.__name__] = module
        try:
            code = compile("\n" * lines_before + compiled_code.lstrip(), str(self.path), "exec", dont_inherit=True)
            with _BEGINNING:
                exec(code, module.__dict__)
            yield module
        finally:
            del sys.modules[module.__name__]

    def _explain(self, error: Exception, failures: list[Exception]) -> str:
        """What went wrong, where in the model, and the traceback from there on."""
        # DuckDB and Postgres hand on the text of what failed inside a stream and lose the exception itself.
        if failures:
            error = failures[0]
        frames = traceback.extract_tb(error.__traceback__)
        own = [number for number, frame in enumerate(frames) if frame.filename == str(self.path)]
        message = self.warehouse.redact("".join(traceback.format_exception_only(error)).strip())
        if not own:
            return f"Python model failed: {self.path}: {message}"
        shown = self.warehouse.redact("".join(traceback.format_list(frames[own[0] :])).rstrip())
        return (
            f"Python model failed: {self.path}:{frames[own[-1]].lineno}: {message}\nTraceback (most recent call last):\n{shown}"
        )
