"""Files of an export: whole or as they were before, and no cell of which a spreadsheet makes a formula."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq

from tessera.export.contacts import PROFILE, Contact
from tessera.export.requests import Request, compact
from tessera.export.tools import ATTRIBUTES

# What spreadsheets take for the beginning of a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
NAMED = (
    "move",
    "reason",
    "customer_id",
    "email",
    "phone",
    "email_sha256",
    "phone_sha256",
    "phone_digits_sha256",
)
COLUMNS = (*NAMED, *PROFILE, "segments", *ATTRIBUTES)
_SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in (*NAMED, *PROFILE)),
        ("segments", pa.list_(pa.string())),
        *(
            (
                name,
                pa.int64()
                if name in ("total_orders", "predicted_value")
                else pa.float64()
                if name in ("total_revenue", "average_order_value", "churn_risk")
                else pa.string(),
            )
            for name in ATTRIBUTES
        ),
    ]
)
_ROWS = 10_000


class ExportError(Exception):
    """An export cannot be written, for a reason that its message says."""


@contextmanager
def whole(path: Path, mode: str = "w") -> Iterator[IO[Any]]:
    """Open a file that takes the place of another one when everything is written, and leaves that as it was where it is not.

    It can be read by its owner alone.

    Parameters
    ----------
    path
        The file; its folder is there.
    mode
        ``w`` for text in UTF-8, ``wb`` for bytes.

    Raises
    ------
    ExportError
        If it cannot be written, or what is there is no regular file.
    """
    if path.is_symlink() or (path.exists() and not path.is_file()):
        raise ExportError(f"'{path}' is there and is no regular file: nothing is put in its place")
    beside = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        is_text = "b" not in mode
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(handle, mode, encoding="utf-8" if is_text else None, newline="" if is_text else None) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    except OSError as error:
        raise ExportError(f"Cannot write '{path}': {error.strerror or error}") from error
    finally:
        beside.unlink(missing_ok=True)


def harmless(value: Any) -> Any:
    """Text of which no spreadsheet makes a formula: one that would begin as such begins with an apostrophe; numbers are none."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def row_of(contact: Contact) -> dict[str, Any]:
    """A contact as a flat row of `COLUMNS`."""
    removed = contact.move == "remove"
    return {
        **{name: getattr(contact, name) for name in NAMED},
        **{name: contact.profile.get(name) for name in PROFILE},
        "segments": None if removed else contact.segments,
        **{name: contact.attributes.get(name) for name in ATTRIBUTES},
    }


def write_csv(path: Path, contacts: Iterable[Contact]) -> int:
    """Write contacts as CSV with a header; segments are joined by ``;``, numbers in E.164 stay as they are. Returns how many."""
    count = 0
    with whole(path) as file:
        # lines end as RFC 4180 has them: with others Python quotes no cell that holds a carriage return
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow(COLUMNS)
        for contact in contacts:
            row = {**row_of(contact), "segments": ";".join(contact.segments)}
            writer.writerow([row[name] if name == "phone" else harmless(row[name]) for name in COLUMNS])
            count += 1
    return count


def write_jsonl(path: Path, contacts: Iterable[Contact]) -> int:
    """Write contacts as one JSON object a line. Returns how many."""
    count = 0
    with whole(path) as file:
        for contact in contacts:
            file.write(compact(row_of(contact)) + "\n")
            count += 1
    return count


def write_parquet(path: Path, contacts: Iterable[Contact]) -> int:
    """Write contacts as Parquet. Returns how many."""
    count = 0
    with whole(path, "wb") as file, pq.ParquetWriter(file, _SCHEMA) as writer:
        for rows in _portions(map(row_of, contacts)):
            writer.write_table(pa.Table.from_pylist(rows, _SCHEMA))
            count += len(rows)
    return count


def write_requests(path: Path, requests: Iterable[Request]) -> int:
    """Write requests, one a line. Returns how many."""
    count = 0
    with whole(path) as file:
        for request in requests:
            file.write(request.line() + "\n")
            count += 1
    return count


def read_requests(path: Path) -> Iterator[dict[str, Any]]:
    """Give the requests of such a file."""
    with path.open(encoding="utf-8") as file:
        yield from map(json.loads, file)


def _portions(rows: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    portion: list[dict[str, Any]] = []
    for row in rows:
        portion.append(row)
        if len(portion) == _ROWS:
            yield portion
            portion = []
    if portion:
        yield portion


WRITERS = {"csv": write_csv, "jsonl": write_jsonl, "parquet": write_parquet}
