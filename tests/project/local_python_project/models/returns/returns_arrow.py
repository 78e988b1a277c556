import datetime as dt
import decimal

import pyarrow as pa


def model(dbt, session):
    return pa.table(
        {
            "id": [1, 2],
            "large_text": pa.array(["a", None], pa.large_string()),
            "text_view": pa.array(["a", None], pa.string_view()),
            "dictionary": pa.array(["a", None]).dictionary_encode(),
            "price": pa.array([decimal.Decimal("12.50"), None], pa.decimal128(10, 2)),
            "whole": pa.array([decimal.Decimal(10**29), None], pa.decimal128(30, 0)),
            "widest": pa.array([decimal.Decimal("0.1234567890"), None], pa.decimal128(38, 10)),
            "seconds": pa.array([dt.datetime(2024, 1, 1), None], pa.timestamp("s")),
            "zoned": pa.array([dt.datetime(2024, 1, 1), None], pa.timestamp("us", "America/New_York")),
            "time_of_day": pa.array([dt.time(1, 2, 3), None], pa.time32("s")),
            "elapsed": pa.array([dt.timedelta(hours=1), None], pa.duration("ms")),
            "nan": pa.array([float("nan"), None]),
            "blob": pa.array([b"\x00\xff", None], pa.large_binary()),
            "key": pa.array([bytes(16), None], pa.uuid()),
            "json": pa.array(['{"a": 1}', None], pa.json_()),
            "pair": pa.array([[1, 2], None], pa.list_(pa.int8(), 2)),
            "prices": pa.array([[decimal.Decimal("1.50"), None], None], pa.list_(pa.decimal128(5, 2))),
            "nested": pa.array([[[1], []], None]),
            "record": pa.array([{"a": [1], "b": {"c": "x"}}, None]),
            "records": pa.array([[{"a": 1}], None]),
            "map": pa.array([[("a", 1)], None], pa.map_(pa.string(), pa.int64())),
            "nothing": pa.nulls(2),
        }
    )
