"""A copy of the marts to read from: tables in one DuckDB file, made beside it and put in its place in one step."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tessera.warehouse.connections import (
    WarehouseError,
    connect_duckdb,
    connect_postgres,
    duckdb_error,
    duckdb_path,
    postgres_settings,
)
from tessera.warehouse.marts import POSTGRES_OPTIONS, marts_schema

# A column of Postgres: what it is read as, and what it is in the copy.
_READ_AS = {"numeric": "text", "json": "text", "jsonb": "text"}
_KEPT_AS = {"json": "json", "jsonb": "json", "_text": "text[]", "_float8": "double[]", "_int8": "bigint[]", "float8": "double"}
_TABLES = """
    select table_name from information_schema.tables
    where table_schema = '{schema}' and table_catalog = '{catalog}' order by table_name"""


def publish(target: str, path: Path) -> dict[str, int]:
    """Copy the marts of a target, as of one moment, to tables of a DuckDB file, with their descriptions.

    Parameters
    ----------
    target
        ``duckdb`` or ``postgres``, where the marts are as `tessera.warehouse.open_marts` finds them.
    path
        The file; what was there before can be read until the copy is whole, and is then replaced.

    Returns
    -------
    dict of str to int
        Rows by mart.

    Raises
    ------
    WarehouseError
        If the warehouse cannot be read, has no marts, or the file cannot be written.
    """
    if target == "duckdb" and path.resolve() == Path(duckdb_path()).resolve():
        raise WarehouseError(f"'{path}' is the warehouse itself: publish to another file")
    if not path.parent.is_dir():
        raise WarehouseError(f"There is no folder '{path.parent}'")
    made = path.with_name(f"{path.name}.new")
    made.unlink(missing_ok=True)
    schema = marts_schema()
    try:
        with connect_duckdb(made) as copy:
            copy.execute(f"create schema if not exists {_quoted(schema)}")
            rows = _from_duckdb(copy, schema) if target == "duckdb" else _from_postgres(copy, schema)
            if not rows:
                raise WarehouseError(f"There is no mart in the schema {schema}: `dbt build` makes them")
        os.replace(made, path)
    finally:
        made.unlink(missing_ok=True)
    return rows


def _from_duckdb(copy: Any, schema: str) -> dict[str, int]:
    """Copy the marts of a DuckDB file."""
    import duckdb

    source = duckdb_path()
    if not Path(source).is_file():
        raise WarehouseError(f"There is no DuckDB file '{source}' (TESSERA_DUCKDB_PATH)")
    try:
        copy.execute(f"attach '{_escaped(source)}' as marts_source (read_only)")
    except duckdb.IOException as error:
        raise duckdb_error(source, error) from error
    rows = {}
    for (name,) in copy.execute(_TABLES.format(schema=_escaped(schema), catalog="marts_source")).fetchall():
        table = f"{_quoted(schema)}.{_quoted(name)}"
        copy.execute(f"create table {table} as select * from marts_source.{table}")
        rows[name] = _count(copy, table)
    comments = copy.execute(
        """
        select table_name, column_name, comment
        from (
            select database_name, schema_name, table_name, null as column_name, comment from duckdb_tables()
            union all
            select database_name, schema_name, view_name, null, comment from duckdb_views()
            union all
            select database_name, schema_name, table_name, column_name, comment from duckdb_columns()
        )
        where database_name = 'marts_source' and schema_name = $1""",
        [schema],
    ).fetchall()
    _comment(copy, schema, comments)
    copy.execute("detach marts_source")
    return rows


def _from_postgres(copy: Any, schema: str) -> dict[str, int]:
    """Copy the marts of a Postgres database, all of one snapshot."""
    rows = {}
    with connect_postgres(**postgres_settings(), options=POSTGRES_OPTIONS) as source, _cursor(source) as cursor:
        cursor.execute(
            """
            select cast(table_name as text), cast(column_name as text), cast(udt_name as text), cast(numeric_precision as bigint),
                cast(numeric_scale as bigint)
            from information_schema.columns where table_schema = $1 order by table_name, ordinal_position""",
            [schema],
        )
        described: dict[str, list[tuple[str, str, int | None, int | None]]] = {}
        for name, *column in cursor.fetchall():
            described.setdefault(name, []).append(tuple(column))
        for name, columns in described.items():
            table = f"{_quoted(schema)}.{_quoted(name)}"
            read = ", ".join(
                f"cast({_quoted(column)} as {_READ_AS[kind]}) as {_quoted(column)}" if kind in _READ_AS else _quoted(column)
                for column, kind, _, _ in columns
            )
            kept = ", ".join(
                f"cast({_quoted(column)} as {_kept(kind, precision, scale)}) as {_quoted(column)}"
                for column, kind, precision, scale in columns
            )
            cursor.execute(f"select {read} from {table}")
            copy.register("marts_source", cursor.fetch_record_batch())
            copy.execute(f"create table {table} as select {kept} from marts_source")
            copy.unregister("marts_source")
            rows[name] = _count(copy, table)
        cursor.execute(
            """
            select cast(relname as text), cast(attname as text), description
            from pg_description
            inner join pg_class on pg_description.objoid = pg_class.oid and pg_description.classoid = cast('pg_class' as regclass)
            left join pg_attribute on pg_class.oid = attrelid and objsubid = attnum and objsubid > 0
            where cast(cast(relnamespace as regnamespace) as text) = $1 and relkind in ('r', 'v')""",
            [schema],
        )
        _comment(copy, schema, cursor.fetchall())
    return rows


@contextmanager
def _cursor(connection: Any) -> Iterator[Any]:
    with connection.cursor() as cursor:
        yield cursor


def _comment(copy: Any, schema: str, comments: list[tuple[str, str | None, str | None]]) -> None:
    """Give tables and columns of the copy their descriptions."""
    for name, column, text in comments:
        if text:
            place = f"{_quoted(schema)}.{_quoted(name)}"
            what = f"table {place}" if column is None else f"column {place}.{_quoted(column)}"
            copy.execute(f"comment on {what} is '{_escaped(text)}'")


def _kept(kind: str, precision: int | None, scale: int | None) -> str:
    """The type that a column of Postgres has in the copy."""
    if kind == "numeric":
        return f"decimal({precision or 38}, {scale if precision else 6})"
    return _KEPT_AS.get(kind, kind)


def _count(copy: Any, table: str) -> int:
    return int(copy.execute(f"select count(*) from {table}").fetchall()[0][0])


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _escaped(text: str) -> str:
    return text.replace("'", "''")
