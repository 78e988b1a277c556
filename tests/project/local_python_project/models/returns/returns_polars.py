import datetime as dt
import decimal

import polars as pl


def model(dbt, session):
    return pl.DataFrame(
        {
            "id": [1, 2],
            "text": ["a", None],
            "category": pl.Series(["a", None], dtype=pl.Categorical),
            "price": pl.Series([decimal.Decimal("12.50"), None], dtype=pl.Decimal(10, 2)),
            "moment": [dt.datetime(2024, 1, 1), None],
            "numbers": [[1, 2], None],
            "nan": [float("nan"), None],
        }
    )
