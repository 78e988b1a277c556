"""Writing raw tables to a warehouse: DuckDB, Postgres, or a folder of Parquet files; every target receives the same rows."""

from __future__ import annotations

import abc
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

import pyarrow as pa
import pyarrow.parquet as pq
from typing_extensions import override

from tessera.warehouse.cleaning import clean_batch, plain_schema
from tessera.warehouse.connections import (
    PATIENCE,
    WarehouseError,
    connect_duckdb,
    connect_postgres,
    duckdb_path,
    postgres_settings,
)

TARGETS = ("duckdb", "postgres", "parquet")
DUCKDB_MEMORY = "1GB"
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def open_warehouse(target: str, out: str | Path | None = None) -> Warehouse:
    """Open a target named by the environment.

    Parameters
    ----------
    target
        ``duckdb`` (the file `TESSERA_DUCKDB_PATH`), ``postgres`` (`TESSERA_POSTGRES_HOST`, `_PORT`, `_USER`, `_PASSWORD`,
        `_DBNAME`; the host may be a socket's directory) or ``parquet``. The schema is `TESSERA_RAW_SCHEMA`, default ``raw``;
        all have the defaults of profiles.yml.
    out
        Folder of the ``parquet`` target.

    Returns
    -------
    Warehouse
        To be used in a ``with`` block: the block's end commits everything it wrote, an error takes all of it back.

    Raises
    ------
    WarehouseError
        If the target is unknown, a folder is missing, or the warehouse cannot be reached.
    """
    schema = os.environ.get("TESSERA_RAW_SCHEMA") or "raw"
    if target == "duckdb":
        return DuckDBWarehouse(duckdb_path(), schema)
    if target == "postgres":
        return PostgresWarehouse(**postgres_settings(), schema=schema)
    if target == "parquet":
        if out is None:
            raise WarehouseError("The target parquet needs a folder to write to (--out DIR)")
        return ParquetWarehouse(out)
    raise WarehouseError(f"Unknown target '{target}': choose one of {', '.join(TARGETS)}")


class Warehouse(abc.ABC):
    """Where raw tables go. Use it in a ``with`` block.

    Attributes
    ----------
    cleaned_values : int
        Text values in which something was replaced so far.
    written : dict of str to int
        Rows by table so far.
    """

    def __init__(self) -> None:
        self.cleaned_values = 0
        self.written: dict[str, int] = {}

    def __enter__(self) -> Warehouse:
        """Give the warehouse, connected."""
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Finish what was written, unless something failed; close the connection in any case."""
        try:
            if kind is None:
                self.finish()
        finally:
            self.close()

    def write(self, name: str, data: pa.Table | pa.RecordBatchReader, replace: bool = True) -> int:
        """Write rows to a table.

        Parameters
        ----------
        name
            The table, without schema.
        data
            Rows; a reader is streamed, so it may be larger than memory.
        replace
            True makes the table anew, False appends to it (and makes it where it is absent).

        Returns
        -------
        int
            Rows written.
        """
        _check_name(name)
        count = 0

        def batches() -> Iterator[pa.RecordBatch]:
            nonlocal count
            for batch in data.to_batches() if isinstance(data, pa.Table) else data:
                clean, replaced = clean_batch(batch)
                self.cleaned_values += replaced
                count += clean.num_rows
                yield clean

        reader = pa.RecordBatchReader.from_batches(plain_schema(data.schema), batches())
        if replace:
            self.drop_table(name)
        self._append(name, reader)
        self.written[name] = (0 if replace else self.written.get(name, 0)) + count
        return count

    @abc.abstractmethod
    def create_schema(self) -> None:
        """Make the raw schema where it is absent."""

    @abc.abstractmethod
    def drop_table(self, name: str) -> None:
        """Drop a table or view where there is one, and the views that stand on it."""

    @abc.abstractmethod
    def _append(self, name: str, reader: pa.RecordBatchReader) -> None:
        """Append rows to a table, made where it is absent."""

    @abc.abstractmethod
    def finish(self) -> None:
        """Commit what was written."""

    @abc.abstractmethod
    def close(self) -> None:
        """Let go of files and connections; what was not committed is taken back."""


class DuckDBWarehouse(Warehouse):
    """A DuckDB file, held only between opening and closing.

    Parameters
    ----------
    path
        The file, made where it is absent.
    schema
        The raw schema.
    """

    def __init__(self, path: str | Path, schema: str = "raw") -> None:
        super().__init__()
        _check_name(schema)
        self.schema = schema
        self._connection = connect_duckdb(path, PATIENCE)
        # A file raw.duckdb has a schema of the same name as its catalog.
        ((catalog,),) = self._connection.execute("select current_catalog()").fetchall()
        self._qualified = f'"{catalog.replace(chr(34), chr(34) * 2)}"."{schema}"'
        # Rows of an open transaction are on disk already; the rest of the buffers need not fill the machine.
        self._connection.execute(f"set memory_limit = '{DUCKDB_MEMORY}'")
        self._connection.execute("begin")

    @override
    def create_schema(self) -> None:
        self._connection.execute(f"create schema if not exists {self._qualified}")

    @override
    def drop_table(self, name: str) -> None:
        _check_name(name)
        for kind in self._kind(name):
            self._connection.execute(f'drop {kind} {self._qualified}."{name}"')

    def _kind(self, name: str) -> list[str]:
        """Whether a table is a table or a view, nothing where there is none."""
        return [
            kind
            for (kind,) in self._connection.execute(
                "select case table_type when 'VIEW' then 'view' else 'table' end from information_schema.tables "
                "where table_catalog = current_catalog() and table_schema = ? and table_name = ?",
                [self.schema, name],
            ).fetchall()
        ]

    @override
    def _append(self, name: str, reader: pa.RecordBatchReader) -> None:
        table = f'{self._qualified}."{name}"'
        self._connection.register("_incoming", reader)
        action = f"insert into {table}" if self._kind(name) else f"create table {table} as"
        self._connection.execute(f"{action} select * from _incoming")
        # A transaction that failed takes nothing more, and DuckDB would say that and not why it failed.
        self._connection.unregister("_incoming")

    @override
    def finish(self) -> None:
        self._connection.execute("commit")
        self._connection.execute("begin")

    @override
    def close(self) -> None:
        self._connection.close()


class PostgresWarehouse(Warehouse):
    """A Postgres database; rows go in by binary COPY.

    Parameters
    ----------
    host, port, user, password, dbname
        The server; the host may be the directory of a Unix socket.
    schema
        The raw schema.
    """

    def __init__(self, host: str, port: str, user: str, password: str, dbname: str, schema: str = "raw") -> None:
        super().__init__()
        _check_name(schema)
        self.schema = schema
        self._connection = connect_postgres(host, port, user, password, dbname)

    def _execute(self, statement: str) -> None:
        with self._connection.cursor() as cursor:
            cursor.execute(statement)

    @override
    def create_schema(self) -> None:
        self._execute(f'create schema if not exists "{self.schema}"')

    @override
    def drop_table(self, name: str) -> None:
        _check_name(name)
        with self._connection.cursor() as cursor:
            cursor.execute(
                "select c.relkind::text from pg_catalog.pg_class as c join pg_catalog.pg_namespace as n "
                f"on n.oid = c.relnamespace where n.nspname = '{self.schema}' and c.relname = '{name}'"
            )
            found = cursor.fetchone()
        if found:
            kind = {"v": "view", "m": "materialized view"}.get(found[0], "table")
            self._execute(f'drop {kind} "{self.schema}"."{name}" cascade')

    @override
    def _append(self, name: str, reader: pa.RecordBatchReader) -> None:
        with self._connection.cursor() as cursor:
            cursor.adbc_ingest(name, reader, mode="create_append", db_schema_name=self.schema)

    @override
    def finish(self) -> None:
        # The watermark of incremental staging is `loaded_at`: a night reads its own rows, not the whole table.
        for name in self.written:
            with self._connection.cursor() as cursor:
                cursor.execute(
                    "select 1 from information_schema.columns where table_schema = "
                    f"'{self.schema}' and table_name = '{name}' and column_name = 'loaded_at'"
                )
                has_watermark = cursor.fetchone() is not None
            if has_watermark:
                self._execute(f'create index if not exists "{name}_loaded_at" on "{self.schema}"."{name}" (loaded_at)')
            self._execute(f'analyze "{self.schema}"."{name}"')
        self._connection.commit()

    @override
    def close(self) -> None:
        self._connection.close()


class ParquetWarehouse(Warehouse):
    """A folder with one subfolder a table and one file a write.

    Parameters
    ----------
    folder
        Made where it is absent.
    """

    def __init__(self, folder: str | Path) -> None:
        super().__init__()
        self.folder = Path(folder)

    @override
    def create_schema(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)

    @override
    def drop_table(self, name: str) -> None:
        _check_name(name)
        folder = self.folder / name
        if folder.is_dir():
            strangers = [file.name for file in folder.iterdir() if file.suffix != ".parquet"]
            if strangers:
                raise WarehouseError(
                    f"Will not replace the folder '{folder}': it holds more than Parquet files "
                    f"({', '.join(sorted(strangers)[:3])})"
                )
            shutil.rmtree(folder)

    @override
    def _append(self, name: str, reader: pa.RecordBatchReader) -> None:
        folder = self.folder / name
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / f"part-{len(list(folder.glob('*.parquet'))):05d}.parquet"
        with pq.ParquetWriter(file, reader.schema, compression="zstd") as writer:
            for batch in reader:
                writer.write_batch(batch)

    @override
    def finish(self) -> None:
        """Do nothing: files are written as they come."""

    @override
    def close(self) -> None:
        """Do nothing: files are closed as they are written."""


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise WarehouseError(f"'{name}' cannot name a table or schema here: letters, digits and underscores only")
