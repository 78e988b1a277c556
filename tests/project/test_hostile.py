"""Whatever a loader lands, in whatever type, neither stops the night nor gives the engines different numbers.

What is landed is made from the raw contract (models/staging/_sources.yml): for every column, every hostile value of its
kind is a row. A column has one type a table, so the types that it may be landed in take turns over the columns of a kind; the
long form turns them until every column was landed in every type. Both engines get the same rows, and build them once.
"""

from __future__ import annotations

import json
import random
import string
from collections.abc import Iterable

import pyarrow as pa
import pytest
import yaml
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from support.shops import PROJECT, Shop, both, build_alike, differences

CONTRACT = {
    table["name"]: table
    for source in yaml.safe_load((PROJECT / "models/staging/_sources.yml").read_text())["sources"]
    if source["name"] == "raw"
    for table in source["tables"]
}
TIME = "2025-06-01 10:00:00"
LONG = "".join(random.Random(1).choices(string.ascii_letters + "äß€🧦", k=20_000))
BLANKS = ["\u00a0{}\u200b", "\ufeff{}", "\t{}\r\n", "\u2003{}\u202f"]
# What stands for nothing, and what breaks grammars, keys, paths and templates, whatever a column is for.
ANYTHING = [
    None,
    "",
    " ",
    "\u00a0\u200b",
    "null",
    "undefined",
    "NaN",
    "[object Object]",
    "0",
    "-1",
    "1.0",
    "1001.0",
    "-0.0",
    "infinity",
    "-infinity",
    "Infinity",
    "1e308",
    "1.5e+03",
    "1e-05",
    "999999999999999",
    "4006381333931",
    "'",
    '"',
    "''; drop table x; --",
    "\\",
    "\\'",
    "$device_id",
    "$.a",
    "/x",
    "~0",
    "%",
    "_",
    "a|b",
    "a:b",
    "email:x@mail.example",
    "customer:c1",
    "a,b",
    "{{ 1 }}",
    "{% raw %}",
    "jose\u0301",
    "ÉVA",
    "ß",
    "İ",
    "🧦",
    "\u202eabc",
    "\x01",
    "\x7f",
    "\ud7ff\uffff",
    LONG,
]
NUMBERS = [
    "1",
    "1.50",
    "-1",
    "12.345",
    "0.005",
    "1e15",
    "1e14",
    "999999999999.99",
    "-999999999999.99",
    "1000000000000",
    "9999999",
    "10000000",
    "1,000.00",
    "1.234,50",
    "$5",
    "\u0663",
    "\uff15\uff10",
    "0x10",
    "1_000",
    "1e999",
    "1e-999",
    "5.551115123125783e-17",
    "0." + "3" * 39,
    "1" * 40,
    "2.5",
    "2.0",
    "1e3",
    ".5",
    "5.",
]
TIMES = [
    "2025-06-01",
    "2025-06-01T10:00:00Z",
    "2025-06-01t10:00:00z",
    "20250601T100000Z",
    "20250601",
    "2025-06-01T10:00:00,5Z",
    "2025-06-01 24:00",
    "2025-06-01T24:00:00Z",
    "2025-06-01T24:30:00Z",
    "2025-06-01T10:00:00+14:00",
    "2025-06-01 10:00:00 -03",
    "2025-02-29",
    "2025-02-29 10:00:00",
    "2016-12-31T23:59:60Z",
    "0001-01-01",
    "0000-00-00 00:00:00",
    "1970-01-01",
    "1999-12-31 23:59:59",
    "2000-01-01",
    "9998-12-31",
    "9999-12-31",
    "9999-12-31 23:59:59.999999",
    "10000-01-01",
    "294276-12-31",
    "1748772000000",
    "1748772000",
    "01/06/2025",
    "yesterday",
    "now",
    "2025-06-01 10:00:00.123456789",
    "2025-06-01T10:00:00.999999999Z",
    "24:00",
]
FLAGS = ["true", "FALSE", "t", "1", "0.0", "1.00", "yes", "off", "2", "perhaps"]
JSONS = [
    '{"$device_id": "x1", "/x": "y", "": "z", "a\\"b": 1, "~1": 2}',
    '{"a": 1, "a": 2}',
    '{"n": 1.0, "m": 1e2}',
    '{"a": {"b": [1, null]}}',
    '"{\\"a\\": 1}"',
    '"[1, 2"',
    '"text"',
    "null",
    "5",
    "[1, 2]",
    "[]",
    "{}",
    '{"a": "\\u0000"}',
    '{"a": "\\\\u0000"}',
    '{"a": "\\ud83d"}',
    '{"a": "\\ud83d\\ude00"}',
    '{"a": NaN}',
    '{"a": Infinity}',
    '{"a": 1,}',
    "{'a': 1}",
    '{"a": 1e400}',
    '{"a": 1e999999}',
    '{"a": ',
    "not json",
    "[" * 3000 + "]" * 3000,
    '{"a": "' + LONG + '"}',
    '\ufeff{"a": 1}',
    '{"a": "x"} x',
    '{"a": true, "b": false}',
]
CATALOGUE = {
    "timestamp": TIMES,
    "number": NUMBERS,
    "rate": NUMBERS,
    "quantity": NUMBERS,
    "double": NUMBERS,
    "integer": NUMBERS,
    "boolean": FLAGS,
    "json": JSONS,
    "email": ["Ann@Mail.example", "JOSÉ@mail.example", "jose\u0301@mail.example", "a@a.com", "mailto:a@mail.example", "@"],
    "phone": [
        "+1 (555) 010-9999",
        "0049 30 1234",
        "(001) 555 0103",
        "tel:+15550100",
        "+1 555 0105 ext. 12",
        "+44 (0)20 5550",
        "15550107.0",
        "1.5550107E+10",
        "none",
        "\u0663\u0663\u0663",
        "+",
    ],
    "currency": ["eur", "EUR ", "US", "€", "USDT"],
    "text": [
        "Europe/Berlin",
        "CET",
        "BST",
        "EST",
        "utc",
        "Mars/Olympus",
        "https://x.example/?UTM_Source=%C3%A9&utm_medium=%FF&amp;utm_campaign=a+b",
        "VIP, repeat ,",
        "page_view",
        "purchase",
        "10.0.0.1",
        "::1",
        "website",
        "email_open",
    ],
    "id": ["c1", " c1 ", "C1", "1001"],
}

# Columns by name rather than by kind: one row of a hostile zone needs a store of its own.
OWN_STORE = {("stores", "timezone")}
# The types that a kind may be landed in; text comes first and again, because that is what most loaders land.
TYPES = {
    "id": ["text", "double precision", "text", "numeric(18, 2)", "bigint", "json", "text", "list", "struct"],
    "text": ["text", "list", "text", "json", "text", "double precision", "boolean", "text", "numeric(38, 10)", "struct", "date"],
    "email": ["text", "json", "text", "list"],
    "phone": ["double precision", "text", "bigint", "json"],
    "currency": ["text", "json", "text"],
    "number": [
        "text",
        "double precision",
        "numeric(38, 10)",
        "bigint",
        "text",
        "real",
        "numeric(18, 2)",
        "integer",
        "json",
        "list",
        "boolean",
    ],
    "rate": ["text", "double precision", "numeric(38, 10)", "numeric(18, 2)", "integer", "bigint"],
    "quantity": ["text", "numeric(38, 10)", "double precision", "numeric(18, 2)", "bigint", "smallint"],
    "double": ["text", "double precision", "numeric(38, 10)", "real", "bigint", "json"],
    "integer": ["text", "bigint", "double precision", "integer", "smallint", "numeric(38, 10)", "boolean", "json"],
    "timestamp": ["text", "timestamp", "timestamptz", "date", "text", "double precision", "bigint", "json", "list", "struct"],
    "boolean": ["text", "double precision", "boolean", "numeric(18, 2)", "integer", "json", "bigint"],
    "json": ["text", "json", "struct", "list"],
}
# What no row can be without is landed in types that can hold what makes the other rows good.
ABLE = {
    "id": ["text", "double precision", "bigint", "numeric(18, 2)", "json"],
    "text": ["text", "json"],
    "currency": ["text", "json"],
    "number": TYPES["number"][:8],
    "rate": TYPES["rate"],
    "quantity": TYPES["quantity"],
    "integer": TYPES["integer"][:6],
    "timestamp": ["text", "timestamp", "timestamptz", "date"],
}
DAYS = ["0001-01-01", "1970-01-01", "1999-12-31", "2000-01-01", "2025-06-01", "9998-12-31", "9999-12-31", "infinity", "-infinity"]
MOMENTS = [*DAYS, "2025-06-01 10:00:00.123456", "2025-06-01 23:59:59.999999", "2025-06-29 23:59:59", "2025-07-02", "290000-01-01"]
WHOLE = [
    "0",
    "1",
    "-1",
    "1001",
    "9999999",
    "10000000",
    "20250601",
    "4006381333931",
    "1748772000000",
    "12025550143",
    "9223372036854775807",
    "-9223372036854775808",
]
FRACTIONS = [
    *WHOLE[:9],
    "1.5",
    "0.1",
    "12.345",
    "1e-05",
    "5.551115123125783e-17",
    "999999999999.99",
    "1e12",
    "1e14",
    "1e15",
    "1e16",
    "9.3e18",
    "1e22",
    "1e308",
    "-1e308",
    "NaN",
    "Infinity",
    "-Infinity",
    "0.30000000000000004",
    "-0.0",
]
# JSON that one engine or the other does not even take as its type json; as text it is in every column.
UNCASTABLE = ["NaN", "Infinity", ",}", "'", '\\ud83d"', "1e999999"]
VALUES = {
    "double precision": FRACTIONS,
    "real": ["0", "1", "1.5", "0.1", "16777216", "3e38", "NaN", "Infinity", "1001"],
    "numeric(18, 2)": [
        "0",
        "1",
        "1001",
        "12.35",
        "-0.01",
        "9999999999999999.99",
        "-9999999999999999.99",
        "1000000000000",
        "4006381333931",
    ],
    "numeric(38, 10)": [
        "0",
        "1",
        "1001",
        "2.5",
        "0.0000000001",
        "12.345",
        "1234567890123456789012345678.1234567891",
        "1e13",
        "-1e14",
    ],
    "bigint": WHOLE,
    "integer": ["0", "1", "-1", "1001", "2147483647", "-2147483648", "10000000"],
    "smallint": ["0", "1", "32767", "-32768"],
    "boolean": ["true", "false"],
    "date": [*DAYS, "5000000-01-01"],
    "timestamp": MOMENTS,
    "timestamptz": MOMENTS,
    "json": [text for text in JSONS if text[0] in "{[" and text[-1] in "}]" and not any(part in text for part in UNCASTABLE)]
    + [
        '"text"',
        '"2025-06-01T10:00:00Z"',
        '"c1"',
        "1001",
        "1.50",
        "true",
        "null",
        '["VIP", "repeat"]',
        '["a", {"b": 1}]',
        '"Ann@Mail.example"',
        '["a", null]',
    ],
    "list": ['["VIP", "repeat"]', "[]", '["a,b"]', '[""]', '["1"]', '["2025-06-01"]', '["a", null]', '["\\u00a0"]'],
    "struct": ["a", "", "1", "{}", LONG[:500]],
}
# How a type is made of text on each engine, where a cast is not all.
MADE = {
    ("duckdb", "list"): "cast(cast({0} as json) as text[])",
    ("postgres", "list"): "case when {0} is not null then array(select jsonb_array_elements_text(cast({0} as jsonb))) end",
    ("duckdb", "struct"): "case when {0} is not null then {{'a': {0}, 'n': 1}} end",
    ("postgres", "struct"): "case when {0} is not null then jsonb_build_object('a', {0}, 'n', 1) end",
}


def columns_of(table: str) -> dict[str, dict]:
    """The columns of a table of the contract: {name: {kind, required}}."""
    return {column["name"]: column["config"]["meta"] for column in CONTRACT[table]["columns"]}


def types_of(turn: int | None) -> dict[str, dict[str, str]]:
    """What every column is landed in: {table: {column: type}}; all text for no turn."""
    seen: dict[str, int] = {}
    found: dict[str, dict[str, str]] = {}
    for table in CONTRACT:
        for column, meta in columns_of(table).items():
            needed = meta.get("required") or column == "loaded_at"
            choice = ABLE[meta["kind"]] if needed else TYPES[meta["kind"]]
            place = seen[f"{meta['kind']} {needed}"] = seen.get(f"{meta['kind']} {needed}", -1) + 1
            found.setdefault(table, {})[column] = "text" if turn is None else choice[(place + turn) % len(choice)]
    return found


def good_row(table: str, number: int) -> dict[str, str | None]:
    """A row that is accepted, and has an id of its own."""
    row: dict[str, str | None] = dict.fromkeys(columns_of(table))
    for column, meta in columns_of(table).items():
        if meta.get("required"):
            row[column] = {
                "id": str(number),
                "timestamp": TIME,
                "number": "10",
                "rate": "2",
                "integer": "1",
                "quantity": "1",
                "currency": "EUR",
                "text": "page_view",
            }[meta["kind"]]
    row |= {"store_id": "7", "loaded_at": "2025-06-02"}
    if table == "identities":
        row |= {"anonymous_id": f"{number}", "customer_id": f"{number % 5}"}
    if table in ("orders", "events"):
        row |= {"customer_id": f"{number % 5}"}
    if table == "campaign_costs":
        row |= {"cost_id": f"{number}"}
    if table == "exchange_rates":
        row |= {"rate_date": f"2025-{1 + number % 5:02}-{1 + number % 28:02}"}
    return row


def rows_of(table: str, types: dict[str, str], values: dict[str, list]) -> list[dict[str, str | None]]:
    """Every column's hostile values, a row each, as text that can be cast to the column's type."""
    rows = [good_row(table, 1)]
    for column, meta in columns_of(table).items():
        kind, landed = meta["kind"], types[column]
        for value in values[kind] if landed == "text" else [None, *VALUES[landed]]:
            row = good_row(table, len(rows) + 1)
            if (table, column) in OWN_STORE:
                row["store_id"] = str(1000 + len(rows))
            rows.append(row | {column: value})
    for row in rows:
        for column, value in row.items():
            # a good value that the type cannot hold is left out
            landed = types[column]
            if landed == "json" and value in ("7", TIME, "EUR", "page_view"):
                row[column] = f'"{value}"'
            elif landed in ("list", "boolean", "struct", "date") and value is not None and value not in VALUES[landed]:
                row[column] = TIME[:10] if landed == "date" else None
    return rows


def land(shops: Iterable[Shop], types: dict[str, dict[str, str]], values: dict[str, list], capitals: bool) -> dict[str, int]:
    """Make the raw tables of all shops; how many rows each has."""
    counts = {}
    for shop in shops:
        with shop.warehouse() as warehouse:
            for table in CONTRACT:
                rows = rows_of(table, types[table], values)
                counts[table] = len(rows)
                # by other names, so that the loader makes no index on loaded_at, which holds anything here
                landed = {f"given_{name}": pa.array([row[name] for row in rows], pa.string()) for name in columns_of(table)}
                warehouse.write(f"given_{table}", pa.table(landed))
        statements = []
        for place, table in enumerate(CONTRACT):
            upper = capitals and place % 2 == 0
            made = ", ".join(
                MADE.get((shop.target, landed), "cast({0} as {1})").format(f"given_{column}", landed)
                + f' as "{column.upper() if upper else column}"'
                for column, landed in types[table].items()
            )
            name = table.upper() if capitals and place % 4 == 0 else table
            statements += [f'create table raw."{name}" as select {made} from raw.given_{table}', f"drop table raw.given_{table}"]
        shop.execute(";\n".join(statements))
    return counts


def check(shops: list[Shop], counts: dict[str, int]) -> None:
    """The build is green, every row has one fate, and the engines agree on every row of every table."""
    both(shops, build_alike)
    for shop in shops:
        fates = {
            table: (raw, fate)
            for table, raw, fate in shop.rows("""
            select
                table_name,
                cast(sum(raw_rows) as bigint),
                cast(sum(accepted_rows + duplicate_rows + rejected_rows + suppressed_rows + not_yet_rows) as bigint)
            from analytics.staging_quality group by table_name""")
        }
        assert fates == {table: (count, count) for table, count in counts.items()}, shop.target
    assert differences(*shops) == []


def all_values(values: dict[str, list]) -> dict[str, list]:
    """What each kind is given as text."""
    return {kind: [*ANYTHING, *(blanks.format(found[0]) for blanks in BLANKS), *found] for kind, found in values.items()}


def test_hostile_values_stop_nothing(new_shops):
    shops = new_shops("hostile")
    check(shops, land(shops, types_of(0), all_values(CATALOGUE), capitals=True))


@pytest.mark.torture
@pytest.mark.parametrize("turn", [None, *range(1, max(map(len, TYPES.values())))])
def test_every_type_of_every_column_stops_nothing(new_shops, turn):
    shops = new_shops(f"hostile_{turn or 'text'}")
    check(shops, land(shops, types_of(turn), all_values(CATALOGUE), capitals=False))


NEARLY_NUMBER = r"[+-]?[0-9.,eE+-]{1,20}"
NEARLY_TIME = (
    r"[0-9]{4}-?[01][0-9]-?[0-3][0-9][T ]?[0-2][0-9]:?[0-6][0-9]:?[0-6][0-9]([.,][0-9]{1,9})?"
    r"(Z|[+-][01][0-9]:?[0-9]{0,2})?"
)
SPELLED = {
    "number": st.one_of(
        st.floats().map(repr), st.integers().map(str), st.decimals().map(str), st.from_regex(NEARLY_NUMBER, fullmatch=True)
    ),
    "timestamp": st.one_of(
        st.datetimes().map(str),
        st.dates().map(str),
        st.datetimes().map(lambda time: time.strftime("%Y%m%dT%H%M%SZ")),
        st.from_regex(NEARLY_TIME, fullmatch=True),
    ),
    # jsonb writes out what a printer gave an exponent: past what doubles hold, an id of such a number is a text of its own there
    "json": st.recursive(
        st.none() | st.booleans() | st.floats(-(2.0**53), 2.0**53) | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=8,
    ).map(json.dumps),
}
SPELLED |= dict.fromkeys(("rate", "quantity", "double precision", "integer"), SPELLED["number"])


@pytest.mark.torture
@settings(max_examples=3, deadline=None, phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck))
@given(st.data())
def test_generated_values_stop_nothing(new_shops, data):
    """Texts of any kind, and those that nearly follow a grammar."""
    anything = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
    values = {
        kind: data.draw(st.lists(st.one_of(anything, SPELLED.get(kind, anything)), min_size=30, max_size=30))
        for kind in CATALOGUE
    }
    shops = new_shops(f"generated_{random.randrange(10**9)}")
    check(shops, land(shops, types_of(None), values, capitals=False))
