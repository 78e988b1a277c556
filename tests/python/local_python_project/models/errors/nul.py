import pyarrow as pa


def model(dbt, session):
    return pa.table({"id": [1], "text": ["a\0b" if dbt.config.get("fail") else "ab"]})
