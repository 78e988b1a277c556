"""What models return, and the Postgres columns that hold it.

Everything passes through DuckDB, as with dbt-duckdb: its reading of frames is the one normal form, so both engines see
the same types and nulls (a pandas NaN is null, an Arrow NaN is NaN), and its types are few enough to map one by one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb
import pyarrow as pa
from dbt_common.exceptions import DbtRuntimeError

from dbt_local_python.warehouse import quoted

MAX_NAME_BYTES = 63
WRITE_ROWS = 16_384
RETURNS = "a pandas or polars DataFrame, a pyarrow Table, RecordBatchReader, Dataset or Scanner, or a DuckDB relation"
# DuckDB type: the Postgres type, and the DuckDB type whose Arrow form Postgres takes by binary COPY.
SCALARS = {
    "boolean": ("boolean", "boolean"),
    "tinyint": ("smallint", "smallint"),
    "utinyint": ("smallint", "smallint"),
    "smallint": ("smallint", "smallint"),
    "usmallint": ("integer", "integer"),
    "integer": ("integer", "integer"),
    "uinteger": ("bigint", "bigint"),
    "bigint": ("bigint", "bigint"),
    "ubigint": ("numeric(20,0)", "decimal(20,0)"),
    "hugeint": ("numeric(38,0)", "decimal(38,0)"),
    "uhugeint": ("numeric(38,0)", "decimal(38,0)"),
    "float": ("real", "float"),
    "double": ("double precision", "double"),
    "date": ("date", "date"),
    "time": ("time", "time"),
    "time_ns": ("time", "time"),
    "timestamp": ("timestamp", "timestamp"),
    "timestamp_s": ("timestamp", "timestamp"),
    "timestamp_ms": ("timestamp", "timestamp"),
    "timestamp_ns": ("timestamp", "timestamp"),
    "timestamp with time zone": ("timestamptz", "timestamptz"),
    "interval": ("interval", "interval"),
    "blob": ("bytea", "blob"),
}
TEXT = ("text", "varchar")
AS_JSON = {"list", "array", "struct", "map", "union", "variant"}


def rows_for_postgres(frame: Any, session: Any, failures: list[Exception]) -> tuple[dict[str, str], pa.RecordBatchReader]:
    """Return how and with what a table is filled with what a model returned.

    Parameters
    ----------
    frame
        The model's result.
    session
        The model's session.
    failures
        Receives the exception with which a stream ends early; who reads the rows is given no more than its text.

    Returns
    -------
    dict of str to str
        The Postgres type by column.
    pyarrow.RecordBatchReader
        The rows, unread so far, in Arrow types that go into Postgres by binary COPY.

    Raises
    ------
    DbtRuntimeError
        If the result is no frame, has no columns, or has names that no table can have.
    """
    if isinstance(frame, duckdb.DuckDBPyRelation):
        return _from_relation(frame)
    kind = f"{type(frame).__module__.partition('.')[0]}.{type(frame).__name__}"
    if kind == "pandas.DataFrame":
        _check_names([str(name) for name in frame.columns])
        return _from_relation(session.cursor().from_df(frame))
    return _from_reader(_reader(frame.collect() if kind == "polars.LazyFrame" else frame), session, failures)


def _from_relation(relation: duckdb.DuckDBPyRelation) -> tuple[dict[str, str], pa.RecordBatchReader]:
    select, columns = _columns(relation)
    return columns, relation.project(select).to_arrow_reader(WRITE_ROWS)


def _from_reader(
    reader: pa.RecordBatchReader, session: Any, failures: list[Exception]
) -> tuple[dict[str, str], pa.RecordBatchReader]:
    # Read as one stream, DuckDB would run far ahead of Postgres (see AHEAD_BATCHES); as tables of a few rows it cannot. The
    # rows may come out of a result of the session that is still open, which another statement there would end.
    cursor = session.cursor()
    _check_names(reader.schema.names)
    # DuckDB reads no half floats.
    schema = pa.schema([field.with_type(pa.float32()) if pa.types.is_float16(field.type) else field for field in reader.schema])
    empty = cursor.from_arrow(schema.empty_table())
    select, columns = _columns(empty)

    def batches() -> Iterator[pa.RecordBatch]:
        for table in _tables(reader, schema, failures):
            yield from cursor.from_arrow(table).project(select).to_arrow_table().to_batches(WRITE_ROWS)

    return columns, pa.RecordBatchReader.from_batches(empty.project(select).to_arrow_table().schema, batches())


def _tables(reader: pa.RecordBatchReader, schema: pa.Schema, failures: list[Exception]) -> Iterator[pa.Table]:
    """The batches of a stream, those of few rows put together."""
    gathered: list[pa.RecordBatch] = []
    try:
        for batch in reader:
            gathered.append(batch.cast(schema))
            if sum(part.num_rows for part in gathered) >= WRITE_ROWS:
                yield pa.Table.from_batches(gathered)
                gathered = []
    except Exception as error:
        failures.append(error)
        raise
    if gathered:
        yield pa.Table.from_batches(gathered)


def _columns(relation: duckdb.DuckDBPyRelation) -> tuple[str, dict[str, str]]:
    """A select list over a relation in Arrow types that Postgres takes, and the Postgres type by column."""
    _check_names(relation.columns)
    select, columns = [], {}
    for name, kind in zip(relation.columns, relation.types, strict=True):
        expression, columns[name] = _column(name, kind)
        select.append(f"{expression} as {quoted(name)}")
    return ", ".join(select), columns


def _column(name: str, kind: Any) -> tuple[str, str]:
    """The select expression and the Postgres type of one column."""
    column = quoted(name)
    if str(kind) == "JSON":
        return _jsonb(column), "jsonb"
    if kind.id == "uuid":
        return f"unhex(replace(cast({column} as varchar), '-', ''))", "uuid"
    if kind.id in ("list", "array"):
        child = kind.children[0][1]
        if child.id not in AS_JSON and str(child) != "JSON":
            postgres, own = _scalar(child)
            return f"cast({column} as {own}[])", f"{postgres}[]"
    if kind.id in AS_JSON:
        # Of a null, to_json makes the JSON value null.
        return f"case when {column} is not null then {_jsonb(f'to_json({column})')} end", "jsonb"
    postgres, own = _scalar(kind)
    if postgres in ("date", "timestamp", "timestamptz"):
        message = f"column {name} holds an infinite {postgres}, which Arrow cannot carry to Postgres".replace("'", "''")
        return f"case when isinf(cast({column} as {own})) then error('{message}') else cast({column} as {own}) end", postgres
    return f"cast({column} as {own})", postgres


def _scalar(kind: Any) -> tuple[str, str]:
    if kind.id == "decimal":
        return str(kind).replace("DECIMAL", "numeric"), str(kind)
    return SCALARS.get(kind.id, TEXT)


def _jsonb(expression: str) -> str:
    """The binary form of jsonb: its version, 1, and the text."""
    return f"chr(1) || cast({expression} as varchar)"


def _reader(frame: Any) -> pa.RecordBatchReader:
    if isinstance(frame, pa.RecordBatchReader):
        return frame
    if isinstance(frame, pa.Table):
        return frame.to_reader()
    if type(frame).__module__ == "pyarrow._dataset":
        return (frame.scanner() if hasattr(frame, "scanner") else frame).to_reader()
    try:
        return pa.RecordBatchReader.from_stream(frame)
    except (TypeError, pa.ArrowException):
        raise DbtRuntimeError(f"The model returned {_article(type(frame).__name__)}; it must return {RETURNS}") from None


def _article(name: str) -> str:
    return name if name == "NoneType" else f"{'an' if name[0].lower() in 'aeiou' else 'a'} {name}"


def _check_names(names: list[str]) -> None:
    if not names:
        raise DbtRuntimeError("The model returned a frame without columns")
    seen: dict[str, str] = {}
    for name in names:
        if name.lower() in seen:
            raise DbtRuntimeError(
                f"The model returned two columns named '{seen[name.lower()]}' and '{name}'; names must differ in more than case"
            )
        if not name or len(name.encode()) > MAX_NAME_BYTES:
            raise DbtRuntimeError(f"The model returned a column named '{name}'; names have 1 to {MAX_NAME_BYTES} bytes")
        seen[name.lower()] = name
