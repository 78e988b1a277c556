import pandas as pd


def model(dbt, session):
    return pd.DataFrame({"batch": [dbt.config.get("batch")]})
