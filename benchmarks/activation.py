"""What acting on a shop costs on DuckDB: recommendations, lookalikes, actions, experiments, exports and tickets, by size.

    python benchmarks/activation.py tessera.duckdb --times 1 20 218

Copies the file of a built shop, makes each of its people so many that differ in their ids and addresses, with what they ordered,
looked at and asked, and runs the models of activation for the first night (fits included) and for the next one, in which one
in fifty ordered once more. Then everybody of the destination email is written in some formats. Seconds of models are dbt's own,
"cpu" is what the processors spent; memory is the peak of the process.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

import duckdb

from spine import environment, ran, run

PROGRAMS = Path(sys.executable).parent
MODELS = [
    "path:models/intermediate/activation",
    "path:models/marts/activation",
    "path:python_models/activation",
    "actions_decided",
    "arms_assigned",
    "export_history",
    "recommenders",
]
# What is made anew: the first night knows of nothing that was decided or handed over.
MADE = ["actions_decided", "arms_assigned", "export_history", "recommenders", "product_pairs"]
STEPS, STAGING = "analytics_intermediate", "analytics_staging"
# Tables of people that the models read: the columns that tell one from another.
PEOPLE = {
    f"{STEPS}.int_customers": ("customer_id", "email", "phone"),
    f"{STEPS}.int_profile_facts": ("customer_id",),
    f"{STEPS}.int_rule_results": ("customer_id",),
    f"{STEPS}.int_behavior_rules_met": ("customer_id",),
    f"{STEPS}.int_membership_spells": ("customer_id",),
    f"{STEPS}.int_segment_imports": ("customer_id",),
    f"{STEPS}.int_customer_axis_features": ("customer_id", "sample_key"),
    f"{STEPS}.axis_fingerprints": ("customer_id",),
    f"{STEPS}.int_untracked": ("identifier",),
    f"{STEPS}.customer_identities": ("identifier", "identifier_value", "customer_id"),
    f"{STEPS}.int_orders": ("order_id", "customer_id", "source_customer_id", "person_identifier"),
    f"{STEPS}.int_order_items": ("order_id",),
    f"{STEPS}.int_order_refunds": ("order_id",),
    f"{STEPS}.int_events_enriched": ("event_id", "source_customer_id", "person_identifier"),
    f"{STAGING}.base_customers": ("customer_id", "email", "phone"),
    f"{STAGING}.base_support_tickets": ("ticket_id", "customer_id", "email"),
}
# What nobody reads of them here.
LEFT_OUT = {f"{STEPS}.int_events_enriched": "fate <> 'accepted' or product_id is null or interaction_type is null"}


def multiplied(column: str) -> str:
    """A value of the n-th of somebody: an address keeps its form, an identifier its kind, and a number its digits."""
    number = "left({0}, 5) || lpad(cast(n as text), 4, '0') || substring({0} from 10)"
    if column == "phone":
        other = number.format("phone")
    elif column in ("identifier", "person_identifier"):
        value = f"substring({column} from position(':' in {column}) + 1)"
        kind = f"left({column}, position(':' in {column}))"
        other = f"{kind} || case when {kind} = 'phone:' then {number.format(value)} else n || '.' || {value} end"
    elif column == "identifier_value":
        other = f"case when identifier_type = 'phone' then {number.format(column)} else n || '.' || {column} end"
    elif column == "sample_key":
        other = "md5(n || sample_key)"
    else:
        other = f"n || '.' || {column}"
    return f"case when n > 0 then {other} else {column} end as {column}"


def multiply(file: Path, times: int) -> int:
    """Make each person of a shop so many; how many people there are then."""
    with duckdb.connect(str(file)) as connection:
        for table, columns in PEOPLE.items():
            schema, name = table.split(".")
            replaced = ", ".join(multiplied(column) for column in columns)
            kept = f"where not ({LEFT_OUT[table]})" if table in LEFT_OUT else ""
            connection.execute(f"""
                create table {schema}.many as select * replace ({replaced}) from {table}, range({times}) as times (n) {kept}""")
            connection.execute(f"drop table {table}; alter table {schema}.many rename to {name}")
        for table in MADE:
            connection.execute(f"drop table if exists {STEPS}.{table}")
        return int(connection.execute(f"select count(*) from {STEPS}.int_customers").fetchall()[0][0])


def night(as_of: str, env: dict[str, str]) -> str:
    """Run the models of a night; what it took, in words."""
    command = [str(PROGRAMS / "dbt"), "--quiet", "run", "--threads", "1", "--select", *MODELS, "--vars"]
    watch, seconds = run([*command, f'{{as_of: "{as_of}", is_night: true}}'], env)
    costs = ((cost["seconds"], node.split(".")[-1]) for node, cost in ran(env, watch) if node.startswith("model."))
    found = sorted(costs, reverse=True)
    slowest = ", ".join(f"{name} {spent:.1f}" for spent, name in found[:6])
    return (
        f"models {sum(spent for spent, _ in found):.1f} s, with dbt {seconds:.1f} s, cpu {watch.processor():.1f} s, "
        f"{watch.peak():.1f} GB; {slowest}"
    )


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--times", type=int, nargs="+", default=[1, 20])
    parser.add_argument("--night", default="2025-06-30", help="the last one that was built")
    options = parser.parse_args()
    for times in options.times:
        with tempfile.TemporaryDirectory(dir=options.file.parent) as name:
            folder = Path(name)
            file = folder / "shop.duckdb"
            env = environment(file, folder, "8GB")
            shutil.copy(options.file, file)
            print(f"{multiply(file, times):,} people", flush=True)
            print(f"  first night: {night(options.night, env)}", flush=True)
            with duckdb.connect(str(file)) as connection:
                connection.execute(
                    f"update {STEPS}.int_profile_facts set total_orders = total_orders + 1 where hash(customer_id) % 50 = 0"
                )
            print(f"  next night: {night(f'{options.night} 12:00:00', env)}", flush=True)
            for form in ("csv", "parquet", "klaviyo"):
                out = folder / form
                export = ["export", "all", "--store", "store_1", "--format", form, "--output", str(out)]
                watch, seconds = run([str(PROGRAMS / "tessera"), *export], env)
                print(f"  {form}: {seconds:.1f} s, {watch.peak():.1f} GB, {out.stat().st_size / 1e6:.1f} MB", flush=True)


if __name__ == "__main__":
    main()
