"""Reading and writing Postgres tables as streams of Arrow batches, by binary COPY."""

from __future__ import annotations

import threading
import time
import weakref
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import adbc_driver_manager
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.ipc
from adbc_driver_postgresql import dbapi
from dbt_common.exceptions import DbtDatabaseError
from psycopg2.extensions import make_dsn

# A batch that the driver makes of a table, and what may be read ahead of DuckDB. DuckDB reads Arrow streams through a
# scanner of pyarrow's that takes everything that it can get, up to 1 GB, while whoever asked for the rows is busy.
READ_BYTES = 2**20
AHEAD_BATCHES = 16
PATIENCE_SECONDS = 1.0
# Types that come by binary COPY in an Arrow type which DuckDB takes for its own type of the same meaning.
NATIVE = {
    "bool",
    "int2",
    "int4",
    "int8",
    "float4",
    "float8",
    "text",
    "varchar",
    "bytea",
    "date",
    "time",
    "timestamp",
    "timestamptz",
}
NATIVE |= {f"_{name}" for name in NATIVE}
NATIVE |= {"uuid", "json", "jsonb", "interval"}
MAX_DIGITS = 38
# How infinite days and microseconds arrive: counted from 1970 instead of 2000, the ends of the integers wrap around.
INFINITE_DAYS = pa.array([-2_147_472_692, -2_147_472_691], pa.int32())
INFINITE_MICROSECONDS = pa.array([-9_222_425_352_054_775_809, -9_222_425_352_054_775_808], pa.int64())

_COLUMNS = """
    select
        n.nspname::text,
        c.relname::text,
        a.attname::text,
        b.typname::text,
        b.typtype::text,
        b.typcategory::text,
        case when t.typtype = 'd' then t.typtypmod else a.atttypmod end,
        a.attndims::integer,
        exists (
            select from pg_catalog.pg_locks as l
            where l.pid = {pid} and l.relation = c.oid and l.mode = 'AccessExclusiveLock' and l.granted
        )
    from pg_catalog.pg_class as c
    join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
    join pg_catalog.pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    join pg_catalog.pg_type as t on t.oid = a.atttypid
    join pg_catalog.pg_type as b on b.oid = case when t.typtype = 'd' then t.typbasetype else t.oid end
    where c.relkind in ('r', 'v', 'm', 'p', 'f') and (n.nspname, c.relname) in ({names})
    order by n.nspname, c.relname, a.attnum
"""


def quoted(name: str) -> str:
    """Return a name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(value: str) -> str:
    """Return a text as an SQL literal, whatever the server's setting for backslashes."""
    text = value.replace("'", "''")
    return " E'" + text.replace("\\", "\\\\") + "'" if "\\" in text else f"'{text}'"


class Warehouse:
    """A Postgres database, as dbt's profile describes it.

    Every read and every write has a connection of its own: DuckDB may scan several tables at once, and connections
    of ADBC are not made for several threads. All share what the first one asks the server about its types, which takes
    longer than most reads where there are hundreds of tables.

    Parameters
    ----------
    credentials
        dbt-postgres credentials.
    dbt_pid
        The server process of dbt's own connection.

    Raises
    ------
    DbtDatabaseError
        From every method, if the server cannot be reached or refuses; the message never holds the password.
    """

    def __init__(self, credentials: Any, dbt_pid: int) -> None:
        self.credentials = credentials
        self.dbt_pid = dbt_pid
        self.database: str = credentials.database
        self.schema: str = credentials.schema
        self._lock, self._opening = threading.Lock(), threading.Lock()
        self._catalog: dbapi.Connection | None = None

    @property
    def timezone(self) -> str:
        """The time zone of sessions on the server."""
        return self._rows("select current_setting('TimeZone')")[0][0]

    def tables(self, names: Iterable[tuple[str, str]], failures: list[Exception]) -> list[Table]:
        """Find those tables and views of some names that exist.

        Parameters
        ----------
        names
            Pairs of schema and table.
        failures
            Receives what fails while one of the tables is read.
        """
        # DuckDB knows no case in names; Postgres has those of unquoted names in lower case.
        wanted = {spelling for schema, table in names for spelling in ((schema, table), (schema.lower(), table.lower()))}
        if not wanted:
            return []
        pairs = ", ".join(f"({literal(schema)}, {literal(table)})" for schema, table in sorted(wanted))
        columns: dict[tuple[str, str], list[tuple[Any, ...]]] = {}
        for schema, table, *column, locked in self._rows(_COLUMNS.format(pid=self.dbt_pid, names=pairs)):
            if locked:
                raise DbtDatabaseError(
                    f"{quoted(schema)}.{quoted(table)} cannot be read: a pre-hook of this model holds it locked until the "
                    "model's end; run that hook with before_begin() instead"
                )
            columns.setdefault((schema, table), []).append(tuple(column))
        return [Table(self, schema, table, found, failures) for (schema, table), found in columns.items()]

    def read(self, query: str) -> Iterator[pa.RecordBatch]:
        """Yield the rows of a query as they come, over a connection of their own."""
        with self._errors(), self.connect(autocommit=True) as connection, connection.cursor() as cursor:
            cursor.adbc_statement.set_options(**{"adbc.postgresql.batch_size_hint_bytes": str(READ_BYTES)})
            cursor.execute(query)
            yield from cursor.fetch_record_batch()

    def schema_of(self, query: str) -> pa.Schema:
        """Return the Arrow schema of a query without running it."""
        with self._lock, self._errors(), self._catalog_connection().cursor() as cursor:
            return cursor.adbc_execute_schema(query)

    def write(self, schema: str, table: str, columns: dict[str, str], rows: pa.RecordBatchReader, unlogged: bool) -> int:
        """Make a table and fill it, in one transaction.

        Parameters
        ----------
        schema, table
            Its name; there is no such table yet.
        columns
            Postgres types by column; a numeric of 38 digits becomes one of any precision.
        rows
            The same columns in Arrow types that go into Postgres as they are.
        unlogged
            Whether the table may be lost when the server crashes.

        Returns
        -------
        int
            Rows written.
        """
        described = ", ".join(f"{quoted(name)} {kind}" for name, kind in columns.items())
        with self._errors(), self.connect(autocommit=False) as connection, connection.cursor() as cursor:
            cursor.execute(f"create {'unlogged ' if unlogged else ''}table {quoted(schema)}.{quoted(table)} ({described})")
            count = cursor.adbc_ingest(table, rows, mode="append", db_schema_name=schema)
            # 38 digits are all that DuckDB has: what it gives a sum, and what a numeric without precision becomes when
            # read. Postgres drops the precision without touching the rows, and what they are written with stays: 1.50.
            for name, kind in columns.items():
                if kind.startswith(f"numeric({MAX_DIGITS},"):
                    kind = kind.replace(kind[kind.index("(") : kind.index(")") + 1], "")
                    cursor.execute(f"alter table {quoted(schema)}.{quoted(table)} alter column {quoted(name)} type {kind}")
            connection.commit()
        return count

    @contextmanager
    def connect(self, autocommit: bool) -> Iterator[dbapi.Connection]:
        """Open a connection with everything that dbt-postgres gives to its own, and close it at the end."""
        connection = self._opened(autocommit)
        try:
            yield connection
        finally:
            # what connections share counts them
            with self._opening:
                connection.close()

    def close(self) -> None:
        """Close the connection that looks names up."""
        if self._catalog is not None:
            self._catalog.close()
            self._catalog = None

    def redact(self, text: str) -> str:
        """Return a text without the password."""
        return text.replace(self.credentials.password, "***") if self.credentials.password else text

    def _opened(self, autocommit: bool) -> dbapi.Connection:
        """Open a connection, as often as dbt-postgres tries."""
        own = self.credentials
        options = {
            "host": own.host,
            "port": own.port,
            "user": own.user,
            "password": own.password,
            "dbname": own.database,
            "connect_timeout": own.connect_timeout,
            "sslmode": own.sslmode,
            "sslcert": own.sslcert,
            "sslkey": own.sslkey,
            "sslrootcert": own.sslrootcert,
            "application_name": own.application_name,
            "keepalives_idle": own.keepalives_idle,
        }
        if own.search_path:
            options["options"] = "-c search_path=" + own.search_path.replace(" ", "\\ ")
        # Of what is empty, libpq takes its own default: ~/.pgpass for the password.
        dsn = make_dsn(**{name: value for name, value in options.items() if value})
        # After pauses as long as dbt-postgres makes; dbt's own loop fills in a connection of dbt's.
        for attempt in range(1, own.retries + 2):
            try:
                with self._opening:
                    connection = self._catalog.adbc_clone() if self._catalog else dbapi.connect(dsn)
                break
            except dbapi.OperationalError:
                if attempt > own.retries:
                    raise
                time.sleep(attempt**2)
        connection.adbc_connection.set_autocommit(autocommit)
        if own.role:
            with connection.cursor() as cursor:
                cursor.execute(f"set role {own.role}")
        return connection

    def _rows(self, query: str) -> list[tuple[Any, ...]]:
        with self._lock, self._errors(), self._catalog_connection().cursor() as cursor:
            cursor.execute(query)
            return cursor.fetchall()

    def _catalog_connection(self) -> dbapi.Connection:
        if self._catalog is None:
            self._catalog = self._opened(autocommit=True)
        return self._catalog

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except adbc_driver_manager.Error as error:
            raise DbtDatabaseError(self.redact(str(error))) from None


class Table:
    """A table or view whose rows are read anew for each consumer of its Arrow stream.

    Attributes
    ----------
    schema_name, table_name
        Its name in Postgres.
    name
        Both, as one name.
    """

    def __init__(
        self, warehouse: Warehouse, schema_name: str, table_name: str, columns: list[tuple[Any, ...]], failures: list[Exception]
    ) -> None:
        self.schema_name = schema_name
        self.table_name = table_name
        self.name = f"{schema_name}.{table_name}"
        self._warehouse = warehouse
        self._failures = failures
        relation = f"{quoted(schema_name)}.{quoted(table_name)}"
        decimals = _decimals(warehouse, relation, columns)
        select = ", ".join(f"{_expression(column, decimals)} as {quoted(column[0])}" for column in columns)
        self._query = f"select {select} from {relation}"
        schema = warehouse.schema_of(self._query)
        self._schema = pa.schema([pa.field(field.name, decimals.get(field.name, field.type)) for field in schema])

    def __arrow_c_schema__(self) -> object:
        """Give the schema to whoever reads Arrow."""
        return self._schema.__arrow_c_schema__()

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """Begin to read anew, for whoever reads Arrow."""
        return pa.RecordBatchReader.from_batches(self._schema, self._batches()).__arrow_c_stream__(requested_schema)

    def _batches(self) -> Iterator[pa.RecordBatch]:
        alive: weakref.WeakSet[_Lease] = weakref.WeakSet()
        try:
            for batch in self._warehouse.read(self._query):
                columns = [_converted(column, field) for column, field in zip(batch.columns, self._schema, strict=True)]
                lease = _Lease(pa.record_batch(columns, schema=self._schema).serialize())
                alive.add(lease)
                memory = pa.foreign_buffer(lease.buffer.address, lease.buffer.size, lease)
                yield pa.ipc.read_record_batch(memory, self._schema)
                del lease, memory
                # This may be one of pyarrow's few threads, and another scan may need it: patience has an end.
                patience = time.monotonic() + PATIENCE_SECONDS
                while len(alive) > AHEAD_BATCHES and time.monotonic() < patience:
                    time.sleep(0.001)
        except Exception as error:
            failure = DbtDatabaseError(f"Reading {self.name} failed: {getattr(error, 'msg', error)}")
            self._failures.append(failure)
            raise failure from error


class _Lease:
    """The memory of one batch: it lives as long as somebody holds the batch or a part of it."""

    def __init__(self, buffer: pa.Buffer) -> None:
        self.buffer = buffer


def _expression(column: tuple[Any, ...], decimals: dict[str, pa.DataType]) -> str:
    """The select expression of a column."""
    name, kind, form, category, _, dimensions = column
    column_name = quoted(name)
    if form == "c" or dimensions > 1:
        return f"to_jsonb({column_name})"
    if kind == "numeric" and name in decimals:
        # As text, numerics come twice as fast as in their binary form, which the driver writes out digit by digit.
        return f"cast(cast({column_name} as numeric({decimals[name].precision},{decimals[name].scale})) as text)"
    if kind == "_numeric":
        return f"cast({column_name} as {'text' if name in decimals else 'double precision'}[])"
    if kind in NATIVE:
        return column_name
    return f"cast({column_name} as {'text[]' if category == 'A' else 'text'})"


def _decimals(warehouse: Warehouse, relation: str, columns: list[tuple[Any, ...]]) -> dict[str, pa.DataType]:
    """The Arrow types of a table's numerics.

    A numeric without precision (what Postgres gives a sum) has 38 digits, the most that Arrow's and DuckDB's decimals
    hold, and of them as many behind the point as its values have: no type that is known before them keeps them all.
    """
    types: dict[str, pa.DataType] = {}
    unknown = []
    for name, kind, _, _, typmod, dimensions in columns:
        if kind not in ("numeric", "_numeric") or dimensions > 1:
            continue
        precision, scale = ((typmod - 4) >> 16) & 0xFFFF, (((typmod - 4) & 0x7FF) ^ 1024) - 1024
        if typmod != -1 and precision <= MAX_DIGITS and 0 <= scale <= precision:
            decimal = pa.decimal128(precision, scale)
            types[name] = decimal if kind == "numeric" else pa.list_(decimal)
        elif kind == "numeric":
            unknown.append(name)
    if unknown:
        select = ", ".join(f"coalesce(max(scale({quoted(name)})), 0), max(trunc(abs({quoted(name)})))::text" for name in unknown)
        found = warehouse._rows(f"select {select} from {relation}")[0]
        for name, scale, largest in zip(unknown, found[::2], found[1::2], strict=True):
            digits = len((largest or "0").lstrip("0"))
            types[name] = pa.decimal128(MAX_DIGITS, max(0, min(scale, MAX_DIGITS - digits)))
    return types


def _converted(column: pa.Array, field: pa.Field) -> pa.Array:
    """A column as it came, in the type of its field."""
    infinite = INFINITE_DAYS if pa.types.is_date32(field.type) else INFINITE_MICROSECONDS
    if (
        pa.types.is_temporal(field.type)
        and infinite.type.bit_width == getattr(field.type, "bit_width", 0)
        and pc.any(pc.is_in(column.view(infinite.type), value_set=infinite)).as_py()
    ):
        raise ValueError(f"column {field.name} holds an infinite date or time, which Arrow does not know")
    if column.type == field.type:
        return column
    try:
        return pc.cast(column, field.type)
    except pa.ArrowInvalid as error:
        raise ValueError(f"column {field.name}: {error}") from None
