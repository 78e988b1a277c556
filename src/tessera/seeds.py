"""Whether the CSV files in `seeds/` can be read as their YAML describes them, before anything is loaded.

dbt reads a seed with agate, which pads short rows, takes a file with semicolons for one of a single column, says of Latin-1
that a codec failed, and leaves a wrong value to the warehouse, which names neither file nor row.
"""

from __future__ import annotations

import csv
import datetime as dt
import difflib
import io
import itertools
import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from tessera.seed_sets import JUDGED, set_problems

# A surrogate stands for a byte that is not UTF-8.
_BROKEN = re.compile("[\udc80-\udcff]")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")
# Values of a column of another seed, or such values after a word: axis_position.{axes.axis_name}.
_ONE_OF = re.compile(r"(?:(.*)(?={))?{?(\w+)\.(\w+)}?")


class SeedError(Exception):
    """Seeds cannot be used; the message says why."""


@dataclass
class Seed:
    """A seed: what the YAML says of it, and its file.

    Attributes
    ----------
    path
        The CSV file.
    types
        Type of each column, as in `column_types`; empty where no YAML describes the seed.
    columns
        What the YAML says of each column.
    keys
        Columns that are unique together, of the tests `unique_key` and `unique`, each with the rows that are meant, in SQL:
        empty for all.
    rows
        The rows that could be read, with their numbers as a spreadsheet counts them: the header is row 1.
    """

    path: Path
    types: dict[str, str] = field(default_factory=dict)
    columns: dict[str, dict[str, Any]] = field(default_factory=dict)
    keys: list[tuple[list[str], str]] = field(default_factory=list)
    rows: list[tuple[int, dict[str, str]]] = field(default_factory=list)


def seed_problems(folder: Path, own: Sequence[Path] = ()) -> list[str]:
    """Say what is wrong with the seeds of a folder.

    Parameters
    ----------
    folder
        Holds CSV files, and YAML files that describe them, at any depth.
    own
        Folders of a project that has this one among its packages: their CSV files take the place of those
        of the same name in its folder `custom`.

    Returns
    -------
    list of str
        A sentence each, with the file and, where there is one, the row and the column; none where all can be loaded.
    """
    seeds = _seeds(folder)
    for path in sorted(path for root in own for path in root.rglob("*.csv")):
        if path.stem in seeds and seeds[path.stem].path.parent.name == "custom":
            seeds[path.stem].path = path
    said: list[str] = []
    wrong: set[str] = set()
    for judge in (_reading, partial(_meaning, seeds=seeds)):
        for name, seed in seeds.items():
            place = _place(seed, (folder, *own))
            found = [f"{place}{problem}" for problem in judge(seed)]
            said += found
            wrong |= {name} if found else set()
    # of rows together only where each can be read
    readable = {name: seed.rows for name, seed in seeds.items() if name not in wrong}
    for name, beside in JUDGED.items():
        if name in readable and all(other in readable for other in beside if other in seeds):
            place = _place(seeds[name], (folder, *own))
            said += [f"{place}, row {row}, column {column}: {reason}" for row, column, reason in set_problems(name, readable)]
    if not wrong & {"custom_rfm_segments", "rfm_segments"}:
        said += _rfm_gaps(seeds, (folder, *own))
    return said


def _place(seed: Seed, folders: Sequence[Path]) -> str:
    """The file of a seed as a project names it."""
    folder = next(folder for folder in folders if seed.path.is_relative_to(folder))
    return seed.path.relative_to(folder.parent).as_posix()


def _seeds(folder: Path) -> dict[str, Seed]:
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    seeds = {path.stem: Seed(path) for path in sorted(folder.rglob("*.csv"))}
    for path in sorted([*folder.rglob("*.yml"), *folder.rglob("*.yaml")]):
        for given in (yaml.load(path.read_text(encoding="utf-8"), loader) or {}).get("seeds") or []:
            seed = seeds.setdefault(given["name"], Seed(path.parent / f"{given['name']}.csv"))
            seed.types = (given.get("config") or {}).get("column_types") or {}
            seed.columns = {column["name"]: column for column in given.get("columns") or []}
            seed.keys = [(said["arguments"]["columns"], _where(said)) for test, said in _tests(given) if test == "unique_key"]
            unique = [name for name, column in seed.columns.items() if any(test == "unique" for test, _ in _tests(column))]
            seed.keys += [([name], "") for name in unique]
    return seeds


def _tests(described: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The data tests of a seed or a column, with what is said of each."""
    for test in described.get("data_tests") or []:
        if isinstance(test, str):
            yield test, {}
        else:
            ((name, said),) = test.items()
            yield name, said or {}


def _arguments(tests: dict[str, dict[str, Any]], test: str) -> dict[str, Any]:
    """What a test is asked with; nothing where there is no such test."""
    return (tests.get(test) or {}).get("arguments") or {}


def _is_among(row: dict[str, str], where: str) -> bool:
    """Whether a row is one that a test is about: `column in ('a', 'b')` and `column is not null`, joined by and."""
    for condition in where.split(" and ") if where else []:
        name, asked = condition.strip().split(" ", 1)
        values = re.findall("'([^']*)'", asked)
        if (values and row.get(name) not in values) or not _is_filled(row.get(name, "")):
            return False
    return True


def _where(test: dict[str, Any]) -> str:
    """The rows that a test is about, as SQL; empty for all."""
    return (test.get("config") or {}).get("where") or ""


def _reading(seed: Seed) -> Iterator[str]:
    """What keeps rows from being read; those that can be are put into the seed."""
    if not seed.path.exists():
        yield f": the file is missing; at least it holds the header {','.join(seed.types)}"
        return
    raw = seed.path.read_bytes()
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in raw:
        yield ": the file is not UTF-8 but UTF-16 or no text; save it as CSV in UTF-8"
        return
    text = raw.decode("utf-8-sig", errors="surrogateescape")
    if not text.strip():
        yield f": the file is empty; its first row is the header {','.join(seed.types)}"
        return
    header: list[str] = []
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    number = 0
    try:
        for number, values in enumerate(rows, start=1):
            if not header:
                header = values
                wrong = list(_header(header, seed))
                yield from (f", row {number}{problem}" for problem in wrong)
                if wrong:
                    return
            elif len(values) == len(header):
                seed.rows.append((number, dict(zip(header, values, strict=True))))
            elif any(value.strip() for value in values):
                yield (
                    f", row {number}: it has {len(values)} values and the header {len(header)}; "
                    f"a value that holds a comma stands in double quotes"
                )
    except csv.Error as error:
        why = (
            "a double quote is opened and never closed"
            if "end of data" in str(error)
            else (f"its quotes cannot be read ({error}); a double quote within quotes is written twice")
        )
        yield f", row {number + 1}: {why}"


def _header(header: list[str], seed: Seed) -> Iterator[str]:
    """What is wrong with the names of the columns; their order is free."""
    expected = list(seed.types)
    for separator, name in ((";", "semicolons"), ("\t", "tabs"), ("|", "bars")):
        if len(header) == 1 and separator in header[0]:
            yield f": values are separated by {name}; save the file with commas"
            return
    for name in dict.fromkeys(header):
        if _BROKEN.search(name):
            yield f", column {header.index(name) + 1}: its name '{_shown(name)}' is not UTF-8; save the file as CSV in UTF-8"
        elif header.count(name) > 1:
            yield f", column {name}: it is there {header.count(name)} times"
        elif not name.strip():
            yield f", column {header.index(name) + 1}: it has no name"
        elif expected and name not in expected:
            near = _near(name, [known for known in expected if known not in header])
            yield f", column {_shown(name)}: there is no such column{near}"
    for name in expected:
        if name not in header and not _meta(seed.columns.get(name, {})).get("may_be_absent"):
            yield f", column {name}: it is missing"


def _meaning(seed: Seed, seeds: dict[str, Seed]) -> Iterator[str]:
    """What is wrong with the rows that could be read."""
    judges = {name: _judge(seed, name, seeds) for name in (seed.types or (seed.rows[0][1] if seed.rows else {}))}
    seen: dict[tuple[str, ...], dict[tuple[str, ...], int]] = {}
    for number, row in seed.rows:
        if not any(map(_is_filled, row.values())):
            yield f", row {number}: it holds nothing; delete it"
            continue
        for name, value in row.items():
            reason = judges[name](value)
            if reason:
                yield f", row {number}, column {name}: {reason}"
        for key, where in (*seed.keys, (list(row), "")):
            if not _is_among(row, where):
                continue
            values = tuple(_compared(row[name], seed.columns.get(name, {})) for name in key)
            first = seen.setdefault((*key, where), {}).setdefault(values, number)
            if first != number:
                told = "the whole row" if key == list(row) else " and ".join(f"{name} '{row[name]}'" for name in key)
                yield f", row {number}, column {key[0]}: {told} is in row {first} already"
                break


def _rfm_gaps(seeds: dict[str, Seed], folders: Sequence[Path]) -> Iterator[str]:
    """Schemes of RFM that say nothing of some codes, where no row says that this is meant."""
    custom = {row["rule_id"] for _, row in seeds["custom_rfm_segments"].rows} if "custom_rfm_segments" in seeds else set()
    rows_of: dict[str, str] = {}
    left: dict[str, set[tuple[int, ...]]] = {}
    for name in ("custom_rfm_segments", "rfm_segments"):
        for number, row in seeds[name].rows if name in seeds else []:
            if name == "rfm_segments" and row["rule_id"] in custom:
                continue
            scheme = row["scheme"]
            rows_of.setdefault(scheme, f"{_place(seeds[name], folders)}, row {number}, column scheme")
            ranges = [
                range(int(row[f"{score}_min"]), int(row[f"{score}_max"]) + 1) for score in ("recency", "frequency", "monetary")
            ]
            left.setdefault(scheme, set(itertools.product(range(1, 6), repeat=3))).difference_update(itertools.product(*ranges))
    for scheme, codes in left.items():
        if codes:
            first = "".join(map(str, min(codes)))
            more = f" and {len(codes) - 1} other codes" if len(codes) > 1 else ""
            yield (
                f"{rows_of[scheme]}: no row of '{scheme}' speaks of {first}{more}; "
                "a row whose rfm_segment is none leaves its codes without a name"
            )


def _judge(seed: Seed, name: str, seeds: dict[str, Seed]) -> Callable[[str], str]:
    """What says why a value cannot stand in a column; nothing where it can."""
    reads = _TYPES.get(seed.types.get(name, "text").split("(")[0].strip().lower())
    described = seed.columns.get(name, {})
    tests = dict(_tests(described))
    accepted = [_spelt(value) for value in _arguments(tests, "accepted_values").get("values", [])]
    is_lower = _meta(described).get("lower_case", False)
    named = _meta(described).get("one_of", [])
    references = (_ONE_OF.fullmatch(reference) for reference in ([named] if isinstance(named, str) else named))
    sources = [found.groups(default="") for found in references if found]
    known = {before + row[column] for before, source, column in sources for _, row in seeds[source].rows}
    is_needed = "not_null" in tests or any(name in key for key, where in seed.keys if not where)
    least, greatest = (_arguments(tests, "in_range").get(bound) for bound in ("min_value", "max_value"))
    of_range = f"below {least}" if greatest is None else f"not from {least} to {greatest}"
    # a list whose own file cannot be read is spoken of there
    lists = [("", accepted)] * bool(accepted)
    lists += [(f" of {' or '.join(f'{source}.csv' for _, source, _ in sources)}", sorted(known))] * bool(known)

    def judge(value: str) -> str:
        if _BROKEN.search(value):
            return f"'{_shown(value)}' is not UTF-8; save the file as CSV in UTF-8"
        if _CONTROL.search(value):
            return f"{_shown(value)!r} holds a control character"
        if not _is_filled(value):
            return "it is empty" if is_needed else ""
        if value != value.strip():
            return f"'{_shown(value)}' has blanks around it"
        if is_lower and value != value.lower():
            return f"'{_shown(value)}' has capitals; it is compared in lower case"
        if reads and not reads[1](value):
            return f"'{_shown(value)}' is {reads[0]}"
        if (least is not None and float(value) < least) or (greatest is not None and float(value) > greatest):
            return f"{_shown(value)} is {of_range}"
        for of_list, values in lists:
            if value not in values:
                some = _near(value, values) or (f"; it is one of {', '.join(values)}" if len(values) <= 12 else "")
                return f"there is no '{_shown(value)}'{of_list}{some}"
        return ""

    return judge


def _meta(described: dict[str, Any]) -> dict[str, Any]:
    return (described.get("config") or {}).get("meta") or {}


def _compared(value: str, described: dict[str, Any]) -> str:
    """A value as it is compared: of names, blanks, underscores and hyphens count for nothing, as in the macro name_key()."""
    return re.sub("[ _-]", "", value.lower()) if _meta(described).get("is_name") else value


def _is_filled(value: str) -> bool:
    """Whether a cell holds something: dbt takes the word null for nothing."""
    return value.strip().lower() not in ("", "null")


def _spelt(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _shown(value: str) -> str:
    """A value as it can be printed, cut where it is long."""
    shown = _BROKEN.sub("\N{REPLACEMENT CHARACTER}", value)
    return shown if len(shown) <= 60 else f"{shown[:60]}..."


def _near(value: str, known: Iterable[str]) -> str:
    found = difflib.get_close_matches(value.lower(), list(known), n=3, cutoff=0.6)
    return f"; near it are {', '.join(found)}" if found else ""


def _is_number(value: str) -> bool:
    written = re.fullmatch("[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)([eE][+-]?[0-9]+)?", value)
    return written is not None and math.isfinite(float(value))


def _is_whole(bits: int) -> Callable[[str], bool]:
    def judge(value: str) -> bool:
        # no integer has more digits than this, and int() refuses thousands of them
        return re.fullmatch("[+-]?[0-9]{1,20}", value) is not None and -(2 ** (bits - 1)) <= int(value) < 2 ** (bits - 1)

    return judge


def _is_iso(parse: Callable[[str], object]) -> Callable[[str], bool]:
    def judge(value: str) -> bool:
        try:
            parse(value)
        except ValueError:
            return False
        return True

    return judge


_TYPES: dict[str, tuple[str, Callable[[str], bool]]] = {
    "integer": ("no whole number such as 12", _is_whole(32)),
    "bigint": ("no whole number such as 12", _is_whole(64)),
    "double precision": ("no number such as 0.5", _is_number),
    "numeric": ("no number such as 0.5", _is_number),
    "boolean": ("neither true nor false", lambda value: value.lower() in ("true", "false")),
    "date": ("no date such as 2024-10-01", _is_iso(dt.date.fromisoformat)),
    "timestamp": ("no time such as 2024-10-01 03:00:00", _is_iso(dt.datetime.fromisoformat)),
}
