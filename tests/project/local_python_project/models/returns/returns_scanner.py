import pyarrow as pa
import pyarrow.dataset


def model(dbt, session):
    return pa.dataset.dataset(pa.table({"id": [1, 2], "unwanted": [3, 4]})).scanner(columns=["id"])
