import pandas as pd


def model(dbt, session):
    dbt.config(materialized="table")
    asked = dbt.config.meta_get("asked")
    return pd.DataFrame({"id": [1, 2], "name": ["a", "b"], "asked": [asked] * 2})
