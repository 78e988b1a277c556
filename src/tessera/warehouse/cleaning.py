"""What not every warehouse can hold, made alike before it is written.

NUL characters and broken UTF-8 in text become U+FFFD and are counted, dictionaries become plain text, nanoseconds become
microseconds, unsigned integers become signed ones or numerics.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

REPLACEMENT = "\ufffd"


def plain_type(kind: pa.DataType) -> pa.DataType:
    """Return the type as which values of a type are written, the same on every target."""
    if isinstance(kind, pa.BaseExtensionType):
        return plain_type(kind.storage_type)
    if pa.types.is_dictionary(kind):
        return plain_type(kind.value_type)
    if pa.types.is_null(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return pa.string()
    if pa.types.is_timestamp(kind):
        return pa.timestamp("us", tz=kind.tz)
    if pa.types.is_uint64(kind):
        return pa.decimal128(20, 0)
    if pa.types.is_unsigned_integer(kind):
        return {8: pa.int16(), 16: pa.int32(), 32: pa.int64()}[kind.bit_width]
    if pa.types.is_int8(kind):
        return pa.int16()
    if pa.types.is_float16(kind):
        return pa.float32()
    if pa.types.is_date64(kind):
        return pa.date32()
    return kind


def plain_schema(schema: pa.Schema) -> pa.Schema:
    """Return a schema with every field in its plain type."""
    return pa.schema([pa.field(field.name, plain_type(field.type)) for field in schema])


def clean_batch(batch: pa.RecordBatch) -> tuple[pa.RecordBatch, int]:
    """Return a batch in plain types and clean text, and in how many values something was replaced."""
    columns, replaced = [], 0
    for column in batch.columns:
        if isinstance(column, pa.ExtensionArray):
            column = column.storage
        if pa.types.is_dictionary(column.type):
            column = column.dictionary_decode()
        if _is_text(column.type):
            column, count = clean_text(column)
            replaced += count
        kind = plain_type(column.type)
        # Nanoseconds lose what no target keeps.
        columns.append(column if column.type == kind else pc.cast(column, kind, safe=not pa.types.is_timestamp(kind)))
    return pa.RecordBatch.from_arrays(columns, schema=plain_schema(batch.schema)), replaced


def clean_text(column: pa.Array) -> tuple[pa.Array, int]:
    """Replace NUL characters and broken UTF-8 in text by U+FFFD.

    Parameters
    ----------
    column
        A string column, of which nobody has checked that it is UTF-8.

    Returns
    -------
    column, count
        Clean text, and in how many values something was replaced.
    """
    if pa.types.is_string_view(column.type):
        column = pc.cast(column, pa.string())
    try:
        column.validate(full=True)
        nul = pc.match_substring(column, "\0")
        count = pc.sum(nul).as_py() or 0
        return (pc.replace_substring(column, "\0", REPLACEMENT) if count else column), count
    except pa.ArrowInvalid:
        raw = pc.cast(column, pa.large_binary() if pa.types.is_large_string(column.type) else pa.binary())
    values, count = [], 0
    for value in raw.to_pylist():
        if value is not None:
            text = value.decode("utf-8", errors="replace").replace("\0", REPLACEMENT)
            count += text.encode() != value
            value = text
        values.append(value)
    return pa.array(values, column.type), count


def _is_text(kind: pa.DataType) -> bool:
    return pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)
