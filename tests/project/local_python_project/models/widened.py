import pandas as pd


def model(dbt, session):
    batch = dbt.config.get("batch")
    frame = pd.DataFrame({"batch": [batch]})
    return frame.assign(note=["new"]) if batch > 1 else frame
