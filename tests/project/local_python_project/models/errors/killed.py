import pandas as pd


def model(dbt, session):
    if dbt.config.get("fail"):
        return dbt.ref("killer")
    return pd.DataFrame({"id": [1]})
