"""The command `replay`: past nights, one after the other, each as if it were that night, on a project that is parsed once."""

from __future__ import annotations

import argparse
import datetime as dt
import json
import time
from collections.abc import Mapping
from typing import Any, cast

from tessera.variables import parsed_vars


class ReplayError(Exception):
    """A night that could not be played."""


def add_replay(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to those of `tessera`."""
    replay = commands.add_parser(
        "replay",
        help="play past nights",
        description="Builds past nights one after the other, in the folder of the project. What ledgers knew from the first of "
        "them on is written anew.",
    )
    replay.add_argument("nights", nargs="+", type=dt.date.fromisoformat, metavar="NIGHT", help="YYYY-MM-DD, in their order")
    replay.add_argument("--every", type=int, metavar="DAYS", help="the nights between, so many days apart")
    replay.add_argument("--test", action="store_true", help="run the data tests in the last night")
    replay.add_argument("--target", help="of profiles.yml (default: as there)")
    replay.add_argument("--vars", default="{}", help="vars of every night, as for dbt")
    replay.set_defaults(run=_run)


def nights_between(first: dt.date, last: dt.date, days: int) -> list[dt.date]:
    """Return every so many days from the first night on, and the last.

    Parameters
    ----------
    first, last
        Nights that are played whatever lies between.
    days
        At least 1.

    Raises
    ------
    ValueError
        If days are fewer, or the last night lies before the first.
    """
    if days < 1:
        raise ValueError(f"--every takes days, at least 1, not {days}")
    if last < first:
        raise ValueError(f"{last} lies before {first}")
    between = range(0, (last - first).days, days)
    return [*(first + dt.timedelta(passed) for passed in between), last]


def _run(options: argparse.Namespace) -> None:
    nights: list[dt.date] = options.nights
    if options.every is not None:
        if len(nights) != 2:
            raise ValueError("--every stands between two nights: tessera replay 2025-01-05 2025-06-29 --every 7")
        nights = nights_between(nights[0], nights[1], options.every)
    if nights != sorted(set(nights)):
        raise ValueError("nights are played in their order, each once")
    if nights[-1] > dt.datetime.now(dt.UTC).date():
        raise ValueError(f"{nights[-1]} lies ahead, and nights before it could not be built any more")
    given = parsed_vars(options.vars)
    if "as_of" in given or "rebuild_from" in given:
        raise ValueError("nights say as_of and rebuild_from, --vars cannot")
    _play(nights, given, options.test, ["--target", options.target] if options.target else [])


def _play(nights: list[dt.date], given: Mapping[str, Any], is_tested: bool, place: list[str]) -> None:
    from dbt.cli.main import dbtRunner
    from dbt.contracts.graph.manifest import Manifest

    first = {**given, "as_of": str(nights[0]), "rebuild_from": str(nights[0])}
    parsed = dbtRunner().invoke(["--quiet", "parse", *place, "--vars", json.dumps(first)])
    if not parsed.success:
        raise ReplayError(str(parsed.exception))
    # no config reads a var, so what was parsed for one night is so for all
    dbt = dbtRunner(manifest=cast(Manifest, parsed.result))
    began = time.monotonic()
    for number, night in enumerate(nights):
        passed = time.monotonic() - began
        left = f", about {passed / number * (len(nights) - number) / 60:.0f} min left" if number else ""
        print(f"night {number + 1} of {len(nights)}: {night}{left}", flush=True)
        variables = {**given, "as_of": str(night)} if number else first
        with_tests = is_tested and night == nights[-1]
        command = ["build", *place, "--exclude-resource-type", "unit_test", *([] if with_tests else ["test"])]
        done = dbt.invoke([*([] if with_tests else ["--quiet"]), *command, "--vars", json.dumps(variables)])
        if not done.success:
            why = f"{done.exception}\n" if done.exception else ""
            raise ReplayError(f"{why}the night of {night} failed, those before it stand")
    print(f"{len(nights)} nights in {(time.monotonic() - began) / 60:.1f} minutes")
