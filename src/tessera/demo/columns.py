"""Small helpers that turn numpy arrays into Arrow columns without a Python loop over rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
MONEY = pa.decimal128(18, 2)
TIMESTAMP = pa.timestamp("us")

_HEX = np.array([f"{i:02x}" for i in range(256)], dtype="S2")


def scramble(number: np.ndarray) -> np.ndarray:
    """Map 64-bit integers one to one on 64-bit integers that look random (the splitmix64 finaliser).

    Ids made of scrambled counters are unique, and their order says nothing about time.
    """
    x = np.asarray(number).astype(np.uint64)
    x = x + np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


def unit(number: np.ndarray) -> np.ndarray:
    """Return a repeatable pseudo-random number in [0, 1) for every integer."""
    return (scramble(number) >> np.uint64(11)).astype(np.float64) / float(1 << 53)


def hex_id(number: np.ndarray, prefix: str = "") -> pa.Array:
    """Format 64-bit integers as 16 hexadecimal digits after a prefix."""
    raw = np.ascontiguousarray(np.asarray(number, dtype=">u8"))
    digits = np.ascontiguousarray(_HEX[raw.view(np.uint8).reshape(-1, 8)])
    plain = pa.Array.from_buffers(pa.binary(16), len(raw), [None, pa.py_buffer(digits)])
    return joined(prefix, pc.cast(pc.cast(plain, pa.binary()), pa.string()))


def joined(*parts: str | pa.Array) -> pa.Array:
    """Concatenate strings and string columns row by row; a null part makes a null."""
    kept = [part for part in parts if not (isinstance(part, str) and part == "")]
    if len(kept) == 1:
        return kept[0]
    return pc.binary_join_element_wise(*kept, "")


def text(number: np.ndarray) -> pa.Array:
    """Format integers as decimal text."""
    return pc.cast(pa.array(number), pa.string())


def nulls_where(column: pa.Array, mask: np.ndarray) -> pa.Array:
    """Return the column with nulls where the mask is true."""
    return pc.if_else(pa.array(~mask), column, pa.scalar(None, column.type))


def pick(values: Sequence[Any] | pa.Array, code: np.ndarray) -> pa.Array:
    """Look values up by code; a negative code is a null."""
    pool = values if isinstance(values, pa.Array) else pa.array(values)
    code = np.asarray(code)
    return pool.take(pa.array(np.where(code < 0, 0, code), mask=code < 0))


def times(value: np.ndarray, absent: np.ndarray | None = None) -> pa.Array:
    """Make a timestamp column of microseconds since 1970 (UTC, no zone)."""
    return pa.array(np.asarray(value, dtype=np.int64).view("M8[us]"), mask=absent)


def money(cents: np.ndarray, absent: np.ndarray | None = None) -> pa.Array:
    """Make a numeric(18,2) column of integer cents."""
    cents = np.asarray(cents, dtype=np.int64)
    words = np.empty((len(cents), 2), dtype=np.int64)
    words[:, 0] = cents
    words[:, 1] = cents >> 63
    column = pa.Array.from_buffers(MONEY, len(cents), [None, pa.py_buffer(words)])
    return column if absent is None else nulls_where(column, absent)


def money_text(cents: np.ndarray, absent: np.ndarray | None = None) -> pa.Array:
    """Format integer cents as text with two decimals, the way a CSV holds them."""
    return pc.cast(money(cents, absent), pa.string())


def iso_text(rng: np.random.Generator, value: np.ndarray, absent: np.ndarray | None = None) -> pa.Array:
    """Format times the way several exports of one shop do: three ISO spellings mixed.

    A third each: ``2024-03-01T10:00:00Z``, ``2024-03-01 10:00:00`` (UTC) and the same instant written two hours
    later with ``+02:00``.
    """
    kind = rng.integers(0, 3, len(value))
    plain = seconds_text(np.where(kind == 2, value + 2 * HOUR, value))
    with_t = pc.utf8_replace_slice(plain, 10, 11, "T")
    choice = pa.array(kind)
    spelt = pc.case_when(
        pc.make_struct(pc.equal(choice, 0), pc.equal(choice, 1)), joined(with_t, "Z"), plain, joined(with_t, "+02:00")
    )
    return spelt if absent is None else nulls_where(spelt, absent)


def seconds_text(value: np.ndarray) -> pa.Array:
    """Format times in one spelling, ``2024-03-01 10:00:00``."""
    return pc.cast(pa.array((np.asarray(value, dtype=np.int64) // SECOND).view("M8[s]")), pa.string())


def boolean_text(rng: np.random.Generator, value: np.ndarray) -> pa.Array:
    """Format booleans the way several exports do: true/false, 1/0, yes/no."""
    return pick(["false", "true", "0", "1", "no", "yes"], 2 * rng.integers(0, 3, len(value)) + value)


def table(schema: pa.Schema, columns: dict[str, pa.Array | str | None], rows: int) -> pa.Table:
    """Assemble a table of a fixed schema; a string is repeated, a column not given is null."""
    unknown = set(columns) - set(schema.names)
    if unknown:
        raise ValueError(f"columns outside the schema: {sorted(unknown)}")
    arrays = []
    for field in schema:
        column = columns.get(field.name)
        if column is None:
            column = pa.nulls(rows, field.type)
        elif isinstance(column, str):
            column = pa.repeat(pa.scalar(column), rows)
        if isinstance(column, pa.ChunkedArray):
            column = column.combine_chunks()
        arrays.append(column if column.type == field.type else pc.cast(column, field.type))
    return pa.Table.from_arrays(arrays, schema=schema)
