"""The cast grammar: one table of awkward inputs, read by every macro and answered alike by every engine."""

from __future__ import annotations

import datetime as dt
import functools
import json
import random

import pytest

from support.shops import Shop
from tessera.keys import composed_key


def moment(text: str) -> str:
    """Return microseconds since 1970 of an ISO time, the form in which times are compared, as text."""
    since = dt.datetime.fromisoformat(text) - dt.datetime(1970, 1, 1)
    return str(since // dt.timedelta(microseconds=1))


# What each macro makes of an input; what an input is to the other macros is only compared between engines.
NUMBERS = {
    "0": "0.00",
    "1": "1.00",
    " 1.5 ": "1.50",
    "\t7\r\n": "7.00",
    "+2.5": "2.50",
    "-3": "-3.00",
    ".5": "0.50",
    "5.": "5.00",
    "2.675": "2.68",
    "-2.675": "-2.68",
    "1e3": "1000.00",
    "1.5E-2": "0.02",
    "1e-9": "0.00",
    "9e9": "9000000000.00",
    "999999999999999": "999999999999999.00",
    "1000000000000000": None,
    "999999999999999e9": None,
    "1e10": "10000000000.00",
    "1.5e+03": "1500.00",
    "1E+2": "100.00",
    "1e-05": "0.00",
    "5.551115123125783e-17": "0.00",
    "5e-3": "0.01",
    "1e308": None,
    "-1e999": None,
    "\u00a012.50\u200b": "12.50",
    "00012.50": "12.50",
    "1e": None,
    ".": None,
    "--1": None,
    "1,000": None,
    "1_000": None,
    "$5": None,
    "0x10": None,
    "NaN": None,
    "Infinity": None,
    "-inf": None,
    "\u0663": None,
    "": None,
    "   ": None,
}
INTEGERS = {
    "2.0": "2",
    "2.5": None,
    "-3": "-3",
    "1e3": "1000",
    "1.5e+03": "1500",
    "-2.0e0": "-2",
    "1.5e0": None,
    "1.0000001": None,
    "NaN": None,
    "": None,
}
ROUNDED = {
    "0.125": "0.13",
    "-0.125": "-0.13",
    "0.375": "0.38",
    "1.005": "1.01",
    "-1.005": "-1.01",
    "2.675": "2.68",
    "0.1249": "0.12",
    "-0.001": "0.00",
    "1e3": "1000.00",
    "1234567.005": "1234567.01",
}
INVERSES = {"4": "0.25", "0": None, "-8": "-0.13", "x": None}
TIMES = {
    "2024-01-01": "2024-01-01",
    "2024-02-29": "2024-02-29",
    "2023-02-29": None,
    "2024-02-30": None,
    "2024-13-01": None,
    "2024-00-10": None,
    "2024-01-01 10:00": "2024-01-01T10:00:00",
    " 2024-01-01T10:00:00\n": "2024-01-01T10:00:00",
    "2024-01-01T10:00:00Z": "2024-01-01T10:00:00",
    "2024-01-01T10:00:00z": "2024-01-01T10:00:00",
    "2024-01-01 10:00:00 UTC": "2024-01-01T10:00:00",
    "2024-01-01T10:00:00+02:00": "2024-01-01T08:00:00",
    "2024-01-01T10:00:00+0530": "2024-01-01T04:30:00",
    "2024-01-01 10:00:00-08": "2024-01-01T18:00:00",
    "2024-01-01 10:00:00 -08:00": "2024-01-01T18:00:00",
    "2024-01-01T00:30:00+01:00": "2023-12-31T23:30:00",
    "2024-01-01T10:00:00+14:00": "2023-12-31T20:00:00",
    "2024-01-01T10:00Z": "2024-01-01T10:00:00",
    "2024-01-01+02:00": "2023-12-31T22:00:00",
    "2024-01-01T10:00:00.5Z": "2024-01-01T10:00:00.500000",
    "2024-01-01T10:00:00.1234569Z": "2024-01-01T10:00:00.123456",
    "2024-01-01T23:59:59.999999999": "2024-01-01T23:59:59.999999",
    "1969-12-31T23:59:59.5Z": "1969-12-31T23:59:59.500000",
    "0001-01-01": "0001-01-01",
    "9999-12-31T23:59:59Z": "9999-12-31T23:59:59",
    "0000-01-01T00:00:00Z": None,
    "2024-01-01T10:00:00+16:00": None,
    "2024-01-01t10:00:00z": "2024-01-01T10:00:00",
    "2024-01-01T10:00:00,5Z": "2024-01-01T10:00:00.500000",
    "2024-01-01T24:00:00": "2024-01-02T00:00:00",
    "2024-12-31 24:00": "2025-01-01T00:00:00",
    "2024-01-01T24:00:00.000+01:00": "2024-01-01T23:00:00",
    "2024-01-01T24:00:01": None,
    "2024-01-01T24:30": None,
    "20240101": "2024-01-01",
    "20240101T100000Z": "2024-01-01T10:00:00",
    "20240101T1000": "2024-01-01T10:00:00",
    "20240101T100000.25+0200": "2024-01-01T08:00:00.250000",
    "20240101T240000Z": "2024-01-02T00:00:00",
    "20241301": None,
    "20240101T10": None,
    "20240101100000": None,
    "\ufeff2024-01-01T10:00:00\u00a0": "2024-01-01T10:00:00",
    "2024-01-01T23:60:00": None,
    "2024-01-01T23:59:60": None,
    "2024-01-01T10": None,
    "2024-01-01 10:00:00 CET": None,
    "2024-01-01 10:00:00 Europe/Berlin": None,
    "2024-1-1": None,
    "01/02/2024": None,
    "1704067200": None,
    "now": None,
    "today": None,
    "epoch": None,
    "infinity": None,
    "": None,
}
DEVICES = {
    "Desktop": "desktop",
    "laptop": "desktop",
    "Mobile": "mobile",
    "Smartphone": "mobile",
    "mobile phone": "mobile",
    "iPhone": "mobile",
    "iPad": "tablet",
    "TABLET": "tablet",
    "Smart TV": "smart tv",
}
BOOLEANS = {
    "SUBSCRIBED": "true",
    "granted": "true",
    "NOT_SUBSCRIBED": "false",
    "unsubscribed": "false",
    "PENDING": "false",
    "true": "true",
    "TRUE": "true",
    " Yes ": "true",
    "y": "true",
    "t": "true",
    "on": "true",
    "1": "true",
    "false": "false",
    "No": "false",
    "n": "false",
    "F": "false",
    "off": "false",
    "0": "false",
    "2": None,
    "1.0": "true",
    "1.00": "true",
    "0.0": "false",
    "0.5": None,
    "wahr": None,
    "": None,
}
JSON = {
    '{"a": 1}': "true",
    "[1, 2]": "true",
    '"text"': "true",
    "null": "true",
    '{"a": "caf\\u00e9"}': "true",
    '{"a": "\\\\u0000"}': "true",
    '{"a": "not a number: nan, infinity, ]"}': "true",
    '"{\\"a\\": 1}"': "true",
    '"{\\"a\\": NaN}"': "false",
    '"[1, 2"': "false",
    '{"a": 1e999999}': "false",
    "[" * 2001 + "]" * 2001: "false",
    '{"a": NaN}': "false",
    '{"a": nan}': "false",
    '{"a": -Infinity}': "false",
    '{"a": inf}': "false",
    '{"a": "x\\u0000y"}': "false",
    '{"a": 1': "false",
    '{"a": 1,}': "false",
    "[1, 2,]": "false",
    '{"a": 1 /* x */}': "false",
    "{'a': 1}": "false",
    '{"a": 1} x': "false",
    "plain": "false",
    "": "false",
}
# Half of an emoji, as cut off text has it: JSON by its grammar, and an error where JSON is stored.
CUT_JSON = {'{"a": "\\ud83d"}': "false", '{"a": "\\ud83d\\ude00"}': "true", '{"a": "\\ude00\\ud83d"}': "false"}
TEXTS = {
    "\t a b \r\n": "a b",
    "   ": None,
    "": None,
    "x": "x",
    "\u00a0x\u202f": "x",
    "\u200bx y\ufeff": "x y",
    "\u2003\u3000": None,
    "é": "é",
    "\u00a0é b": "é b",
    "a\u00a0b": "a\u00a0b",
}
# A name twice in one object, and JSON in JSON.
PLANS = {
    '{"plan": "pro"}': "pro",
    '{"plan": "old", "plan": "new", "x": {"plan": 1}}': "new",
    '{"plan": "b", "z": 1, "plan": "a"}': "a",
    '"{\\"plan\\": \\"pro\\"}"': "pro",
    '"{\\"plan\\": 1, \\"plan\\": 2}"': "2",
    '"plan"': None,
    "[1]": None,
}
PHONES = {
    "+1 (555) 010-9999": "+15550109999",
    "0049 30 1234": "+49301234",
    " 0049 30 1235": "+49301235",
    "555.0100": "5550100",
    "tel:+1-555-010-2222": "+15550102222",
    "(001) 555 0103": "+15550103",
    "+44 (0)20 5550 0104": "+442055500104",
    "+1 555 0105 ext. 12": "+15550105",
    "+1 555 0106 x7": "+15550106",
    "15550107.0": "15550107",
    "(98000) 00036": "9800000036",
    "030 1234567": "0301234567",
    "(+49) 30 1234": "+49301234",
    "4930 1234567": "+49301234567",
    "-1": None,
    "00 12345": None,
    "555 010": None,
    "00 1234567": "+1234567",
    "+683 4000": "+6834000",
    "1.5550107E+10": None,
    "none": None,
    "": None,
}
NESTED = {
    '{"x": {"plan": 1, "plan": 2}, "plan": 3}': "2",
    '{"x": {"plan": [1, {"a": 1, "a": 2}], "plan": "b"}}': "b",
    '{"x": {"plan": 1}, "x": {"plan": 4, "a": null}}': "4",
    '"{\\"x\\": {\\"plan\\": 1, \\"plan\\": 5}}"': "5",
    '{"x": {"Plan": 1, "plan": 6}}': "6",
}
NETWORKS = {
    "203.0.113.195": "203.0.113.0",
    "10.0.0.1": "10.0.0.0",
    "2001:0db8:85a3:0000:0000:8a2e:0370:7334": "2001:0db8:85a3::",
    "203.0.113": None,
    "203.0.113.195:80": None,
    "localhost": None,
}
SOURCES = {
    "/p?utm_source=google&x=1": "google",
    "/p?x=1&utm_source=a+b%20c#top": "a b c",
    "/p?utm_source=": None,
    "/p?my_utm_source=x": None,
    "/p?UTM_Source=News": "News",
    "/p?a=1&amp;utm_source=b&amp;c=d": "b",
    "/p?utm_source=a&utm_source=b": "a",
    "/p?back=https%3A%2F%2Fx.example%2F%3Futm_source%3Dbad": None,
    "/p?utm_source=%C3%A9t%C3%A9+2025": "été 2025",
    "/p?utm_source=a%26b": "a&b",
    "/p?utm_source=%F0%9F%A7%A6%20": "🧦",
    "/p?utm_source=100%": "100%",
    "/p?utm_source=%E0%A4%A": "%E0%A4%A",
    "/p?utm_source=%FF": "%FF",
    "/p?utm_source=a%00b": "a%00b",
    "/p?utm_source=%ED%A0%80": "%ED%A0%80",
    "/p": None,
}

# What became a double because a value of its column was missing: read as if it had stayed what it was.
DOUBLES = {
    "id": {
        "1001.0": "1001",
        "12025550143.0": "12025550143",
        "1e15": "1000000000000000",
        "-1": "-1",
        "1001.5": "1001.5",
        "NaN": None,
        "Infinity": None,
    },
    "phone": {"12025550143.0": "+12025550143", "NaN": None},
    "boolean": {"1.0": "true", "0.0": "false", "-0.0": "false", "2.0": None, "NaN": None},
    "integer": {"2.0": "2", "2.5": None, "1e3": "1000", "NaN": None},
    "number": {
        "5.551115123125783e-17": "0.00",
        "0.30000000000000004": "0.30",
        "19.99": "19.99",
        "1e300": None,
        "-5e-324": "0.00",
        "NaN": None,
        "Infinity": None,
    },
}


def misspelt(names: list[str]) -> dict[str, str | None]:
    """Names with letters changed, and which of the names each resembles: the nearest, up to two letters and half of it away."""
    draw = random.Random(1)
    found = {}
    for name in names * 6:
        letters = list(name)
        for _ in range(draw.randrange(1, 4)):
            place = draw.randrange(len(letters))
            letters[place : place + draw.randrange(2)] = draw.choice(["", draw.choice("aeiou_"), letters[place].upper()])
        other = "".join(letters).lower()
        near = min(names, key=lambda known: distance(other, known))
        is_near = distance(other, near) <= 2 and 2 * distance(other, near) < len(near)
        if other and other not in names:
            found[other] = near if is_near else None
    return found


@functools.cache
def distance(left: str, right: str) -> int:
    """How many letters have to be added, left out or changed."""
    if not left or not right:
        return len(left) + len(right)
    changed = distance(left[1:], right[1:]) + (left[0] != right[0])
    return min(distance(left[1:], right) + 1, distance(left, right[1:]) + 1, changed)


COLUMNS = ["customer_id", "email", "phone", "order_id", "ordered_at", "total_price", "price", "city"]
RESEMBLED = misspelt(COLUMNS)

# Keys and ids: what they hold is told apart from what we put between them.
KEYS = ("", ":", "2:o1", "-1", "a|b,c=d", "\U0001f926\U0001f3fd", "e\u0301", "x\ny")
GIVEN = {
    "1001": "1001",
    "event:1": "order:event:1",
    "order:event:1": "order:order:event:1",
    "event:\n": "order:event:\n",
    "event": "event",
    ":event:": ":event:",
    "EVENT:1": "EVENT:1",
    "gid://shop/1": "gid://shop/1",
}

MACROS = {
    "number": ("cast({{ try_number('clean') }} as text)", NUMBERS),
    "whole": ("cast({{ try_integer('clean') }} as text)", INTEGERS),
    # a double holds fifteen digits, so longer numbers cannot be told apart after rounding
    "rounded": (
        "case when length(value) < 14 then cast("
        "cast({{ round_to(ratio(try_number('clean', 'numeric(24, 9)'), '1'), 2) }} as numeric(18, 2)) as text) end",
        ROUNDED,
    ),
    "inverse": (
        "cast(cast({{ ratio('1', try_number('clean', 'numeric(24, 9)')) }} as numeric(18, 2)) as text)",
        INVERSES,
    ),
    "utc": (
        "cast({{ epoch_us(try_timestamp('clean')) }} as text)",
        {text: moment(time) if time else None for text, time in TIMES.items()},
    ),
    "device": ("{{ device_class('clean') }}", DEVICES),
    "truth": ("cast({{ try_boolean('clean') }} as text)", BOOLEANS),
    "is_json": ("cast({{ try_json('clean') }} is not null as text)", JSON),
    "plan": ("{{ text_of_json(json_of(try_json('clean'), \"'plan'\")) }}", PLANS),
    "nested": ("{{ text_of_json(json_of(json_of(try_json('clean'), \"'x'\"), \"'plan'\")) }}", NESTED),
    "tidy": ("clean", TEXTS),
    "phone": ("{{ input_parsed_value('phone', 'clean', 'text') }}", PHONES),
    "network": ("{{ network_part('value') }}", NETWORKS),
    "source": ("{{ clean_text(url_decoded(url_parameter('clean', 'utm_source'))) }}", SOURCES),
    "weekday": ("cast({{ weekday(try_timestamp('clean')) }} as text)", {"2024-02-29": "3", "2024-01-01": "0"}),
    "new_york": (
        "cast({{ epoch_us(local_time(try_timestamp('clean'), \"'America/New_York'\")) }} as text)",
        {"2025-03-09T06:59:59Z": moment("2025-03-09T01:59:59"), "2025-03-09T07:00:00Z": moment("2025-03-09T03:00:00")},
    ),
    "day_after": (
        "cast({{ epoch_us(shift_time(try_timestamp('clean'), 1, 'day')) }} as text)",
        {"2024-02-29": moment("2024-03-01")},
    ),
    "seconds": (
        "cast(cast({{ elapsed_seconds(\"timestamp '2024-01-01'\", try_timestamp('clean')) }} as numeric(28, 6)) as text)",
        {"2024-01-01T10:00:00.5Z": "36000.500000"},
    ),
    "days": (
        "cast({{ days_between(\"cast('2024-01-01' as date)\", 'cast(' ~ try_timestamp('clean') ~ ' as date)') }} as text)",
        {"2024-02-29": "59"},
    ),
    "key": (
        "{{ composed_key(['value', 'cast(null as text)', 'value']) }}",
        {text: composed_key(text, None, text) for text in KEYS},
    ),
    "given": ("{{ given_id('order', 'value') }}", GIVEN),
    **{
        f"double_{kind}": (
            f"cast({{{{ input_parsed_value('{kind}', input_given(input_column('{kind}', '{kind}', 'numeric(18, 2)', dict(), "
            "{'name': 'number', 'type': 'double precision'})), 'numeric(18, 2)') }} as text)",
            expected,
        )
        for kind, expected in DOUBLES.items()
    },
    "resembled": (
        f"case value {{% for name in {list(RESEMBLED)} %}} when '{{{{ name }}}}' "
        f"then nullif('{{{{ resembled_name(name, {COLUMNS}) }}}}', 'None') {{% endfor %}} end",
        RESEMBLED,
    ),
    "place": ("cast(row_number() over (order by {{ byte_order('value') }}) as text)", {"": "1"}),
}
NUMERIC = ", ".join(f"'{text}'" for text in {text for expected in DOUBLES.values() for text in expected})
INPUTS = tuple(dict.fromkeys(text for _, expected in MACROS.values() for text in expected))


def answers(shop: Shop, inputs: tuple[str, ...] = INPUTS) -> dict[str, dict[str, str | None]]:
    """Return {macro: {input: answer}} of one engine."""
    literals = ["'" + text.replace("'", "''") + "'" for text in inputs]
    rows = " union all ".join(f"select {n} as n, cast({text} as text) as value" for n, text in enumerate(literals))
    columns = ", ".join(f"{sql} as {name}" for name, (sql, _) in MACROS.items())
    query = (
        f"select n, {columns} from (select n, value, {{{{ clean_text('value') }}}} as clean, "
        f"case when value in ({NUMERIC}) then cast(value as double precision) end as number from ({rows}) as given) as landed"
    )
    shown = shop.dbt("show", "--quiet", "--limit", "-1", "--output", "json", "--inline", query).stdout
    found = json.loads(shown[shown.index("{") :])["show"]
    return {name: {inputs[int(row["n"])]: row[name] for row in found} for name in MACROS}


@pytest.fixture(scope="module")
def asked(new_shops):
    """Return a function for each engine that gives its answers."""
    return {shop.target: functools.cache(functools.partial(answers, shop)) for shop in new_shops("macros")}


@pytest.fixture(params=["duckdb", "postgres"])
def ask(asked, request):
    """Return a function that gives one engine's answers."""
    return asked[request.param]


@pytest.mark.parametrize("macro", MACROS)
def test_a_macro_reads_its_inputs_as_its_grammar_says(ask, macro):
    expected = MACROS[macro][1]
    found = ask()[macro]
    assert {text: found[text] for text in expected} == expected


def test_json_that_cannot_be_stored_is_no_error(ask):
    assert ask(tuple(CUT_JSON))["is_json"] == CUT_JSON


@pytest.mark.parametrize("macro", MACROS)
def test_the_engines_agree_on_every_input(asked, macro):
    assert asked["duckdb"]()[macro] == asked["postgres"]()[macro]
