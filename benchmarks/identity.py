"""Who is who: how well the demo shop's truth is found again, and what ten million identifiers cost.

    python benchmarks/identity.py --dirt 0 1 4 10 20 --sharing 1 4 16
    python benchmarks/identity.py --scale 10000000

The first prints pairwise precision and recall of identities for demo shops of growing dirt: pairs of identifiers that
are said to be one person, against pairs that are. An identifier that nobody links to its person in the raw rows counts in
neither. `--sharing` links more and more devices and addresses to a second, unrelated customer, which is what the guards
are for. The second resolves that many identifiers and 1.2 times as many links in a process of its own.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tessera.identity import Limits, resolve

PROJECT = Path(__file__).resolve().parents[1]
AS_OF = "2025-06-30"
PAIRS = """
    with truth as (
        select store_id, replace(replace(identifier_type, 'customer_id', 'customer'), 'anonymous_id', 'anon') || ':' || identifier
            as identifier, person_id, is_linked
        from raw.truth_identities
    ),
    pairs as (
        select store_id, a.identifier as one, b.identifier as other, bool_or(a.is_linked and b.is_linked) as is_linked
        from truth as a join truth as b using (store_id, person_id) where a.identifier < b.identifier group by all
    ),
    found as (
        select store_id, a.identifier as one, b.identifier as other
        from analytics_intermediate.customer_identities as a join analytics_intermediate.customer_identities as b
            using (store_id, customer_id)
        where a.identifier < b.identifier and 'external' not in (a.identifier_type, b.identifier_type)
    )
    select
        (select count(*) from pairs where is_linked) as true_pairs,
        (select count(*) from found) as found_pairs,
        (select count(*) from found semi join pairs using (store_id, one, other)) / (select count(*) from found) as precision,
        (select count(*) from pairs semi join found using (store_id, one, other) where is_linked)
            / (select count(*) from pairs where is_linked) as recall,
        (select max(n) from (select count(*) as n from analytics_intermediate.customer_identities group by store_id, customer_id))
            as largest
"""
SHARE = """
    -- a share of the customers logs in on the device of another one, and orders with the address of a third
    create temp table others as
        select store_id, customer_id, row_number() over (partition by store_id order by md5(customer_id)) as place
        from (select distinct store_id, trim(customer_id) as customer_id from raw.customers where customer_id is not null);
    create temp table devices as
        select store_id, anonymous_id, row_number() over (partition by store_id order by md5(anonymous_id)) as place
        from (select distinct store_id, anonymous_id from raw.events where anonymous_id is not null);
    create temp table logins as
        select store_id, customer_id, anonymous_id from others join devices using (store_id, place) where place % 100 < {share};
    insert into raw.events by name
        select store_id, 'shared-' || md5(customer_id || anonymous_id) as event_id, 'page_view' as event_type,
            '2025-06-01 12:00:00' as occurred_at, customer_id, anonymous_id, '2025-06-01 12:00:05' as loaded_at
        from logins;
    insert into raw.truth_identities
        select logins.store_id, 'anonymous_id', anonymous_id, person_id, true
        from logins join raw.truth_identities as truth
            on truth.store_id = logins.store_id and truth.identifier = customer_id and truth.identifier_type = 'customer_id';
    insert into raw.orders by name
        select a.store_id, 'shared-' || md5(a.customer_id) as order_id, a.customer_id, c.email,
            '2025-06-01 13:00:00' as ordered_at, '10' as total_price, '2025-06-01 13:00:05' as loaded_at
        from others as a join others as b on a.store_id = b.store_id and a.place = b.place + 1
        join raw.customers as c on c.store_id = b.store_id and trim(c.customer_id) = b.customer_id
        where a.place % 100 < {share} and c.email is not null
"""


def measure(folder: Path, customers: int, dirt: float, share: int) -> tuple:
    """Precision and recall of one demo shop."""
    env = {
        **os.environ,
        "TESSERA_TARGET": "duckdb",
        "TESSERA_DUCKDB_PATH": str(folder / f"shop_{dirt}_{share}.duckdb"),
        "DBT_TARGET_PATH": str(folder / "target"),
        "DBT_LOG_PATH": str(folder / "logs"),
        "DO_NOT_TRACK": "1",
    }
    tools = Path(sys.executable).parent
    subprocess.run(
        [tools / "tessera", "demo", "--customers", str(customers), "--dirt", str(dirt), "--as-of", AS_OF],
        env=env,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    if share:
        with duckdb.connect(env["TESSERA_DUCKDB_PATH"]) as connection:
            connection.execute(SHARE.format(share=share))
    subprocess.run(
        [
            tools / "dbt",
            "--quiet",
            "--no-use-colors",
            "build",
            "--exclude-resource-type",
            "test",
            "unit_test",
            "--select",
            "+customer_identities",
            "--vars",
            json.dumps({"as_of": AS_OF}),
        ],
        cwd=PROJECT,
        env=env,
        check=True,
    )
    with duckdb.connect(env["TESSERA_DUCKDB_PATH"], read_only=True) as connection:
        return connection.execute(PAIRS).fetchall()[0]


def sweep(customers: int, dirts: list[float], shares: list[int]) -> None:
    """Print a line for every amount of dirt and of sharing."""
    print(f"{'dirt':>6}{'sharing':>9}{'true pairs':>12}{'found pairs':>13}{'precision':>11}{'recall':>9}{'largest person':>16}")
    with tempfile.TemporaryDirectory() as folder:
        for dirt, share in [*((dirt, 0) for dirt in dirts), *((1.0, share) for share in shares)]:
            true, found, precision, recall, largest = measure(Path(folder), customers, dirt, share)
            print(f"{dirt:>6g}{share:>8}%{true:>12,}{found:>13,}{precision:>11.4f}{recall:>9.4f}{largest:>16}", flush=True)


def synthetic(identifiers: int, seed: int = 7) -> pa.Table:
    """Links of a shop: customers with addresses, numbers and devices, a fiftieth of which two customers share."""
    rng = np.random.default_rng(seed)
    customers = identifiers // 4
    counts = {"email": customers, "phone": customers * 6 // 10}
    counts["anon"] = identifiers - customers - sum(counts.values())
    parts = []
    for kind, priority, count in (("email", 2, counts["email"]), ("phone", 2, counts["phone"]), ("anon", 6, counts["anon"])):
        value = np.arange(count)
        parts.append((value % customers, kind, value, priority))
        again = rng.integers(0, count, count // 50)
        parts.append((rng.integers(0, customers, len(again)), kind, again, priority))
    missing = int(identifiers * 1.2) - sum(len(owner) for owner, *_ in parts)
    again = rng.integers(0, customers, missing)
    parts.append((again, "email", again, 3))
    tables = []
    for owner, kind, value, priority in parts:
        tables.append(
            pa.table(
                {
                    "store_id": pc.binary_join_element_wise("s", pa.array(owner % 3).cast(pa.string()), ""),
                    "left_identifier": pc.binary_join_element_wise("customer:c", pa.array(owner).cast(pa.string()), ""),
                    "right_identifier": pc.binary_join_element_wise(f"{kind}:", pa.array(value * 7919).cast(pa.string()), ""),
                    "priority": pa.array(np.full(len(owner), priority, dtype=np.int32)),
                    "first_at": pa.array(rng.integers(1_700_000_000, 1_750_000_000, len(owner)) * 1_000_000).cast(
                        pa.timestamp("us")
                    ),
                    "joins_customers": pa.array(np.zeros(len(owner), dtype=bool)),
                }
            )
        )
    return pa.concat_tables(tables)


def scale(identifiers: int) -> None:
    """Print what it costs to resolve so many identifiers."""
    links = synthetic(identifiers)
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    start = time.perf_counter()
    found = resolve(links, Limits({"customer": 5, "email": 10, "phone": 10, "anon": 200}, {"email": 2, "phone": 2, "anon": 3}))
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(
        f"{found.num_rows:,} identifiers, {links.num_rows:,} links: {seconds:.1f} s, peak {peak:.2f} GB "
        f"({held:.2f} GB of it before: the links and what made them); "
        f"{pc.count_distinct(found['component']).as_py():,} components"
    )


def main() -> None:
    """Run what the arguments ask for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=2000)
    parser.add_argument("--dirt", type=float, nargs="*", default=[])
    parser.add_argument("--sharing", type=int, nargs="*", default=[], help="percent of customers")
    parser.add_argument("--scale", type=int, default=0, help="identifiers")
    asked = parser.parse_args()
    if asked.scale:
        scale(asked.scale)
    if asked.dirt or asked.sharing:
        sweep(asked.customers, asked.dirt, asked.sharing)
    if not (asked.scale or asked.dirt or asked.sharing):
        parser.print_help()


if __name__ == "__main__":
    main()
