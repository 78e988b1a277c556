import pandas as pd


def model(dbt, session):
    batch = dbt.config.get("batch")
    return pd.DataFrame({"batch": [batch]})
