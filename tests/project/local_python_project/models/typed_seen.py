"""The types that a model sees, in DuckDB, in Arrow and in pandas."""

import pandas as pd


def model(dbt, session):
    typed = dbt.ref("typed")
    first = typed.df()
    arrow = typed.to_arrow_table()
    return pd.DataFrame(
        {
            "name": typed.columns,
            "duckdb": [str(kind) for kind in typed.types],
            "arrow": [str(kind) for kind in arrow.schema.types],
            "pandas": [str(kind) for kind in first.dtypes],
            "in_pandas": [type(value).__name__ for value in first.sort_values("id").iloc[0]],
        }
    )
