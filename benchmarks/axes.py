"""Axes: what a fit and a night of scores cost, beside the obvious loop over scikit-learn in the same run.

    python benchmarks/axes.py --customers 27415
    python benchmarks/axes.py --customers 100000 1000000 --skip-loop

For each size: makes a table of features with planted types on all 14 axes in a DuckDB file; fits all axes and scores
everybody, each in a process of its own, whose peak memory it prints; scores 1,000 new customers inside the process.
The loop does what a first version would: for every axis and every k a StandardScaler, KMeans and silhouette_score over all
rows, and then one customer after the other. It goes over the 13 axes that need no tickets, and so does the fit beside it.
`--loop-silhouette 10000` lets its silhouette_score take a sample (its sample_size), where everybody would take too long.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet
from sklearn.cluster import KMeans
from sklearn.metrics import silhouette_score
from sklearn.preprocessing import StandardScaler

from tessera.axes import SEGMENTS, FeatureReader, fit_axes, profile, score_axes

PROJECT = Path(__file__).resolve().parents[1]
WITHOUT_TICKETS = 13
SHARES = {"in_orders": 1.0, "in_events": 0.8, "in_tickets": 0.3}


def seed_axes() -> pa.Table:
    """The seed of the project."""
    return pyarrow.csv.read_csv(PROJECT / "seeds/axes/axes.csv")


def settings(axes: list[str]) -> pa.Table:
    """The one row of settings, with the project's numbers."""
    return pa.Table.from_pylist([{"as_of": dt.datetime(2025, 6, 30), "axes": axes}])


def people(axes: pa.Table, first: int, count: int, overlap: float) -> pa.Table:
    """Customers number `first` and on: on each axis one of 2 to 5 types, which shows in all features that are its own."""
    dice = np.random.default_rng(first + 1)
    numbers = np.arange(first, first + count)
    columns: dict[str, pa.Array] = {
        "store_id": pa.array(["shop"] * count),
        "customer_id": pc.binary_join_element_wise("c", pc.utf8_lpad(pa.array(numbers).cast(pa.string()), 8, "0"), ""),
        "sample_key": pa.array(dice.integers(0, 2**62, count)).cast(pa.string()),
        **{name: pa.array(dice.random(count) < share) for name, share in SHARES.items()},
    }
    for row in axes.to_pylist():
        types = 2 + row["axis_number"] % 4
        if row["feature_number"] == 1:
            planted = dice.integers(0, types, count)
        if row["feature"] not in columns:
            levels = np.random.default_rng(1000 * row["axis_number"] + row["feature_number"]).permutation(types)
            levels = np.arange(types) if row["feature_number"] == 1 else levels
            values = levels[planted] + dice.normal(0, overlap, count)
            columns[row["feature"]] = pa.array(np.expm1(values + 2) if row["transform"] == "log1p" else values)
    return pa.table(columns)


def make(path: Path, customers: int, overlap: float) -> None:
    """Write the features of so many customers to a DuckDB file."""
    axes = seed_axes()
    with duckdb.connect(str(path)) as connection:
        for first in range(0, customers, 50_000):
            rows = people(axes, first, min(50_000, customers - first), overlap)
            connection.register("rows", rows)
            connection.execute(f"{'insert into features' if first else 'create table features as'} select * from rows")


def gigabytes() -> float:
    """Most memory that this process has had."""
    status = Path("/proc/self/status")
    if status.exists():
        # Unlike getrusage, without what the process had before it ran this program.
        return int(status.read_text().split("VmHWM:")[1].split()[0]) / 1e6
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def fit(path: Path, axes: list[str]) -> pa.Table:
    """Fit the axes of the file, all if none is named."""
    with duckdb.connect(str(path), read_only=True) as connection:
        return fit_axes(
            FeatureReader(connection, connection.table("features")), seed_axes(), settings(axes), SEGMENTS.empty_table()
        )


def named(segments: pa.Table) -> pa.Table:
    """Current segments with a name each."""
    current = segments.filter(segments["is_current"])
    names = pc.binary_join_element_wise("a_readable_name", pc.cast(current["segment_number"], pa.string()), "_")
    return current.append_column("segment_key", names).append_column("segment_name", names)


def step(name: str, path: Path, ledger: Path) -> None:
    """One step in this process, which says what it took."""
    start, held = time.perf_counter(), gigabytes()
    if name == "fit":
        pa.parquet.write_table(fit(path, []), ledger)
        rows = 0
    else:
        # DuckDB would keep the pages that it has read, up to its limit, and with more threads read ahead: not what is measured.
        with duckdb.connect(str(path), read_only=True, config={"threads": 1, "memory_limit": "64MB"}) as connection:
            batches = connection.table("features").to_arrow_reader(16_384)
            scores = score_axes(batches, seed_axes(), named(pa.parquet.read_table(ledger)), settings([]))
            rows = sum(batch.num_rows for batch in scores)
    print(json.dumps({"seconds": time.perf_counter() - start, "held": held, "peak": gigabytes(), "rows": rows}))


def measured(name: str, path: Path, ledger: Path) -> dict:
    """A step in a process of its own."""
    run = subprocess.run(
        [sys.executable, __file__, "--step", name, str(path), str(ledger)], check=True, stdout=subprocess.PIPE, text=True
    )
    return json.loads(run.stdout)


def loop_fit(path: Path, axes: list[str], sample_size: int | None) -> dict[str, tuple[int, StandardScaler, np.ndarray]]:
    """Axis -> k, scaler and centres by scikit-learn on all rows."""
    found = {}
    with duckdb.connect(str(path), read_only=True) as connection:
        for axis in axes:
            values = plain_values(connection, axis)
            scaler = StandardScaler().fit(values)
            scaled = scaler.transform(values)
            best = (-1.0, None)
            for k in range(2, 7):
                clusters = KMeans(k, n_init=10, random_state=0).fit(scaled)
                quality = silhouette_score(scaled, clusters.labels_, sample_size=sample_size, random_state=0)
                if quality > best[0]:
                    best = (quality, clusters.cluster_centers_)
            found[axis] = (len(best[1]), scaler, best[1])
            print(f"  loop: {axis}, k = {len(best[1])}", flush=True)
    return found


def features_of(axis: str) -> list[dict]:
    """Enabled rows of an axis in the seed."""
    return [row for row in seed_axes().to_pylist() if row["axis_name"] == axis and row["is_enabled"]]


def plain_values(connection: duckdb.DuckDBPyConnection, axis: str, limit: int | None = None) -> np.ndarray:
    """Transformed features of the people of an axis, shape (n, d)."""
    rows = features_of(axis)
    chosen = ", ".join(f"ln(1 + {row['feature']})" if row["transform"] == "log1p" else row["feature"] for row in rows)
    query = f"select {chosen} from features where in_{rows[0]['population']} order by customer_id limit {limit or 'null'}"
    return np.stack(list(connection.execute(query).fetchnumpy().values()), axis=1)


def loop_score(path: Path, fits: dict[str, tuple[int, StandardScaler, np.ndarray]], count: int) -> None:
    """Memberships of so many customers, one after the other."""
    with duckdb.connect(str(path), read_only=True) as connection:
        values = {axis: plain_values(connection, axis, count) for axis in fits}
    for number in range(count):
        for axis, (_, scaler, centres) in fits.items():
            scaled = scaler.transform([values[axis][number]])[0]
            similar = [np.exp(-np.linalg.norm(scaled - centre)) for centre in centres]
            json.dumps({f"segment_{place}": share / sum(similar) for place, share in enumerate(similar)})


def timed(work: Callable) -> tuple[float, object]:
    """Seconds of a call, and what it returned."""
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


def compare(path: Path, sample_size: int | None, alone: dict) -> None:
    """The loop, the same without it, and whether both found the same k."""
    axes = list(dict.fromkeys(row["axis_name"] for row in seed_axes().to_pylist() if row["axis_number"] <= WITHOUT_TICKETS))
    fit_seconds, segments = timed(lambda: fit(path, axes))
    loop_seconds, fits = timed(lambda: loop_fit(path, axes, sample_size))
    score_seconds, _ = timed(lambda: loop_score(path, fits, 1000))
    ks = {row["axis_name"]: row["segment_count"] for row in segments.to_pylist()}
    print(f"{'axis':<28}{'k':>3}{'k of the loop':>15}")
    for axis in axes:
        print(f"{axis:<28}{ks[axis]:>3}{fits[axis][0]:>15}")
    agreed = sum(ks[axis] == fits[axis][0] for axis in axes)
    people_a_second = alone["rows"] / alone["seconds"]
    print(
        f"{len(axes)} axes: fit {fit_seconds:.1f} s, loop {loop_seconds:.1f} s, {loop_seconds / fit_seconds:.0f} times; "
        f"the same k on {agreed}; scores: {people_a_second:,.0f} people a second, loop {1000 / score_seconds:,.0f}, "
        f"{people_a_second * score_seconds / 1000:.0f} times"
    )


def newcomers(ledger: Path) -> None:
    """Score 1,000 new customers in this process."""
    segments, axes = named(pa.parquet.read_table(ledger)), seed_axes()
    given = people(axes, 10**7, 1000, 0.25).to_pylist()
    seconds, found = timed(lambda: profile(given, axes, segments, settings([])))
    one, _ = timed(lambda: profile(given[0], axes, segments, settings([])))
    print(f"{len(found):,} new customers in the process: {seconds:.2f} s; one: {one * 1000:.0f} ms")


def main() -> None:
    """Run what the arguments ask for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, nargs="+", default=[27_415])
    parser.add_argument("--overlap", type=float, default=0.25, help="deviation of a feature, where types are 1 apart")
    parser.add_argument("--skip-loop", action="store_true")
    parser.add_argument("--loop-silhouette", type=int, default=None, help="people on whom the loop's silhouette is taken")
    parser.add_argument("--step", nargs=3, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.step:
        step(asked.step[0], Path(asked.step[1]), Path(asked.step[2]))
        return
    for customers in asked.customers:
        with tempfile.TemporaryDirectory() as folder:
            path, ledger = Path(folder) / "features.duckdb", Path(folder) / "segments.parquet"
            make(path, customers, asked.overlap)
            print(f"{customers:,} customers")
            for name in ("fit", "score"):
                found = measured(name, path, ledger)
                print(
                    f"  {name}: {found['seconds']:.1f} s, peak {found['peak']:.2f} GB ({found['held']:.2f} GB of it before)",
                    flush=True,
                )
            newcomers(ledger)
            if not asked.skip_loop:
                compare(path, asked.loop_silhouette, found)


if __name__ == "__main__":
    main()
