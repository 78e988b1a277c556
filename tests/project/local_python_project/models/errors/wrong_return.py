import pandas as pd


def model(dbt, session):
    return {"id": [1]} if dbt.config.get("fail") else pd.DataFrame({"id": [1]})
