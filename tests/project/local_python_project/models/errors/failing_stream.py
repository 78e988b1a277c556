import pyarrow as pa


def model(dbt, session):
    def batches():
        for number in range(200_000):
            if dbt.config.get("fail") and number == 100_000:
                raise RuntimeError("the stream broke")
            if number % 1000 == 0:
                yield pa.record_batch({"id": [number]})

    return pa.RecordBatchReader.from_batches(pa.schema([("id", pa.int64())]), batches())
