import datetime as dt
import decimal
import uuid

import numpy as np
import pandas as pd


def model(dbt, session):
    return pd.DataFrame(
        {
            "id": [1, 2],
            "float_or_null": [0.5, np.nan],
            "a_str": ["a", None],
            "object_text": pd.Series(["a", None], dtype=object),
            "object_null": pd.Series([None, None], dtype=object),
            "category": pd.Categorical(["x", None]),
            "nullable_int": pd.array([1, None], dtype="Int64"),
            "nullable_bool": pd.array([True, None], dtype="boolean"),
            "moment": pd.to_datetime(["2024-01-01 10:00:00.5", None]),
            "zoned": pd.to_datetime(["2024-01-01 10:00", None]).tz_localize("Europe/Rome"),
            "nanoseconds": pd.to_datetime(["2024-01-01 10:00:00.123456", None]).astype("datetime64[ns]"),
            "elapsed": pd.to_timedelta(["1 day 2 seconds", None]),
            "day": [dt.date(2024, 1, 1), None],
            "price": [decimal.Decimal("12.50"), None],
            "key": [uuid.UUID(int=1), None],
            "numbers": [[1, 2], None],
            "record": [{"a": 1, "b": None}, None],
            "half": np.array([0.5, 2], dtype="float16"),
            "tiny": np.array([1, 255], dtype="uint8"),
            "small": np.array([1, 65535], dtype="uint16"),
            "medium": np.array([1, 4294967295], dtype="uint32"),
            "large": np.array([1, 18446744073709551615], dtype="uint64"),
        }
    )
