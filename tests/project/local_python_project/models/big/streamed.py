import pyarrow as pa
import pyarrow.compute as pc


def model(dbt, session):
    rows = dbt.source("raw", "big").to_arrow_reader(50_000)

    def batches():
        for batch in rows:
            yield batch.set_column(0, "id", pc.add(batch["id"], 1))

    return pa.RecordBatchReader.from_batches(rows.schema, batches())
