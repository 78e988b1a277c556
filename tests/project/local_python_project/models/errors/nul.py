import pyarrow as pa


def model(dbt, session):
    fail = dbt.config.get("fail")
    return pa.table({"id": [1], "text": ["a\0b" if fail else "ab"]})
