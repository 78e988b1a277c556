"""What may be said by each var of the project, and what is wrong with those that are given, before dbt does anything.

dbt takes a var that nobody reads in silence, and leaves a value that makes no sense to the warehouse, which does not say where it
came from.
"""

from __future__ import annotations

import csv
import datetime as dt
import difflib
import json
import math
import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

OURS = "tessera"
MOST = 1_000_000_000
# Windows of days end in times that both engines can hold.
MOST_DAYS = 36_500
MOST_MINUTES = 1_000_000
# How much of two names is alike, from 0 to 1, where one is taken for the other misspelt: axis for axes, refit_day for refit_days.
ALIKE = 0.75
_READ = re.compile(r"""\bvar\(\s*["'](\w+)["']""")
_TIME = re.compile(r"\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}(:\d{2})?Z?)?")


@dataclass(frozen=True)
class Legal:
    """What a var may be.

    Attributes
    ----------
    words
        In words: the var must be ...
    holds
        Whether a value is one.
    names
        The names that it, or each value of its list, is one of, by the folder of the seeds; none where that is free.
    is_open
        Whether there may be other names, so that only one that is nearly one of these is wrong.
    """

    words: str
    holds: Callable[[Any], bool]
    names: Callable[[Path], list[str]] | None = None
    is_open: bool = False


def _is_number(value: Any, least: float, greatest: float, is_whole: bool) -> bool:
    kinds = (int,) if is_whole else (int, float)
    return isinstance(value, kinds) and not isinstance(value, bool) and math.isfinite(value) and least <= value <= greatest


def _whole(of: str, least: int, greatest: int = MOST) -> Legal:
    upper = "" if greatest == MOST else f" to {greatest:,}"
    return Legal(
        f"a whole number{of and f' of {of}'} from {least}{upper}",
        partial(_is_number, least=least, greatest=greatest, is_whole=True),
    )


def _number(of: str, least: float, greatest: float = MOST) -> Legal:
    upper = "" if greatest == MOST else f" to {greatest:,}"
    return Legal(
        f"a number{of and f' of {of}'} from {least}{upper}", partial(_is_number, least=least, greatest=greatest, is_whole=False)
    )


def _between_0_and_1() -> Legal:
    return Legal("a number between 0 and 1", lambda value: _is_number(value, 0, 1, False) and 0 < value < 1)


def _is_time(value: Any) -> bool:
    """Whether a value is a time, as text or as YAML reads one without quotes, as the macro as_of_text() reads it."""
    text = str(value).strip().removesuffix("+00:00") if isinstance(value, (str, dt.date)) else ""
    try:
        return _TIME.fullmatch(text) is not None and dt.datetime.fromisoformat(text) is not None
    except ValueError:
        return False


def _choice(*known: str) -> Legal:
    return Legal(f"{', '.join(known[:-1])} or {known[-1]}", lambda value: value in known)


def _name(words: str) -> Legal:
    return Legal(words, lambda value: isinstance(value, str) and bool(value.strip()) and not set("'\"") & set(value))


def _is_list(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) and item.strip() for item in value)


def _list(of: str, names: Callable[[Path], list[str]] | None = None) -> Legal:
    return Legal(f"a list of {of}", _is_list, names)


def _or_none(legal: Legal) -> Legal:
    return Legal(f"{legal.words}, or none", lambda value: value is None or value == "" or legal.holds(value), legal.names)


def _in_seeds(column: str, *files: str) -> Callable[[Path], list[str]]:
    """The values of a column of seeds, as their files are: what is wrong with a file is said of seeds."""

    def names(seeds: Path) -> list[str]:
        found: dict[str, None] = {}
        for file in files:
            path = seeds / file
            text = path.read_text(encoding="utf-8-sig", errors="replace") if path.is_file() else ""
            found |= dict.fromkeys(row.get(column) or "" for row in csv.DictReader(text.splitlines()))
        return [name for name in found if name]

    return names


_TRUTH = Legal("true or false", lambda value: isinstance(value, bool))
_NIGHT = Legal("a UTC date or time such as 2025-06-30 or 2025-06-30 03:00:00", _is_time)
_AXES = _in_seeds("axis_name", "axes/axes.csv")
_SEGMENTS = ("rules/segment_definitions.csv", "custom/custom_segment_definitions.csv")
_COHORTS = ("rules/cohort_definitions.csv", "custom/custom_cohort_definitions.csv")


def _groups(seeds: Path) -> list[str]:
    return _in_seeds("segment_id", *_SEGMENTS)(seeds) + _in_seeds("cohort_id", *_COHORTS)(seeds)


# Every var of dbt_project.yml, in its order; docs/vars.md has them with their meaning.
VARS: dict[str, Legal] = {
    "raw_database": _or_none(_name("the name of a database")),
    "raw_schema": _name("the name of a schema"),
    "raw_tables": _list("tables of the raw contract", _in_seeds("table_name", "vocabulary/raw_tables.csv")),
    "readers": Legal("a list of roles of Postgres", lambda value: isinstance(value, str) or _is_list(value)),
    "as_of": _or_none(_NIGHT),
    "is_night": Legal("true, false or none", lambda value: value is None or isinstance(value, bool)),
    "rebuild_from": _or_none(_NIGHT),
    "earliest_date": _NIGHT,
    "loaded_at_overlap_hours": _number("hours", 0, 24 * MOST_DAYS),
    "session_timeout_minutes": _number("minutes", 0, MOST_MINUTES),
    "session_max_gap_hours": _number("hours", 0, MOST_MINUTES),
    "quarantine_session_hours": _number("hours", 0, MOST_MINUTES),
    "quarantine_session_events": _whole("events", 1),
    "engaged_session_seconds": _number("seconds", 0),
    "opens_are_activity": _TRUTH,
    "time_spent_cap_minutes": _number("minutes", 0, MOST_MINUTES),
    "merge_customers_by": Legal("a list of email and phone", lambda value: _is_list(value) and set(value) <= {"email", "phone"}),
    "max_identity_cluster": _whole("identifiers", 1),
    "interest_days": _whole("days", 1, MOST_DAYS),
    "new_customer_days": _whole("days", 0, MOST_DAYS),
    "refresh_segments": Legal("a list of ids of segments and cohorts", _is_list, _groups, is_open=True),
    "impulse_window_minutes": _number("minutes", 0, MOST_MINUTES),
    "rfm_scheme": Legal(
        "a scheme of rfm_segments.csv or custom_rfm_segments.csv",
        lambda value: isinstance(value, str),
        _in_seeds("scheme", "scores/rfm_segments.csv", "custom/custom_rfm_segments.csv"),
    ),
    "acquisition_basis": _choice("first_order", "first_seen"),
    "cohort_activity": _choice("orders", "orders_and_returns"),
    "daily_history_days": _whole("days", 1, MOST_DAYS),
    "false_alarm_rate": _between_0_and_1(),
    "min_k": _whole("segments", 2),
    "max_k": _whole("segments", 2),
    "min_population": _whole("people", 3),
    "fit_sample": _whole("people", 3),
    "silhouette_sample": _whole("people", 3),
    "fit_seed": _whole("", 0),
    "fit_on_known": _TRUTH,
    "min_silhouette": _number("", -1, 1),
    "match_tolerance": _number("standard deviations", 0),
    "refit_days": _whole("days", 1, MOST_DAYS),
    "refit": _TRUTH,
    "axes": _list("axes", _AXES),
    "trial_fit": _TRUTH,
    "membership": _choice("exp", "fcm"),
    "membership_entropy": _between_0_and_1(),
    "archetype_axes": Legal(
        "a list of axes, one at least and each once", lambda value: _is_list(value) and 0 < len(value) == len(set(value)), _AXES
    ),
    "max_archetypes": _whole("archetypes", 1),
    "min_archetype_people": _whole("people", 1),
    "cluster_count": _whole("clusters", 2),
    "ai_naming": _TRUTH,
    "ai_naming_model": _name("the name of a model"),
    "ai_naming_timeout_seconds": _number("seconds", 0),
    "churn_window_days": _whole("days", 1, MOST_DAYS),
    "next_purchase_days": _whole("days", 1, MOST_DAYS),
    "holdout_days": _whole("days", 1, MOST_DAYS),
    "min_repeat_buyers": _whole("people", 1),
    "pool_stores": _TRUTH,
    "discount_rate_annual": _number("", 0),
    "recommendations_per_customer": _whole("products", 1, 1_000),
    "recommend_within_segments": _TRUTH,
    "ease_products": _whole("products", 0, 20_000),
    "lookalike_min_members": _whole("people", 10, 50_000),
    "action_outcome_days": _whole("days", 1, MOST_DAYS),
}
# Of two vars the first is no more than the second.
ORDERED = (("min_k", "max_k"),)


def variable_problems(project: Path, given: Mapping[str, Any] | None = None) -> list[str]:
    """Say what is wrong with the vars of a run.

    A name that is not ours is somebody else's, unless it is nearly one of ours and no file of the project reads it.

    Parameters
    ----------
    project
        The folder of dbt's project: Tessera's own, or one that has it among its packages.
    given
        Vars of the command line, as dbt reads them.

    Returns
    -------
    list of str
        A sentence each; none where the run may begin.
    """
    settings = read_yaml(project / "dbt_project.yml")
    home = home_of(project, settings)
    is_root = home == project
    if not home.is_dir():
        return []
    place, written = _written(project, settings)
    own = written.pop(OURS) if isinstance(written.get(OURS), dict) else {}
    given = dict(given or {})
    problems = []
    if OURS in given:
        problems.append(f"There is no var {OURS}: vars of the command line are read by their names alone (--vars).")
    for source, values in ((place, written), (f"{place}, {OURS}", own), ("--vars", given)):
        for name, value in values.items():
            if name in VARS:
                problem = _illegal(name, value, home / "seeds")
            else:
                problem = _misspelt(name, project, settings, is_ours=values is own and not is_root)
            problems += [f"{problem} ({source})."] if problem else []
    run = {**written, **own, **given}
    if not problems:
        problems += [
            f"The var {less} must be no more than {more}, not {run[less]} and {run[more]}."
            for less, more in ORDERED
            if less in run and more in run and run[less] > run[more]
        ]
    return problems


def home_of(project: Path, settings: Mapping[str, Any]) -> Path:
    """Return where Tessera is in a project with such a dbt_project.yml: itself, or among its packages, if it is there."""
    return project if settings.get("name") == OURS else project / _packages(settings) / OURS


def read_yaml(path: Path) -> dict[str, Any]:
    """Read a file of YAML; one that is not there, or holds no names, is empty."""
    import yaml

    read = yaml.load(path.read_text(encoding="utf-8"), getattr(yaml, "CSafeLoader", yaml.SafeLoader)) if path.is_file() else None
    return read if isinstance(read, dict) else {}


def _written(project: Path, settings: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """The vars that files have, and which file: from dbt 1.12 on there may be one of vars alone."""
    alone = read_yaml(project / "vars.yml").get("vars")
    return ("vars.yml", dict(alone)) if alone else ("dbt_project.yml", dict(settings.get("vars") or {}))


def _illegal(name: str, value: Any, seeds: Path) -> str:
    """What a var must be, where a value is not that."""
    legal = VARS[name]
    wrong = f"The var {name} must be {legal.words}, not {_shown(value)}"
    if not legal.holds(value):
        return wrong
    known = legal.names(seeds) if legal.names and value else []
    for said in value if isinstance(value, list) else [value]:
        if known and said not in known:
            some = difflib.get_close_matches(said.lower(), known, n=1, cutoff=ALIKE)
            if some or not legal.is_open:
                return f"{wrong}; near it is {some[0]}" if some else f"{wrong}; there are {', '.join(known)}"
    return ""


def _misspelt(name: str, project: Path, settings: Mapping[str, Any], is_ours: bool) -> str:
    """Which of our vars a name was meant to be, where nobody reads a var of that name."""
    known = {_letters(ours): ours for ours in VARS}
    some = difflib.get_close_matches(_letters(str(name)), known, n=1, cutoff=ALIKE)
    if is_ours or (some and name not in _vars_read(project, settings)):
        return f"There is no var {name}" + (f"; near it is {known[some[0]]}" if some else "")
    return ""


def _letters(name: str) -> str:
    return re.sub("[ _-]", "", name.lower())


def _vars_read(project: Path, settings: Mapping[str, Any]) -> set[str]:
    """The vars that files of the project, and of its packages, read by name."""
    folders = [
        folder for package in (project / _packages(settings)).glob("*") for folder in (package / "models", package / "macros")
    ]
    for kind in ("models", "macros", "seeds", "tests", "analyses", "snapshots"):
        named = settings.get(f"{'analysis' if kind == 'analyses' else kind[:-1]}-paths") or [kind]
        folders += [project / folder for folder in named]
    texts = [path.read_text(encoding="utf-8", errors="replace") for folder in folders for path in _files(folder)]
    return {name for text in texts for name in _READ.findall(text)}


def _packages(settings: Mapping[str, Any]) -> str:
    return settings.get("packages-install-path") or "dbt_packages"


def _files(folder: Path) -> Iterator[Path]:
    for root, _, names in os.walk(folder):
        yield from (Path(root) / name for name in names if name.endswith((".sql", ".yml", ".yaml", ".py", ".md")))


def _shown(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, str):
        return f"'{value}'"
    # as it is written in YAML
    return json.dumps(value, default=str).replace('"', "") if isinstance(value, (list, dict, bool)) else str(value)


def parsed_vars(text: str) -> dict[str, Any]:
    """Vars as they are typed behind --vars."""
    import yaml

    try:
        read = yaml.safe_load(text)
    except (ValueError, yaml.YAMLError) as error:
        raise ValueError(f"--vars cannot be read as YAML: {error}") from error
    if not isinstance(read, dict):
        raise ValueError(f"--vars must be YAML such as '{{as_of: 2025-06-30}}', not {text!r}")
    return read
