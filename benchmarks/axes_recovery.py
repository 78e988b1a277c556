"""Whether the types that a demo shop plants are found again as segments of the 14 axes.

Shops are generated with types planted on one group of axes at a time (`tessera demo --planted`) and built with dbt up to
everybody's dominant segments. These are compared with the planted types of the people who have one by the adjusted Rand
index (1 the same partition, 0 chance).

Axes share behaviour: refunds are on two of them, lifetime value is orders times their value, weekends of orders and of
visits go together, and one who rarely orders shows little of anything. Where two axes that share a feature are planted at
once, each sees the product of both partitions, and no procedure could name one of them. So axes that share data are in
different groups; `--groups all` plants everything at once. Overlap is the standard deviation within a type; the centres
of neighbouring types are 1.2 to 2.4 apart.

    python benchmarks/axes_recovery.py --overlap 0.25 0.5 --customers 3000 --orders-per-customer 20

Needs a Python environment with the project's own dependencies, and runs dbt from it.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
from sklearn.metrics import adjusted_rand_score

from tessera.demo import AXES

PROJECT = Path(__file__).resolve().parents[1]
GROUPS = [
    ["purchase_frequency", "category_exploration", "purchase_cadence", "return_behavior"],
    ["purchase_value", "repurchase_behavior", "communication_preference", "problem_complexity_profile"],
    ["loyalty_trajectory", "product_knowledge", "price_sensitivity"],
    ["value_sophistication", "support_history"],
    ["customer_maturity"],
]
AS_OF = "2025-06-30"
# One customer a person: where identity resolution left somebody in parts, the part with most of the identifiers.
PEOPLE = """
    with named as (
        select store_id, identifier, identifier_type, customer_id,
            case identifier_type when 'customer' then 'customer_id' when 'anon' then 'anonymous_id' else identifier_type end
                as truth_type,
            identifier_value
        from analytics_intermediate.customer_identities
    ),
    counted as (
        select truth.store_id, truth.person_id, named.customer_id, count(*) as identifiers
        from raw.truth_identities as truth
        inner join named on truth.store_id = named.store_id and truth.identifier_type = named.truth_type
            and truth.identifier = named.identifier_value
        where truth.is_linked
        group by all
    )
    select dominants.axis_name, dominants.segment_id, people.* exclude (store_id)
    from analytics_intermediate.int_axis_dominants as dominants
    inner join analytics_intermediate.int_customer_axis_features as features using (store_id, customer_id)
    inner join (
        select store_id, customer_id, person_id from counted
        qualify row_number() over (partition by store_id, person_id order by identifiers desc, customer_id) = 1
            and row_number() over (partition by store_id, customer_id order by identifiers desc, person_id) = 1
    ) as owners using (store_id, customer_id)
    inner join raw.truth_people as people on people.store_id = dominants.store_id and people.person_id = owners.person_id
    where {known}
    order by dominants.axis_name, dominants.customer_id
"""
# A person who shows nothing of what leads the axis stands in its middle, and has no type to be found.
LEADS = """
    select axis_name, feature from analytics_seeds.axes where is_lead = 'true'
        and feature || '_is_known' in (
            select column_name from information_schema.columns where table_name = 'int_customer_axis_features')
"""
FITS = """
    select axis_name, max(segment_count), max(silhouette) from analytics_intermediate.axis_segments
    where is_current group by axis_name
"""


def build_shop(folder: Path, name: str, options: dict[str, object]) -> Path:
    """Generate a demo shop and build everybody's dominant segments; return the DuckDB file."""
    path = folder / f"{name}.duckdb"
    env = {
        **os.environ,
        "TESSERA_TARGET": "duckdb",
        "TESSERA_DUCKDB_PATH": str(path),
        "DO_NOT_TRACK": "1",
        "DBT_TARGET_PATH": str(folder / "target"),
        "DBT_LOG_PATH": str(folder / "logs"),
    }
    tools = Path(sys.executable).parent
    demo = [str(tools / "tessera"), "demo", "--target", "duckdb", "--as-of", AS_OF]
    for option, value in options.items():
        demo += [f"--{option}", str(value)]
    dbt = [
        str(tools / "dbt"),
        "--no-use-colors",
        "build",
        "--select",
        "+int_axis_dominants",
        "--exclude-resource-type",
        "test",
        "--exclude-resource-type",
        "unit_test",
        "--vars",
        json.dumps({"as_of": AS_OF, "is_night": True}),
    ]
    for command in (demo, dbt):
        done = subprocess.run(command, cwd=PROJECT, env=env, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"{' '.join(command)} failed:\n{done.stdout[-3000:]}\n{done.stderr[-1000:]}")
    return path


def recovered(path: Path, axes: list[str]) -> Iterator[dict[str, object]]:
    """Yield a row per axis of a shop with one store: k, silhouette, and the index over the people with a type."""
    with duckdb.connect(str(path), read_only=True) as connection:
        leads = connection.execute(LEADS).fetchall()
        known = " and ".join(f"(dominants.axis_name <> '{axis}' or features.{lead}_is_known)" for axis, lead in leads)
        people = connection.execute(PEOPLE.format(known=known)).df()
        fits = {axis: fit for axis, *fit in connection.execute(FITS).fetchall()}
    for axis in axes:
        typed = people[(people["axis_name"] == axis) & people[axis].notna() & (people[axis] != "none")]
        k, silhouette = fits[axis]
        yield {
            "axis": axis,
            "planted_k": len(AXES[axis]),
            "k": k,
            "silhouette": silhouette,
            "people": len(typed),
            "rand": adjusted_rand_score(typed[axis], typed["segment_id"]),
        }


def ceiling(axis: str, overlap: float, separation: float) -> float:
    """Return the adjusted Rand index of who knew everybody's exact position on the axis: overlapping types allow no more.

    Positions are drawn as `tessera.demo.axes.draw` does, and everybody is given the likeliest type.
    """
    rng, people = np.random.default_rng(1), 50_000
    shares = np.array([share for _, share, _ in AXES[axis]])
    types = rng.choice(len(shares), people, p=shares)
    spread = max(overlap, 1e-6)
    if AXES[axis][0][2] is None:
        position = spread * rng.standard_normal((people, len(shares)))
        position[np.arange(people), types] += separation
        likelihood = np.log(shares) + separation * position / spread**2
    else:
        centres = separation * np.array([centre for _, _, centre in AXES[axis]])
        position = centres[types] + spread * rng.standard_normal(people)
        likelihood = np.log(shares) - (position[:, None] - centres) ** 2 / (2 * spread**2)
    return adjusted_rand_score(types, likelihood.argmax(axis=1))


def results(options: argparse.Namespace, folder: Path) -> Iterator[dict[str, object]]:
    """Yield a row per overlap and axis."""
    groups = [["all"]] if options.groups == "all" else GROUPS
    for overlap in options.overlap:
        for number, group in enumerate(groups):
            shop = build_shop(
                folder,
                f"overlap_{overlap}_{number}".replace(".", "_"),
                {
                    "planted": ",".join(group),
                    "overlap": overlap,
                    "stores": 1,
                    "customers": options.customers,
                    "orders-per-customer": options.orders_per_customer,
                    "events-per-customer": options.events_per_customer,
                    "noise": options.noise,
                    "dirt": options.dirt,
                    "separation": options.separation,
                    "seed": options.seed,
                },
            )
            for row in recovered(shop, list(AXES) if group == ["all"] else group):
                yield {"overlap": overlap, **row, "ceiling": ceiling(row["axis"], overlap, options.separation)}
            if not options.keep:
                shop.unlink()


def table(rows: pd.DataFrame) -> str:
    """Return one line an axis: by overlap the Rand index, how many segments there are, and the highest index there could be."""
    lines = [f"{'axis':28}{'types':>6}" + "".join(f"{f'overlap {overlap}':>20}" for overlap in rows["overlap"].unique())]
    for axis, of_axis in rows.groupby("axis", sort=False):
        cells = [f"{f'{row.rand:.3f} of {row.ceiling:.2f} k={row.k}':>20}" for row in of_axis.itertuples()]
        lines.append(f"{axis:28}{of_axis['planted_k'].iloc[0]:>6}" + "".join(cells))
    for name, counted in (("index at least 0.9", rows["rand"] >= 0.9), ("k as planted", rows["k"] == rows["planted_k"])):
        counts = counted.groupby(rows["overlap"], sort=False).sum()
        lines.append(f"{name:34}" + "".join(f"{count:>20}" for count in counts))
    return "\n".join(lines)


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--overlap", type=float, nargs="+", default=[0.0, 0.2, 0.35, 0.5, 0.7, 1.0])
    parser.add_argument("--customers", type=int, default=3000)
    parser.add_argument("--orders-per-customer", type=float, default=20.0)
    parser.add_argument("--events-per-customer", type=float, default=60.0)
    parser.add_argument("--noise", type=float, default=0.1)
    parser.add_argument("--dirt", type=float, default=1.0)
    parser.add_argument("--separation", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--groups", choices=["apart", "all"], default="apart", help="plant a group of axes at a time, or all")
    parser.add_argument("--folder", type=Path, help="where databases are made (default: a temporary folder)")
    parser.add_argument("--keep", action="store_true", help="leave the databases in the folder")
    parser.add_argument("--out", type=Path, help="writes the rows as CSV too")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        rows = pd.DataFrame(results(options, folder))
    if options.out:
        rows.to_csv(options.out, index=False)
    print(table(rows))


if __name__ == "__main__":
    main()
