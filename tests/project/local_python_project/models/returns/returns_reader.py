import pyarrow as pa


def model(dbt, session):
    rows = dbt.ref("typed").select("id").to_arrow_reader(1)

    def twice():
        for batch in rows:
            # Statements of the model's own, while its input is still open.
            factor = session.cursor().execute("select 2").fetchall()[0][0]
            yield pa.record_batch({"id": [value.as_py() * factor for value in batch["id"]]})

    return pa.RecordBatchReader.from_batches(pa.schema([("id", pa.int64())]), twice())
