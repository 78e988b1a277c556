import polars as pl


def model(dbt, session):
    return pl.LazyFrame({"id": [1, 2]}).filter(pl.col("id") > 1)
