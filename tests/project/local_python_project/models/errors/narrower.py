import pandas as pd


def model(dbt, session):
    frame = pd.DataFrame({"id": [1], "note": ["a"]})
    return frame[["id"]] if dbt.config.get("fail") else frame
