"""Recommendations and lookalikes: what a fit and a night cost, and how good lists are beside implicit's ALS in the same run.

    python benchmarks/recommendations.py --customers 1000000
    python benchmarks/recommendations.py --data DIR --peer PYTHON

The first makes purchases of so many people (groups of products that go together), fits, lists and finds lookalikes, each in
a process of its own, and prints seconds and peak memory. The second takes online_retail.parquet of the folder (UCI Online
Retail), three splits, and a Python that has the package `implicit`: both get the same people, and are asked for the ten new
products that come next.
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
from scipy import sparse

from axes import gigabytes
from tessera.activation import (
    LOOKALIKES,
    PAIRS,
    RECOMMENDED,
    RECOMMENDERS,
    LookalikeReader,
    MemberReader,
    PurchaseReader,
    fit_pairs,
    judge_recommenders,
    recommend,
    score_lookalikes,
)
from tessera.warehouse import gathered

NIGHT, PRODUCTS, GROUPS, CHUNK, FEATURES = dt.datetime(2025, 7, 1), 8_000, 200, 100_000, 40
SPLITS = (dt.date(2011, 6, 9), dt.date(2011, 9, 9), dt.date(2011, 11, 9))
# What the peer is given: a matrix of ones, and whom to list for.
PEER = """
import sys, time, numpy as np, scipy.sparse as sparse
from implicit.als import AlternatingLeastSquares
bought = sparse.load_npz(sys.argv[1]).tocsr()
started = time.perf_counter()
model = AlternatingLeastSquares(factors=64, regularization=0.05, alpha=20, iterations=15, random_state=1, num_threads=2)
model.fit(bought, show_progress=False)
found, _ = model.recommend(np.arange(bought.shape[0]), bought, N=10)
print(time.perf_counter() - started)
np.save(sys.argv[2], found)
"""


def make(path: Path, customers: int) -> None:
    """Write purchases, features of axes and members of a segment to a DuckDB file; products of a group go together."""
    with duckdb.connect(str(path)) as connection:
        connection.execute("create table purchases (store_id text, customer_id text, product_id text, first_purchased_on date)")
        for first in range(0, customers, CHUNK):
            dice = np.random.default_rng(first + 1)
            people = np.arange(first, min(first + CHUNK, customers))
            sizes = 1 + dice.geometric(0.12, len(people))
            person = np.repeat(people, sizes)
            group = np.repeat(dice.integers(0, GROUPS, len(people)), sizes)
            width = PRODUCTS // GROUPS
            place = np.minimum(dice.geometric(0.08, len(person)) - 1, width - 1)
            strayed = dice.random(len(person)) < 0.3
            product = np.where(strayed, (PRODUCTS * dice.random(len(person)) ** 2).astype(int), group * width + place)
            rows = pa.table({"person": person, "product": product, "day": dice.integers(0, 720, len(person))})
            connection.register("rows", rows)
            connection.execute("""
                insert into purchases
                select 'shop', 'c' || lpad(person::text, 8, '0'), 'p' || lpad(product::text, 5, '0'),
                    min(date '2023-07-12' + day::integer)
                from rows group by person, product""")
        columns = ", ".join(f"hash(i, {number}) / 18446744073709551615.0 as f{number}" for number in range(FEATURES))
        connection.execute(f"""
            create table features as
            select 'shop' as store_id, 'c' || lpad(i::text, 8, '0') as customer_id, md5(i::text) as sample_key, true as in_orders,
                {columns}
            from range({customers}) as people (i)""")
        connection.execute(
            "create table members as select store_id, 'seed' as segment_id, customer_id from features where f0 + f1 + f2 > 2.4"
        )


def axes() -> pa.Table:
    """A seed `axes` of one axis that has all features."""
    rows = [
        {"axis_number": 1, "axis_name": "all", "population": "orders", "feature_number": number, "feature": f"f{number}"}
        | {"json_name": f"f{number}", "transform": "none", "is_lead": str(number == 0).lower(), "is_enabled": "true"}
        for number in range(FEATURES)
    ]
    return pa.Table.from_pylist(rows)


def step(name: str, path: Path, folder: Path) -> None:
    """One step in this process, which says what it took."""
    chosen = pa.Table.from_pylist([{"as_of": NIGHT, "min_members": 30}])
    start = time.perf_counter()
    with duckdb.connect(config={"memory_limit": "3GB", "temp_directory": str(folder / "spilled")}) as connection:
        connection.execute(f"attach '{path}' as shop (read_only)")
        purchases = connection.sql("from shop.purchases")
        read = PurchaseReader(connection, purchases)
        if name == "judge":
            found = judge_recommenders(read, chosen, RECOMMENDERS.empty_table())
            pa.parquet.write_table(found, folder / "judged.parquet")
            rows = found.num_rows
        elif name == "fit":
            found = fit_pairs(read, pa.parquet.read_table(folder / "judged.parquet"), chosen, PAIRS.empty_table())
            pa.parquet.write_table(found, folder / "pairs.parquet")
            rows = found.num_rows
        elif name == "list":
            products = connection.sql("""
                select store_id, product_id, count(*) as buyers, true as is_offered,
                    count(*) filter (where first_purchased_on >= '2025-06-01') as recent_buyers
                from shop.purchases group by store_id, product_id""").to_arrow_table()
            members = MemberReader(connection, connection.sql("from shop.members"))
            judged, pairs = (pa.parquet.read_table(folder / f"{kind}.parquet") for kind in ("judged", "pairs"))
            listed = gathered(connection, "listed", RECOMMENDED, recommend(read, members, products, judged, pairs, chosen))
            rows = len(listed)
        else:
            people = LookalikeReader(connection, connection.sql("from shop.features"), connection.sql("from shop.members"))
            rows = len(gathered(connection, "scored", LOOKALIKES, score_lookalikes(people, axes(), chosen)))
    print(json.dumps({"seconds": time.perf_counter() - start, "peak": gigabytes(), "rows": rows}))


def compare(data: Path, peer: str) -> None:
    """Lists of a real shop beside those of the peer: hit rates at ten of new products, and seconds."""
    with duckdb.connect() as connection:
        connection.execute(f"""
            create table purchases as
            select 'uci' as store_id, CustomerID::text as customer_id, StockCode as product_id,
                min(InvoiceDate)::date as first_purchased_on
            from '{data / "online_retail.parquet"}'
            where CustomerID is not null and InvoiceNo not like 'C%' and Quantity > 0 and UnitPrice > 0
                and regexp_matches(StockCode, '^[0-9]{{5}}')
            group by all""")
        last = dt.datetime(2011, 12, 10)
        for split in SPLITS:
            read = PurchaseReader(connection, connection.table("purchases"))
            days = (last.date() - split).days
            chosen = pa.Table.from_pylist([{"as_of": last, "holdout_days": days}])
            start = time.perf_counter()
            judged = judge_recommenders(read, chosen, RECOMMENDERS.empty_table())
            ours = time.perf_counter() - start
            rate = {row["recommender"]: row["hit_rate"] for row in judged.to_pylist()}
            products = read.products("uci")
            blocks = list(read.blocks("uci", products))
            day = (split - dt.date(1970, 1, 1)).days
            bought = sparse.vstack([block.before(day) for block in blocks], format="csr")
            came = sparse.vstack([block.since(day) for block in blocks], format="csr")
            with tempfile.TemporaryDirectory() as folder:
                given, answer = f"{folder}/bought.npz", f"{folder}/listed.npy"
                sparse.save_npz(given, bought)
                theirs = float(
                    subprocess.run([peer, "-c", PEER, given, answer], check=True, stdout=subprocess.PIPE, text=True).stdout
                )
                listed = np.load(answer)
            both = np.flatnonzero((np.diff(bought.indptr) > 0) & (np.diff(came.indptr) > 0))
            hit = np.array([came[person, listed[person]].sum() > 0 for person in both]).mean()
            print(
                f"{split}: ease {rate['ease']:.3f}, lift {rate['lift']:.3f}, popular {rate['popular']:.3f}, bestsellers "
                f"{rate['bestsellers']:.3f}; implicit's ALS {hit:.3f}: ease has {rate['ease'] / hit:.2f} times its hits "
                f"(four recommenders judged in {ours:.1f} s, ALS fitted and listed in {theirs:.1f} s)",
                flush=True,
            )


def main() -> None:
    """Run what the arguments ask for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--data", type=Path, help="a folder with online_retail.parquet")
    parser.add_argument("--peer", help="a Python that has implicit")
    parser.add_argument("--step", nargs=3, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.step:
        step(asked.step[0], Path(asked.step[1]), Path(asked.step[2]))
    elif asked.data:
        compare(asked.data, asked.peer)
    else:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "shop.duckdb"
            make(path, asked.customers)
            print(f"{asked.customers:,} people", flush=True)
            for name in ("judge", "fit", "list", "lookalikes"):
                command = [sys.executable, __file__, "--step", name, str(path), folder]
                found = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
                print(f"  {name}: {found['seconds']:.1f} s, peak {found['peak']:.2f} GB, {found['rows']:,} rows", flush=True)
            for row in pa.parquet.read_table(Path(folder) / "judged.parquet").to_pylist():
                print(f"  {row['recommender']}: hit rate {row['hit_rate']}{', chosen' if row['is_chosen'] else ''}")


if __name__ == "__main__":
    main()
