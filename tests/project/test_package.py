"""Tessera as a package: examples/package builds it beside a model of its own, with seeds of its own."""

from __future__ import annotations

import json
import pickle
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from support.shops import NO_UNIT_TESTS, PROJECT, Shop
from tessera.seeds import seed_problems

EXAMPLE = PROJECT / "examples" / "package"
NIGHT = "2025-07-01"


class Packaged:
    """The example in a folder of its own, for one engine."""

    def __init__(self, shop: Shop, folder: Path) -> None:
        self.shop, self.folder = shop, folder
        shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns("dbt_packages", "target", "logs", "package-lock.yml"))
        packages = folder / "packages.yml"
        packages.write_text(packages.read_text().replace("local: ../..", f"local: {PROJECT}"))
        # what is parsed here is another project than that of all other tests
        self.environment = {**shop.environment(), "TESSERA_PARSED": str(folder)}
        shop.tessera("load", str(PROJECT / "examples" / "shopify"))
        subprocess.run(
            [str(Path(sys.executable).with_name("dbt")), "--quiet", "deps"], cwd=folder, env=self.environment, check=True
        )

    def run(self, *commands: list[str], **variables: object) -> str:
        """Run dbt commands in one process; what they printed, failed or not."""
        runs = json.dumps([(command, {"as_of": NIGHT, **variables}) for command in commands])
        many = [sys.executable, str(PROJECT / "tests" / "support" / "many_runs.py"), runs]
        done = subprocess.run(many, cwd=self.folder, env=self.environment, capture_output=True, text=True, check=False)
        assert done.returncode in (0, 1), done.stderr[-4000:]
        return done.stdout


@pytest.fixture
def packaged(new_shops: Callable[..., list[Shop]], tmp_path: Path) -> Callable[[str], Packaged]:
    """Makes the example's folder and its shop on an engine."""
    return lambda engine: Packaged(*new_shops("packaged", [engine]), tmp_path / engine)


def test_models_of_a_package_are_made_as_in_the_project_itself(packaged):
    """On Postgres, where the root project says how tables are made; the example's whole build, Python with it, is a long test."""
    example = packaged("postgres")
    shop, some = example.shop, ["run", "--select", "+stores", "+int_segments"]
    printed = example.run(["seed", "--select", "+stores", "+int_segments"], some, some)
    assert printed.count("ERROR=0") == 3 and "WARNING" not in printed, printed[-8000:]
    manifest = pickle.loads((example.folder / "postgres.pickle").read_bytes())
    found = {
        macro.name: macro.supported_languages
        for macro in manifest["macros"].values()
        if macro.package_name == "my_shop" and macro.name.endswith("_postgres") and macro.supported_languages
    }
    assert sorted(found) == [f"materialization_{kind}_postgres" for kind in ("incremental", "table", "view")]
    assert "python" in found["materialization_table_postgres"] and "python" in found["materialization_incremental_postgres"]
    # a table of the second run is that of the first, with other rows
    refreshed = "select n_tup_ins = 2 * n_tup_del and n_tup_del > 0 from pg_stat_user_tables where relname = 'int_segments'"
    assert shop.rows(refreshed) == [(True,)]
    assert shop.rows("select obj_description('analytics.stores'::regclass)")[0][0].startswith("One row per store.")
    assert shop.rows("select name from analytics_intermediate.int_segments where is_custom") == [("Newsletter Readers",)]


def test_seeds_of_the_user_are_checked_like_those_of_the_package(tmp_path):
    own = tmp_path / "seeds"
    shutil.copytree(EXAMPLE / "seeds", own)
    assert seed_problems(PROJECT / "seeds", [own]) == []
    # the package has one of this name, which is not the user's to replace
    (own / "channels.csv").write_text("shelf\n1\n")
    rules = own / "tessera" / "custom_segment_rules.csv"
    rules.write_text(rules.read_text().replace("email_subscribed", "email_subscribd"))
    (problem,) = seed_problems(PROJECT / "seeds", [own])
    assert problem.startswith("seeds/tessera/custom_segment_rules.csv, row 2, column field: there is no 'email_subscribd'")


def known(shop: Shop) -> list[tuple]:
    """Relations of Postgres by name, with what says that one was not made anew."""
    return shop.rows("""
        select relname, pg_class.oid from pg_class inner join pg_namespace on pg_namespace.oid = relnamespace
        where nspname like 'analytics%' and relkind in ('r', 'v') order by 1""")


@pytest.mark.torture
@pytest.mark.parametrize("engine", ["duckdb", "postgres"])
def test_the_example_builds(packaged, engine):
    example = packaged(engine)
    shop = example.shop
    built = example.run(["build", *NO_UNIT_TESTS])
    assert "ERROR=0" in built and "WARNING" not in built, built[-8000:]
    assert shop.rows("select count(*), sum(total_spent) from analytics.newsletter_readers") == shop.rows("""
        select count(*), sum(total_spent) from analytics.audience_profiles inner join analytics.customer_behavior_summary
        using (store_id, customer_id) where email_subscribed and total_orders > 1""")
    before = known(shop) if engine == "postgres" else []
    assert "ERROR=0" in example.run(["build", *NO_UNIT_TESTS], as_of="2025-07-02")
    assert before == (known(shop) if engine == "postgres" else [])


@pytest.mark.torture
def test_a_model_of_the_user_stands_for_none_of_the_package(packaged):
    example = packaged("duckdb")
    (example.folder / "models" / "stg_orders.sql").write_text("{{ config(schema='mine') }}select 1 as order_id")
    assert "model stg_orders of my_shop" in example.run(["run", "--select", "stg_stores"])
