"""Predictions: what a fit and a night of scores cost.

    python benchmarks/ltv.py --customers 1000000

Makes features of customers who buy till they die (a fifth of the people has no order yet) in a DuckDB file, fits the store and
scores everybody, each in a process of its own, and prints seconds and peak memory.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet

from axes import gigabytes
from tessera.btyd import MODELS, simulate, simulate_spend
from tessera.ltv import BEHAVIOUR, LTV_MODELS, PredictionReader, challenger_sample, fit_ltv, score_ltv

TRUTH, SPEND = (0.8, 20, 0.8, 3.0), (6.0, 4.0, 15.0)
HOLDOUT_WEEKS, YEARS, WITHOUT_ORDER = 13, 2, 0.2
CHUNK = 100_000


def people(first: int, count: int, model: str) -> pa.Table:
    """Features of so many people at both cutoffs: two histories of one kind, whole days."""
    dice = np.random.default_rng(first + 1)
    has_ordered = dice.random(count) >= WITHOUT_ORDER
    cutoffs = []
    for cutoff in ("holdout", "now"):
        drawn = simulate(model, TRUTH, dice.integers(1, YEARS * 365, count) / 7, HOLDOUT_WEEKS, dice)
        mean, later = simulate_spend(SPEND, drawn.frequency + 1, drawn.later, dice)
        recency = np.minimum(np.round(drawn.recency * 7) / 7, drawn.age)
        label = None if cutoff == "now" else has_ordered
        cutoffs.append(
            pa.table(
                {
                    "store_id": pa.array(["shop"] * count),
                    "customer_id": pa.array([f"c{first + number:08d}" for number in range(count)]),
                    "sample_key": pa.array(dice.integers(0, 2**62, count)).cast(pa.string()),
                    "cutoff": pa.array([cutoff] * count),
                    **{
                        name: pa.array(values, type_, mask=~has_ordered)
                        for name, values, type_ in (
                            ("frequency", drawn.frequency, pa.int64()),
                            ("recency_weeks", recency, pa.float64()),
                            ("age_weeks", drawn.age, pa.float64()),
                            ("mean_spend", mean, pa.float64()),
                        )
                    },
                    **{
                        name: pa.array(np.where(has_ordered, drawn.frequency + more, 0))
                        for name, more in (("valued_orders", 1), ("valued_repeats", 0))
                    },
                    "repeat_spend": pa.array(mean, mask=~has_ordered | (drawn.frequency == 0)),
                    "net_revenue": pa.array(np.where(has_ordered, mean * (drawn.frequency + 1), 0)),
                    "orders_count": pa.array(np.where(has_ordered, drawn.frequency + 1, 0).astype(np.int64)),
                    **{name: pa.array(dice.poisson(2, count).astype(np.float64)) for name in BEHAVIOUR},
                    **{
                        name: pa.nulls(count, pa.int64()) if label is None else pa.array((drawn.later * label).astype(np.int64))
                        for name in ("next_orders", "next_valued_orders")
                    },
                    "next_spend": pa.nulls(count, pa.float64()) if label is None else pa.array(later * label),
                }
            )
        )
    return pa.concat_tables(cutoffs)


def make(path: Path, customers: int, model: str) -> None:
    """Write the features of so many people to a DuckDB file."""
    with duckdb.connect(str(path)) as connection:
        for first in range(0, customers, CHUNK):
            connection.register("rows", people(first, min(CHUNK, customers - first), model))
            connection.execute(f"{'insert into features' if first else 'create table features as'} select * from rows")


def step(name: str, path: Path, ledger: Path) -> None:
    """One step in this process, which says what it took."""
    settings = pa.Table.from_pylist([{"as_of": dt.datetime(2025, 6, 30)}])
    start, rows = time.perf_counter(), 0
    with duckdb.connect(str(path), read_only=True, config={"memory_limit": "1GB"}) as connection:
        reader = PredictionReader(connection, connection.table("features"))
        if name == "fit":
            found = fit_ltv(reader, settings, LTV_MODELS.empty_table())
            pa.parquet.write_table(found, ledger)
            rows = found.num_rows
        else:
            models = pa.parquet.read_table(ledger)
            sample = challenger_sample(reader, models, settings)
            batches = connection.sql("select * from features where cutoff = 'now'").to_arrow_reader(65_536)
            rows = sum(batch.num_rows for batch in score_ltv(batches, models, sample, settings))
    print(json.dumps({"seconds": time.perf_counter() - start, "peak": gigabytes(), "rows": rows}))


def main() -> None:
    """Run what the arguments ask for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--model", choices=sorted(MODELS), default="mbg_nbd", help="what the shop obeys")
    parser.add_argument("--step", nargs=3, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.step:
        step(asked.step[0], Path(asked.step[1]), Path(asked.step[2]))
        return
    with tempfile.TemporaryDirectory() as folder:
        path, ledger = Path(folder) / "features.duckdb", Path(folder) / "models.parquet"
        make(path, asked.customers, asked.model)
        print(f"{asked.customers:,} people of a {asked.model} shop", flush=True)
        for name in ("fit", "score"):
            run = subprocess.run(
                [sys.executable, __file__, "--step", name, str(path), str(ledger)], check=True, stdout=subprocess.PIPE, text=True
            )
            found = json.loads(run.stdout)
            print(f"  {name}: {found['seconds']:.1f} s, peak {found['peak']:.2f} GB, {found['rows']:,} rows", flush=True)
        for row in pa.parquet.read_table(ledger).to_pylist():
            if row["is_chosen"]:
                print(f"  {row['target']}: {row['model']}; {row['reason']}")


if __name__ == "__main__":
    main()
