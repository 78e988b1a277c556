"""The dashboard without a warehouse: definitions as sentences, charts of tables made by hand, and the compiler of rules."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

pytest.importorskip("altair")

from tessera.dashboard import charts, queries
from tessera.dashboard.building import Builder, draft
from tessera.dashboard.sentences import definition
from tessera.dashboard.view import as_csv
from tessera.macros import Macros
from tessera.seeds import SeedError

PROJECT = Path(__file__).resolve().parents[2]
NIGHT = "2025-06-30 00:00:00"


def rules(*written):
    """Rules of (group, field, operator, value), or of (group, operator, event type, times, days)."""
    found = []
    for rule in written:
        if rule[1] in ("did", "did_not"):
            found.append(dict(zip(("rule_group", "operator", "event_type", "min_count", "lookback_days"), rule, strict=True)))
        else:
            found.append(dict(zip(("rule_group", "field", "operator", "value"), rule, strict=True)))
    return found


SENTENCES = {
    "Total orders is over 0, and last order is more than 90 days ago": rules(
        (None, "total_orders", "greater_than", "0"), (None, "last_order_at", "less_than", "90 days ago")
    ),
    "Is new is true, and (city is one of Rome, Oslo, or did page view at least 3 times in the last 30 days)": rules(
        (None, "is_new", "equals", "true"), ("1", "city", "in", "Rome|Oslo"), ("2", "did", "page_view", "3", "30")
    ),
    "Either (total orders is between 1 and 5, and (tags has vip, or tags is not known)), or city is known": rules(
        ("1", "total_orders", "between", "1..5"),
        ("1.1", "tags", "contains", "vip"),
        ("1.2", "tags", "is_null", None),
        ("2", "city", "exists", None),
    ),
    "Either interests has discount, or (total orders is at least 3, and discounted order rate is at least 0.6)": rules(
        ("1", "interests", "contains", "discount"),
        ("2", "total_orders", "greater_or_equal", "3"),
        ("2", "discounted_order_rate", "greater_or_equal", "0.6"),
    ),
    "Churn probability is over 0.5": rules(
        (None, "churn_probability", "greater_than", "0.5"), (None, "churn_probability", "greater_or_equal", "0.5")
    ),
    "Total orders is at least 3, and total orders is under 9": rules(
        (None, "total_orders", "greater_or_equal", "3"),
        (None, "total_orders", "less_than", "9"),
        (None, "total_orders", "greater_or_equal", "3"),
        (None, "total_orders", "greater_than", "2"),
    ),
    "Willingness to pay score is over 70, and RFM segment is champions, and SMS subscribed is true": rules(
        (None, "wtp_score", "greater_than", "70"),
        (None, "rfm_segment", "equals", "champions"),
        (None, "sms_subscribed", "equals", "true"),
    ),
    "Axis position on purchase value is at least 0.9": rules((None, "axis_position.purchase_value", "greater_or_equal", "0.9")),
}


@pytest.mark.parametrize("sentence", SENTENCES)
def test_a_definition_is_a_sentence(sentence):
    of_marts = [
        {("group" if name == "rule_group" else name): value for name, value in rule.items()} for rule in SENTENCES[sentence]
    ]
    assert definition(json.dumps(of_marts)) == sentence


def test_what_has_no_rules_says_so():
    assert definition(None).startswith("Kept as a list")


@pytest.fixture(scope="module", params=["duckdb", "postgres"])
def builder(request):
    return Builder(PROJECT, request.param, NIGHT)


def test_a_draft_is_compiled_as_a_build_compiles_it(builder):
    made = draft("Loyal", "", rules(("1", "total_orders", "greater_than", "2"), ("2", "interests", "contains", "O'Neill")))
    read, problems = builder.read(made)
    assert problems == []
    holds = {"duckdb": "list_contains(profiles.interests, 'O''Neill')", "postgres": "'O''Neill' = any(profiles.interests)"}
    assert builder.condition(read) in [f"(profiles.total_orders > 2 or {text})" for text in holds.values()]


def test_times_are_before_the_night(builder):
    read, _ = builder.read(draft("Lately", "", rules((None, "last_order_at", "greater_than", "90 days ago"))))
    assert builder.condition(read) == f"profiles.last_order_at > (cast('{NIGHT}' as timestamp) + interval '-90 days')"


def test_what_a_build_would_refuse_is_refused_in_its_words(builder):
    wrong = rules(
        (None, "total_orders", "contains", "2"),
        (None, "churn_probability", "greater_than", "20"),
        (None, "did", "dance", "1", "30"),
        (None, "no_field", "equals", "1"),
        (None, "last_order_at", "less_than", "yesterday"),
    )
    assert builder.read(draft("Wrong", "", wrong))[1] == [
        "Rule 1: operator 'contains' does not go with the number total_orders",
        "Rule 2: value '20' is beyond what churn_probability can be: 0 to 1",
        "Rule 3: there is no event_type 'dance' (seed event_types)",
        "Rule 4: there is no field 'no_field' (seed profile_fields)",
        "Rule 5: value 'yesterday' is no timestamp",
    ]


def test_properties_of_events_are_left_to_a_night(builder):
    asked = [{"operator": "did", "event_type": "page_view", "min_count": "1", "lookback_days": "9", "properties": '{"a": 1}'}]
    read, problems = builder.read(draft("Deep", "", asked))
    assert problems == []
    with pytest.raises(SeedError, match="counted by a night"):
        builder.people(read)


def test_rows_to_commit_have_the_columns_of_their_seeds(builder):
    made = draft('Said "so", twice', "", rules((None, "city", "equals", "A, B"), (None, "did", "page_view", "2", "7")))
    definitions, lines = builder.rows(made).values()
    assert definitions == 'said-so-twice,"Said ""so"", twice",,custom,active,all,,,,,1,true,\n'
    assert lines.splitlines() == [
        'said-so-twice-1,said-so-twice,,city,equals,"A, B",,,,,"City is A, B"',
        "said-so-twice-2,said-so-twice,,,did,,page_view,2,7,,Did page view at least 2 times in the last 7 days",
    ]


def test_elsewhere_there_is_nothing_to_build_with(tmp_path):
    with pytest.raises(SeedError, match="There is no project of Tessera in"):
        Builder(tmp_path, "duckdb", NIGHT)


def test_a_macro_gives_back_values_and_has_the_form_of_its_engine():
    forms = {
        engine: Macros(PROJECT, engine, {}, str).render("{{ list_holds('a', sql_text(1)) }}") for engine in ("duckdb", "postgres")
    }
    assert forms == {"duckdb": "list_contains(a, '1')", "postgres": "'1' = any(a)"}


DAYS = pa.table(
    {
        "activity_date": [date(2025, 1, 1) + timedelta(number) for number in range(3)],
        "revenue": [1.0, None, 3.0],
        "visits": [1, 2, 3],
    }
)
CELLS = pa.table({"cohort": ["a", "a", "b"], "period_number": [0, 1, 0], "retention_rate": [1.0, 0.5, 1.0]})
TENTHS = pa.table({"tenth": [1, 2], "people": [5, 5], "predicted": [0.1, 0.2], "actual": [0.0, 0.3]})
KINDS = pa.table(
    {
        "axis_name": ["value", "value"],
        "segment_number": [1, 2],
        "segment_name": ["low", "high"],
        "membership": [0.2, 0.8],
        "is_dominant": [False, True],
    }
)
DRAWN = {
    "bars": lambda: charts.bars(CELLS, "cohort", "retention_rate", "Bars", ".0%"),
    "lines": lambda: charts.lines(DAYS, "activity_date", ["revenue", "visits"], "Lines"),
    "means": lambda: charts.lines(DAYS, "activity_date", ["revenue"], "Means", smooth=7),
    "band": lambda: charts.band(TENTHS, "tenth", "actual", "actual", "predicted", "Band"),
    "curves": lambda: charts.curves(CELLS, "period_number", "retention_rate", "cohort", "Curves"),
    "areas": lambda: charts.areas(DAYS, "activity_date", ["visits"], "Areas"),
    "heat": lambda: charts.heat(CELLS, "period_number", "cohort", "retention_rate", "Heat"),
    "calibrated": lambda: charts.calibrated(TENTHS, "Calibrated"),
    "shares": lambda: charts.shares(KINDS, "Shares"),
}


@pytest.mark.parametrize("name", DRAWN)
def test_a_chart_says_what_it_tells_to_those_who_hear_it(name):
    assert DRAWN[name]().to_dict()["description"] == name.capitalize()


def test_columns_stand_under_each_other_where_they_are_drawn_together():
    (rows,) = DRAWN["lines"]().to_dict()["datasets"].values()
    assert [(row["measure"], row["value"]) for row in rows] == [
        ("Revenue", 1.0), ("Revenue", None), ("Revenue", 3.0), ("Visits", 1.0), ("Visits", 2.0), ("Visits", 3.0)
    ]  # fmt: skip


def test_curves_are_of_cohorts_that_have_three_whole_periods():
    table = pa.table(
        {"cohort": ["old"] * 3 + ["young"] * 3, "period_number": [0, 1, 2] * 2, "is_complete": [True] * 3 + [True, True, False]}
    )
    assert set(queries.value_curves(table)["cohort"].to_pylist()) == {"old"}


def test_a_download_has_all_rows_under_their_names():
    assert as_csv(CELLS.slice(0, 1)) == b'"cohort","period_number","retention_rate"\n"a",0,1\n'
