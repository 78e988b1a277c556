"""The command `check`: all that a build would refuse of what a user edits, without the warehouse.

Files and vars are read here, in a second. Rules, and what the tests in `tests/rules` say of seeds, are asked of the models that
say it in a build: dbt makes these, and the seeds that they stand on, in a DuckDB file of its own.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast

from tessera.seeds import SeedError, seed_problems
from tessera.variables import OURS, parsed_vars, read_yaml, variable_problems
from tessera.warehouse import connect_duckdb

# What is asked.
_MADE = ("+int_valid_rules", "+path:tests/rules")
_ASKED = ("+int_rule_errors", "+path:tests/rules")
# What seed_problems() says of the files.
_TOLD = (
    "every_rfm_rule_names_a_code",
    "every_rfm_scheme_names_every_code",
    "journey_rules_can_be_read",
    "rfm_rules_of_one_priority_share_no_code",
)
# Vars that are about a warehouse, which there is none of here.
_NOWHERE = {"raw_database": None, "raw_schema": "raw", "rebuild_from": None, "as_of": None, "is_night": None}
# How the sentence about rules begins, see macros/rules.sql.
_OF_RULES = "Rules that cannot be used"
# What dbt writes around a sentence of ours.
_AROUND = re.compile(r"^\w+ Error in .*\n|\n\s*> in macro (.|\n)*")


def add_check(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to those of `tessera`."""
    check = commands.add_parser(
        "check",
        help="say what a build would refuse of seeds, rules and vars",
        description="Says what dbt build would refuse of seeds, of the rules in them, and of vars, without the warehouse. "
        "Beside no dbt_project.yml it looks at the files alone.",
    )
    check.add_argument("folder", type=Path, nargs="?", default=Path("seeds"), help="holds the seeds (default: seeds)")
    check.add_argument("--vars", default="{}", help="vars that a run is to have, as for dbt")
    check.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> None:
    if not options.folder.is_dir():
        raise SeedError(f"There is no folder '{options.folder}'")
    seeds = options.folder.resolve()
    is_project = read_yaml(seeds.parent / "dbt_project.yml").get("name") == OURS
    given = parsed_vars(options.vars)
    of_files = seed_problems(seeds)
    of_vars = variable_problems(seeds.parent, given) if is_project else []
    if not of_files:
        print(f"{len(list(seeds.rglob('*.csv')))} seeds, nothing against their files")
    # rules are asked whatever is wrong with files and vars, so that all of it is told at once
    of_rules = _asked(seeds.parent, {} if of_vars else given, bool(of_files)) if is_project else []
    problems = of_files + of_vars + of_rules
    if problems:
        raise SeedError("\ntessera: ".join(problems))
    if is_project:
        print("nothing against vars and rules")


def _asked(project: Path, given: Mapping[str, Any], is_told: bool) -> list[str]:
    """What models and tests refuse, while the plugin that refuses files and vars stands aside."""
    import dbt_tessera

    dbt_tessera.is_told = True
    try:
        return list(_built(project, given, is_told))
    finally:
        dbt_tessera.is_told = False


def _built(project: Path, given: Mapping[str, Any], is_told: bool) -> Iterator[str]:
    """What models and tests of seeds alone refuse; rows of tests are printed by the run, as they are in a build.

    Where files are told of already, what cannot be loaded or made of them is not told again.
    """
    from dbt.cli.main import dbtRunner
    from dbt.contracts.graph.manifest import Manifest

    folder = project / "target" / "check"
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "check.duckdb"
    file.unlink(missing_ok=True)
    with connect_duckdb(str(file)) as connection:
        # a run asks for one raw table
        connection.execute("create schema raw; create table raw.orders (store_id text, order_id text)")
    place = {"type": "duckdb", "path": str(file), "schema": "analytics", "threads": 2}
    profile = {read_yaml(project / "dbt_project.yml").get("profile", OURS): {"target": "check", "outputs": {"check": place}}}
    (folder / "profiles.yml").write_text(json.dumps(profile), encoding="utf-8")
    there = ["--project-dir", str(project), "--profiles-dir", str(folder), "--target", "check", "--target-path", str(folder)]
    there += ["--vars", json.dumps({**given, **_NOWHERE}, default=str)]
    quiet = ["--quiet", "--log-level", "none", "--log-level-file", "none"]
    parsed = dbtRunner().invoke([*quiet, "parse", *there])
    if not parsed.success:
        yield str(parsed.exception)
        return
    said: list[str] = []

    def hear(event: Any) -> None:
        """Keep what is printed: the rows of tests that failed, see macros/failing_rows.sql."""
        if event.info.name == "PrintEvent":
            said.append(event.data.msg)

    dbt = dbtRunner(manifest=cast(Manifest, parsed.result), callbacks=[hear])
    made = dbt.invoke([*quiet, "build", *there, "--select", *_MADE, "--exclude-resource-type", "test", "unit_test"])
    # in a run of their own, since what a test refuses would keep others from being asked; those that have all that they stand on
    asked = dbt.invoke(
        [*quiet, "test", *there, "--select", *_ASKED, "--indirect-selection", "cautious", "--exclude", "test_type:unit", *_TOLD]
    )
    for done in (made, asked):
        if done.exception:
            yield str(done.exception)
    for result in [*getattr(made.result, "results", []), *getattr(asked.result, "results", [])]:
        if result.status == "error" and not (is_told and _OF_RULES not in (result.message or "")):
            yield _AROUND.sub("", result.message or "").strip()
        elif result.status in ("fail", "warn"):
            shown = [line for line in said if line.startswith(f"Rows of {result.node.name}")]
            if not shown:
                yield f"{result.node.name}: {result.failures} rows"
    if said:
        yield "\n".join(said)
