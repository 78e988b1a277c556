"""Names of segments: what claims mean on members, which name is taken, and what is made where none holds."""

from __future__ import annotations

import csv
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pytest

from tessera.axes import SEGMENTS
from tessera.axes.definition import read_axes
from tessera.axes.scoring import scorers_of
from tessera.naming.claims import People, read_claims
from tessera.naming.seed_names import _name_axis, _people, _with_noun, name_axis_segments, snake_case, title_case

SEEDS = Path(__file__).resolve().parents[2] / "seeds" / "axes"
AXES = pa.Table.from_pylist(
    [
        {
            "axis_number": 1,
            "axis_name": "frequency",
            "population": "orders",
            "feature_number": place,
            "feature": feature,
            "transform": "none",
            "is_lead": str(place == 1).lower(),
            "is_enabled": "true",
        }
        for place, feature in enumerate(("often", "even"), 1)
    ]
)
WORDS = pa.Table.from_pylist(
    [
        {"feature": "often", "low_word": "rare", "high_word": "frequent", "tells": "order {} times a month", "unit": "number"},
        {"feature": "even", "low_word": "uneven", "high_word": "even", "tells": "are even by {}", "unit": "percent"},
    ]
)
NOUNS = pa.Table.from_pylist([{"axis_name": "frequency", "noun": "buyers"}])
NOBODY = pa.schema([("store_id", pa.string()), ("name", pa.string())]).empty_table()
NIGHT = datetime(2025, 6, 30)


def rows_of(file):
    with (SEEDS / file).open(encoding="utf-8", newline="") as seed:
        return list(csv.DictReader(seed))


def members(orders, known=True):
    """One segment of people with so many orders, beside one of a thousand who have 100."""
    values = np.array([*orders, *[100.0] * 1000], dtype=np.float64)
    return People(
        {"orders": values if known else values * np.nan},
        {"orders": (values - 100) / 10},
        np.array([0] * len(orders) + [1] * 1000),
    )


@pytest.mark.parametrize(
    ("claim", "orders", "holds"),
    [
        ("share(orders = 1) >= 0.9", [1] * 9 + [2], True),
        ("share(orders = 1) >= 0.9", [1] * 8 + [2] * 2, False),
        ("share(orders >= 3) >= 0.7", [2] * 3 + [3] * 7, True),
        ("median(orders) < 5", [1, 4.9, 100], True),
        ("median(orders) < 5", [1, 5, 100], False),
        ("median(orders) > p50", [100, 101, 102], True),
        ("median(orders) > p50", [100, 100, 102], False),
        ("z(orders) < -0.5", [90], True),
        ("z(orders) < -0.5", [95], False),
        ("abs_z(orders) < 0.5", [104], True),
        ("abs_z(orders) < 0.5", [94], False),
        ("share(shoes >= 3) >= 0.1", [3], False),
        ("share(orders >= p20) >= 0.8", [100] * 8 + [1] * 2, True),
        ("share(orders >= p20) >= 0.8", [100] * 7 + [1] * 3, False),
        ("mean(orders) >= 4", [1, 7], True),
        ("mean(orders) >= 4", [1, 6], False),
        ("over(orders) >= 0.65", [101] * 3 + [100] * 7, True),
        ("over(orders) >= 0.65", [101] * 2 + [100] * 8, False),
        ("over(orders) <= 0.35", [99] * 3 + [100] * 7, True),
    ],
)
def test_claims_are_measured_on_the_members(claim, orders, holds):
    (read,) = read_claims(claim)
    assert members(orders).holds(0, read) is holds


def test_who_is_not_known_counts_against_shares_and_not_in_medians():
    people = members([1] * 9 + [np.nan])
    assert people.holds(0, read_claims("share(orders = 1) >= 0.9")[0])
    people = members([1] * 8 + [np.nan] * 2)
    assert not people.holds(0, read_claims("share(orders = 1) >= 0.9")[0])
    assert people.holds(0, read_claims("median(orders) = 1")[0]) and people.holds(0, read_claims("z(orders) < -9")[0])
    people = members([1] * 4 + [np.nan] * 5)
    assert not people.holds(0, read_claims("median(orders) = 1")[0]) and not people.holds(0, read_claims("z(orders) < -9")[0])
    assert not members([1], known=False).holds(0, read_claims("median(orders) = 1")[0])


@pytest.mark.parametrize(
    "claim",
    [
        "median(orders)",
        "mode(orders) > 1",
        "mean(orders) > p50",
        "share(orders) > 0.5",
        "median(orders > 1) > 2",
        "z(orders) > p90",
        "share(orders = 1) >= p90",
        "",
    ],
)
def test_claims_that_cannot_be_read_are_refused(claim):
    with pytest.raises(ValueError, match="it must read as"):
        read_claims(claim)


def test_every_name_of_the_seed_can_be_read_and_speaks_of_what_there_is():
    facts = {
        "orders",
        "tickets",
        "refunded_orders",
        "total_orders",
        "churn_probability",
        "seasonality",
        "gaps_since_last_order",
        "days_since_last_order",
        "response_hour",
    }
    features = {row["feature"] for axes in ("axes.csv", "../clusters/cluster_features.csv") for row in rows_of(axes)} | facts
    words = rows_of("feature_words.csv")
    for claims in [row["claims"] for row in rows_of("axis_segment_names.csv")] + [
        row[column] for row in words for column in ("low_claims", "high_claims") if row[column]
    ]:
        assert {claim.feature for claim in read_claims(claims)} <= features
    assert {row["feature"] for row in rows_of("axes.csv") if row["is_enabled"] == "true"} <= {row["feature"] for row in words}


def named(centres, names, sizes=None, taken=NOBODY, spread=0.01):
    """Names of segments whose people are round centres (often, even)."""
    rng = np.random.default_rng(1)
    sizes = sizes or [50] * len(centres)
    people = np.repeat(np.array(centres, dtype=np.float64), sizes, axis=0) + spread * rng.standard_normal((sum(sizes), 2))
    mean, std = people.mean(axis=0), np.maximum(people.std(axis=0), 1e-9)
    segments = pa.Table.from_pylist(
        [
            {
                "store_id": "s",
                "axis_name": "frequency",
                "segment_id": f"id-{number}",
                "segment_number": number,
                "fuzzifier": 2.0,
                "features": ["often", "even"],
                "transforms": ["none", "none"],
                "scaler_mean": mean.tolist(),
                "scaler_std": std.tolist(),
                "centre_scaled": ((np.array(centre) - mean) / std).tolist(),
            }
            for number, centre in enumerate(centres, 1)
        ],
        SEGMENTS,
    ).append_column("segment_key", pa.array(["key"] * len(centres)))
    table = pa.table(
        {
            "store_id": ["s"] * len(people),
            "customer_id": [f"c{place}" for place in range(len(people))],
            "in_orders": [True] * len(people),
            "often": people[:, 0],
            "even": people[:, 1],
        }
    )
    rules = pa.Table.from_pylist(
        [
            {"axis_name": "frequency", "priority": place, "segment_name": name, "claims": claims, "sentence": f"Are {name}."}
            for place, (name, claims) in enumerate(names, 1)
        ],
        pa.schema(
            [
                ("axis_name", pa.string()),
                ("priority", pa.int64()),
                ("segment_name", pa.string()),
                ("claims", pa.string()),
                ("sentence", pa.string()),
            ]
        ),
    )
    settings = pa.Table.from_pylist([{"as_of": NIGHT}])
    return name_axis_segments(table, AXES, segments, settings, rules, NOUNS, WORDS, taken).to_pylist()


def test_the_first_name_whose_claims_hold_is_taken_with_the_numbers_behind_it():
    rows = named(
        [(1, 0.5), (4, 0.5)],
        [
            ("heroes", "median(often) > 9"),
            ("regulars", "median(often) > 3; share(often > 3.5) >= 0.9"),
            ("others", "median(often) > 0"),
        ],
    )
    assert [row["segment_name"] for row in rows] == ["others", "regulars"]
    assert rows[1]["interpretation"].startswith("Are regulars. They order 4 times a month, the store's median is ")
    assert [row["held_names"] for row in rows] == [["others"], ["regulars", "others"]]


def test_a_number_on_the_other_side_of_the_stores_than_the_name_says_is_not_told():
    told = {}
    for claim in ("median(often) < 5", "median(often) > 0"):
        for row in named([(1, 0.5), (4, 0.5)], [(claim, f"{claim}; share(often > 2) >= 0; share(often > 3) <= 0")]):
            told[row["segment_name"]] = row["interpretation"]
    assert told["median(often) < 5"] == "Are median(often) < 5. They order 1 times a month, the store's median is 2.5."
    # the same of those who order less than most
    assert told["median(often) > 0"] == "Are median(often) > 0."


def test_what_a_name_asks_of_some_members_is_told_where_it_differs():
    rows = named([(1, 0.5), (1.1, 0.5)], [("buyers", "share(often >= 1) >= 0.5")])
    assert "times a month" not in rows[0]["interpretation"]


def test_of_two_segments_that_bear_a_name_out_one_has_it_and_the_other_a_plain_one():
    rows = named([(1, 0.5), (4, 0.5)], [("buyers", "median(often) > 0")], sizes=[80, 40])
    assert [row["segment_name"] for row in rows] == ["rare_buyers", "buyers"]
    assert rows[0]["claims"] == "z(often) <= -0.25; over(often) <= 0.35"


def test_a_plain_name_is_of_what_sets_a_segment_apart():
    rows = named([(1, 0.5), (2, 0.0), (2, 1.0), (3, 0.5)], [])
    assert [row["segment_name"] for row in rows] == ["rare_buyers", "uneven_buyers", "even_buyers", "frequent_buyers"]


def test_who_is_in_the_middle_of_everything_is_typical():
    rows = named([(1, 0.5), (2, 0.5), (3, 0.5)], [])
    assert [row["segment_name"] for row in rows] == ["rare_buyers", "typical_buyers", "frequent_buyers"]


def test_no_two_segments_of_a_store_have_one_name_whatever_their_kind():
    taken = pa.Table.from_pylist(
        [
            {"store_id": "s", "name": "Rare Buyers"},
            {"store_id": None, "name": "loyals"},
            {"store_id": "t", "name": "frequent_buyers"},
        ]
    )
    rows = named([(1, 0.5), (4, 0.5)], [("loyals", "median(often) > 3")], taken=taken)
    assert [row["segment_name"] for row in rows] == ["rare_customers", "frequent_buyers"]
    many = named([(1, 0.5), (1.02, 0.5), (1.04, 0.5), (1.06, 0.5), (1.08, 0.5), (9, 0.5)], [])
    assert len({row["segment_name"] for row in many}) == 6


def observed(shares, segments, trials=None, words=None, scaled=None, names=()):
    """What is said of two segments of people with an observed share each, in so many trials."""
    shares, segments = np.array(shares, dtype=np.float64), np.array(segments)
    scaled = np.where(segments == 1, 1.0, -1.0) if scaled is None else np.array(scaled)
    people = People(
        {"refunded": shares},
        {"refunded": scaled},
        segments,
        {"refunded": np.ones(len(shares)) if trials is None else np.array(trials, dtype=np.float64)},
    )
    word = {
        "feature": "refunded",
        "low_word": "keeping",
        "high_word": "refund_prone",
        "tells": "send back {} of orders",
        "unit": "percent",
        **(words or {}),
    }
    scorer = SimpleNamespace(segment_ids=["low", "high"], pairs=[("refunded", "none")])
    rules = [{"segment_name": name, "claims": claims, "read": read_claims(claims), "sentence": ""} for name, claims in names]
    nouns = {"noun": "shoppers", "typical_word": "return"}
    return _name_axis(people, scorer, rules, nouns, {"refunded": word}, set(), snake_case)


def test_nobody_is_renamed_by_a_refund_of_somebody_else():
    """The fit sees 86 people apart by what they are shrunk with; six of them have a refund, and of the others nobody."""
    rows = observed([0.0] * 200 + [0.0] * 80 + [1.0] * 6, [0] * 200 + [1] * 86)
    assert [row["segment_name"] for row in rows] == ["typical_return_shoppers", "typical_return_shoppers_2"]
    assert [row["claims"] for row in rows] == ["", ""]
    assert rows[1]["members_over"] == [pytest.approx(0.5 + 0.5 * 6 / 86)]
    many = observed([0.0] * 200 + [0.0] * 40 + [1.0] * 46, [0] * 200 + [1] * 86)
    assert [row["segment_name"] for row in many] == ["keeping_shoppers", "refund_prone_shoppers"]
    assert many[1]["interpretation"] == "They send back 53% of orders, the store's mean is 16%."


@pytest.mark.parametrize(
    ("low", "high", "is_plain"),
    [(0.07, 0.08, False), (0.01, 0.05, False), (0.01, 0.06, True), (0.3, 0.39, False), (0.3, 0.41, True)],
)
def test_a_plain_name_needs_a_difference_that_matters(low, high, is_plain):
    rows = observed([low] * 50 + [high] * 50, [0] * 50 + [1] * 50)
    assert (rows[1]["segment_name"] == "refund_prone_shoppers") is is_plain


def test_what_a_word_claims_beside_is_held_against_the_members():
    shares = [0.0] * 50 + [0.0] * 24 + [1.0] * 26
    rows = observed(shares, [0] * 50 + [1] * 50, words={"high_claims": "share(refunded > 0) >= 0.6"})
    assert rows[1]["segment_name"] == "less_keeping_shoppers"
    assert rows[1]["claims"] == "z(refunded) >= 0.25; over(refunded) >= 0.65"
    rows = observed(shares, [0] * 50 + [1] * 50, words={"high_claims": "share(refunded > 0) >= 0.5"})
    assert rows[1]["segment_name"] == "refund_prone_shoppers"
    assert rows[1]["claims"] == "z(refunded) >= 0.25; over(refunded) >= 0.65; share(refunded > 0) >= 0.5"


def test_shares_are_told_of_all_trials_together():
    """Nine people with one order and nothing back, and one of ten orders who sent back seven: 7 of 19, where the median is 0."""
    shares, segments, trials = [0.0] * 9 + [0.7] + [0.0] * 10, [1] * 10 + [0] * 10, [1] * 9 + [10] + [1] * 10
    rows = observed(shares, segments, trials)
    assert rows[1]["interpretation"] == "They send back 37% of orders, the store's mean is 24%."
    claim = "mean(refunded) >= 0.36; mean(refunded) <= 0.37"
    rows = observed(shares, segments, trials, names=[("some", claim)])
    assert [row["segment_name"] for row in rows] == ["typical_return_shoppers", "some"]


def test_a_plain_name_is_held_against_whom_a_feature_is_known_of():
    """Of the others a third have a second order, and so a share: they are who members are held against."""
    shares = [0.6] * 30 + [0.1] * 20 + [np.nan] * 50
    rows = observed(shares, [1] * 30 + [0] * 70)
    assert rows[1]["segment_name"] == "refund_prone_shoppers"


def test_what_is_known_of_some_members_is_said_of_those():
    rows = observed([0.6] * 30 + [np.nan] * 20 + [0.1] * 50, [1] * 50 + [0] * 50)
    assert rows[1]["interpretation"].startswith("The 60% of whom it is known send back 60% of orders, ")
    rows = observed([0.6] * 48 + [np.nan] * 2 + [0.1] * 50, [1] * 50 + [0] * 50)
    assert rows[1]["interpretation"].startswith("They send back 60% of orders, ")


@pytest.mark.parametrize(
    ("some", "name"), [(15, "typical_return_shoppers"), (16, "rather_returning_shoppers"), (30, "returning_shoppers")]
)
def test_what_sets_people_apart_by_less_is_said_with_a_doubt(some, name):
    """Of a hundred, some do what nobody else does: they are above the others in 57.5, 58 and 65 of 100 pairs."""
    words = {"low_word": None, "high_word": "returning"}
    rows = observed([1.0] * some + [0.0] * (100 - some) + [0.0] * 90, [1] * 100 + [0] * 90, words=words)
    assert rows[1]["segment_name"] == name


def test_typical_is_nobody_far_from_everybody():
    """Members who are between two others, and whose number is three times as far from everybody's as matters.

    Beside others who are typical as far as matters will do: they would be typical_2 else.
    """
    segments, wordless = [0] * 100 + [1] * 50 + [0] * 150, {"low_word": None, "high_word": None}
    rows = observed([0.0] * 100 + [0.5] * 50 + [1.0] * 150, segments, words=wordless)
    assert [row["segment_name"] for row in rows] == ["typical_return_shoppers", "typical_return_shoppers_2"]
    rows = observed([0.0] * 100 + [0.35] * 50 + [1.0] * 150, segments, words=wordless)
    assert [row["segment_name"] for row in rows] == ["typical_return_shoppers", "mixed_return_shoppers"]
    # the larger of two, and so no other is typical yet
    rows = observed([0.0] * 40 + [0.75] * 90 + [1.0] * 40, [0] * 40 + [1] * 90 + [0] * 40, words=wordless)
    assert rows[1]["segment_name"] == "typical_return_shoppers"


def test_two_segments_of_an_axis_never_say_one_thing_with_two_nouns():
    """Both are rare: the larger has the word, the other a number; nor do they say what a name of the seed says."""
    rows = named([(1.1, 0.5), (1.3, 0.5), (9, 0.5)], [], sizes=[20, 80, 80])
    assert [row["segment_name"] for row in rows] == ["rare_buyers_2", "rare_buyers", "frequent_buyers"]
    rows = named([(1, 0.5), (9, 0.5)], [("rare_people", "median(often) < 0")])
    assert [row["segment_name"] for row in rows] == ["rare_buyers", "frequent_buyers"]
    rows = named([(1, 0.5), (1.3, 0.5), (9, 0.5)], [("rare_people", "median(often) < 3")], sizes=[20, 80, 80])
    assert [row["segment_name"] for row in rows] == ["rare_people", "rare_buyers_2", "frequent_buyers"]


def test_of_two_of_one_word_the_smaller_is_very_much_so_or_rather():
    rows = named([(1, 0.5), (1.3, 0.5), (9, 0.5)], [], sizes=[20, 80, 80])
    assert [row["segment_name"] for row in rows] == ["very_rare_buyers", "rare_buyers", "frequent_buyers"]
    rows = named([(1, 0.5), (1.3, 0.5), (9, 0.5)], [], sizes=[45, 20, 90])
    assert [row["segment_name"] for row in rows] == ["rare_buyers", "rather_rare_buyers", "frequent_buyers"]
    assert rows[0]["claims"] == rows[1]["claims"] == "z(often) <= -0.25; over(often) <= 0.35"


@pytest.mark.parametrize(
    ("claims", "holder"),
    [
        ("median(often) > 3", 3),  # the most frequent, however few
        ("share(often >= 0) >= 0.9; median(often) < 9", 1),  # at least so many and at most so many: the larger
        ("share(often > 5) <= 0.1", 0),  # few with much of it have little
        ("abs_z(often) < 5", 1),
        ("share(orders >= 2) >= 0.9; median(often) < 9", 0),  # what another number is known by
    ],
)
def test_of_two_that_bear_a_name_out_the_one_has_it_that_does_so_most(claims, holder):
    often = np.repeat([1.0, 2.0, 4.0, 8.0], [30, 90, 60, 10])
    segments = np.repeat(range(4), [30, 90, 60, 10])
    people = People({"often": often, "orders": often + 2}, {"often": (often - 3) / 2}, segments)
    rules = [{"segment_name": "it", "claims": claims, "read": read_claims(claims), "sentence": ""}]
    scorer = SimpleNamespace(segment_ids=list("abcd"), pairs=[("often", "none")])
    rows = _name_axis(people, scorer, rules, {}, {}, set(), snake_case)
    assert [row["segment_name"] == "it" for row in rows].index(True) == holder


def test_who_orders_more_often_than_others_is_not_occasional():
    claims = next(row["claims"] for row in rows_of("axis_segment_names.csv") if row["segment_name"] == "occasional_buyers")
    people = People(
        {
            "avg_days_between_orders": np.array([41.0] * 50 + [79.0] * 20 + [np.nan] * 80),
            "gaps_since_last_order": np.array([1.0] * 50 + [5.0] * 20 + [np.nan] * 80),
            "orders": np.array([10.0] * 50 + [2.0] * 20 + [1.0] * 80),
            "orders_per_month": np.array([0.5] * 50 + [0.1] * 20 + [0.0] * 80),
        },
        {},
        np.array([1] * 50 + [0] * 100),
    )
    assert [claim.measure for claim in read_claims(claims) if not people.holds(1, claim)] == ["over"]


def test_claims_are_of_what_was_observed_and_the_fit_of_what_is_shrunk():
    """Somebody without a trial is not known: nobody's share is 0 for want of one."""
    table = pa.table(
        {
            "store_id": ["s"] * 3,
            "customer_id": ["a", "b", "c"],
            "in_orders": [True] * 3,
            "often": [0.2, 0.3, 0.25],
            "often_is_known": [True, True, False],
            "often_observed": [0.0, 1.0, None],
            "often_trials": [2.0, 3.0, None],
            "even": [0.5, 0.5, 0.5],
        }
    )
    segments = [
        {
            "store_id": "s",
            "axis_name": "frequency",
            "segment_id": f"id-{number}",
            "segment_number": number,
            "fuzzifier": 2.0,
            "segment_key": "key",
            "features": ["often"],
            "transforms": ["none"],
            "scaler_mean": [0.25],
            "scaler_std": [0.05],
            "centre_scaled": [centre],
        }
        for number, centre in enumerate((0.0, 9.0), 1)
    ]
    scorer = scorers_of(read_axes(AXES), pa.Table.from_pylist(segments))["s"][0]
    people = _people(table, scorer, "exp", {}, ())
    np.testing.assert_array_equal(people.values["often"], [0.0, 1.0, np.nan])
    np.testing.assert_allclose(people.scaled["often"], [-1.0, 1.0, np.nan], atol=1e-9)
    np.testing.assert_array_equal(people.trials["often"], [2.0, 3.0, np.nan])
    assert people.holds(0, read_claims("mean(often) = 0.6")[0]) and people.holds(0, read_claims("share(often = 0) <= 0.34")[0])


@pytest.mark.parametrize(
    ("hours", "name"),
    [
        ([20] * 7 + [9] * 3, "evening_contacts"),
        ([20] * 5 + [9] * 5, "typical"),
        ([7] * 8 + [20] * 2, "morning_contacts"),
        ([2] * 6 + [12] * 4, "night_contacts"),
        ([12] * 9 + [20], "midday_contacts"),
        ([9] * 5 + [12] * 4 + [20], "early_contacts"),
        ([15] * 5 + [20] * 5, "late_contacts"),
        # of the others who answer at no hour of their own nothing is said but by "rather"
        ([np.nan] * 6 + [20] * 4, "rather_late_contacts"),
        ([np.nan] * 7 + [4, 7, 9], "rather_early_contacts"),
        ([np.nan] * 6 + [1, 2, 20, 22], "after_hours_contacts"),
        ([np.nan] * 6 + [1, 9, 15, 20], "typical"),
        ([np.nan] * 9 + [20], "typical"),
    ],
)
def test_hours_are_named_where_they_are_most_members_own(hours, name):
    named = [
        (row["segment_name"], row["claims"])
        for row in rows_of("axis_segment_names.csv")
        if row["axis_name"] == "communication_preference" and "response_hour" in row["claims"]
    ]
    people = People({"response_hour": np.array(hours, dtype=np.float64)}, {}, np.zeros(len(hours), dtype=int))
    held = [given for given, claims in named if all(people.holds(0, claim) for claim in read_claims(claims))]
    assert held[:1] == ([] if name == "typical" else [name])


@pytest.mark.parametrize(
    ("tells", "number", "said"),
    [
        ("buy from {} category/categories", "1", "buy from 1 category"),
        ("order every {} day/days", "2", "order every 2 days"),
        ("buy from {} category/categories", "1.4", "buy from 1.4 categories"),
        ("place {} of orders", "1", "place 1 of orders"),
    ],
)
def test_a_noun_goes_with_its_number(tells, number, said):
    assert _with_noun(tells, number) == said


def test_a_sentence_speaks_only_of_features_that_vary():
    rows = named([(1, 0.5), (4, 0.5)], [], spread=0.0)
    assert all("times a month" in row["interpretation"] and "even by" not in row["interpretation"] for row in rows)


def seed_words():
    return {row["feature"]: {column: text or None for column, text in row.items()} for row in rows_of("feature_words.csv")}


def said_of(axis, members, others, others_scaled=None, rules=(), **axis_words):
    """What the seeds call some members beside ten times as many others; a number is everybody's, a list is taken in turn."""
    count, other_count = 20, 200
    values = {
        feature: np.concatenate([np.resize(members[feature], count), np.resize(others[feature], other_count)]).astype(np.float64)
        for feature in members
    }
    on_axis = [row["feature"] for row in rows_of("axes.csv") if row["axis_name"] == axis] or list(members)
    scaled = {
        feature: (values[feature] - values[feature].mean()) / values[feature].std() for feature in on_axis if feature in values
    }
    people = People(values, scaled, np.array([1] * count + [0] * other_count))
    nouns = {row["axis_name"]: row for row in rows_of("axis_words.csv")}.get(axis, axis_words)
    rules = [
        {**row, "read": read_claims(row["claims"])}
        for row in sorted(rows_of("axis_segment_names.csv"), key=lambda row: int(row["priority"]))
        if row["axis_name"] == axis
    ]
    scorer = SimpleNamespace(segment_ids=["others", "members"], pairs=[(feature, "none") for feature in scaled])
    return _name_axis(people, scorer, rules, nouns, seed_words(), set(), snake_case)[1]


REGULAR = {"frequency_trend": 0.0, "churn_probability": 0.2, "orders": 6, "gaps_since_last_order": 1.0}
MIXED = {"frequency_trend": [-0.6, 0.6], "churn_probability": 0.5, "orders": 5, "gaps_since_last_order": 1.0}
SEASONAL = {**REGULAR, "seasonality": 0.8, "tenure_days": 700, "days_since_last_order": 200, "gaps_since_last_order": 3.0}
UNSEASONAL = {**MIXED, "seasonality": 0.1, "tenure_days": 700, "days_since_last_order": 20}
RISING = {**REGULAR, "frequency_trend": 0.4}
FALLING = {"frequency_trend": -0.5, "recency_risk": 0.9, "gaps_since_last_order": 4.0, "orders": 6}
STEADY = {"frequency_trend": 0.0, "recency_risk": 0.2, "gaps_since_last_order": 1.0, "orders": 6}


@pytest.mark.parametrize(
    ("axis", "name", "members", "others", "lies"),
    [
        (
            "loyalty_trajectory",
            "stable_regulars",
            REGULAR,
            MIXED,
            [
                # everybody's orders become fewer, and the members' as everybody's
                ({"frequency_trend": -0.49}, {"frequency_trend": [-0.9, -0.1]}),
                ({"gaps_since_last_order": [2.8, 2.8, 2.8, 1.0]}, {}),
                ({"orders": [1, 6, 6, 6]}, {}),
                ({"frequency_trend": [-0.6, 0.0, 0.0, 0.6, -0.6]}, {}),
            ],
        ),
        (
            "loyalty_trajectory",
            "seasonal_stable",
            SEASONAL,
            UNSEASONAL,
            [
                # three orders in three months, which are few and in no season; gone; here for one season
                ({"seasonality": 0.56}, {}),
                ({"days_since_last_order": 406}, {}),
                ({"tenure_days": 90}, {}),
            ],
        ),
        (
            "loyalty_trajectory",
            "accelerating_loyalists",
            RISING,
            {**MIXED, "frequency_trend": -0.1},
            [({"frequency_trend": 0.03}, {}), ({"gaps_since_last_order": 2.5}, {})],
        ),
        (
            "loyalty_trajectory",
            "declining_risk",
            FALLING,
            STEADY,
            [({"frequency_trend": -0.03}, {"frequency_trend": 0.03}), ({"gaps_since_last_order": 1.8}, {})],
        ),
        (
            "product_knowledge",
            "product_specialists",
            {"product_concentration": 0.7, "repeat_rate": 0.6, "orders": 5},
            {"product_concentration": 0.1, "repeat_rate": 0.6, "orders": 5},
            # 188 products; five once each; one of one order
            [
                ({"product_concentration": 0.01}, {"product_concentration": 0.003}),
                ({"repeat_rate": 0.0}, {}),
                ({"orders": [1, 5, 5]}, {}),
            ],
        ),
        (
            "product_knowledge",
            "product_samplers",
            {"product_concentration": 0.05, "repeat_rate": 0.1, "orders": 5},
            {"product_concentration": 0.8, "repeat_rate": 0.1, "orders": 5},
            [({"product_concentration": 0.62}, {})],
        ),
        (
            "value_sophistication",
            "budget_buyers",
            {"avg_item_price": 4.0},
            {"avg_item_price": 8.0},
            [({"avg_item_price": 7.4}, {})],
        ),
        (
            "value_sophistication",
            "premium_item_buyers",
            {"avg_item_price": 12.0},
            {"avg_item_price": 8.0},
            [({"avg_item_price": 9.0}, {})],
        ),
        (
            "purchase_value",
            "light_spenders",
            {"lifetime_value": 50.0},
            {"lifetime_value": 90.0},
            [({"lifetime_value": 80.0}, {})],
        ),
        (
            "purchase_value",
            "premium_spenders",
            {"lifetime_value": 200.0},
            {"lifetime_value": 90.0},
            [({"lifetime_value": 95.0}, {})],
        ),
        (
            "purchase_value",
            "mid_value_spenders",
            {"lifetime_value": 100.0},
            {"lifetime_value": list(range(200))},
            [({"lifetime_value": 30.0}, {})],
        ),
        (
            "category_exploration",
            "category_specialists",
            {"unique_categories": 1, "orders": 4},
            {"unique_categories": 3, "orders": 4},
            # a shop of one category
            [({}, {"unique_categories": 1}), ({"orders": [1, 4, 4]}, {})],
        ),
        (
            "category_exploration",
            "category_explorers",
            {"unique_categories": 5},
            {"unique_categories": 1},
            [({"unique_categories": 2}, {})],
        ),
        (
            "customer_maturity",
            "long_standing_customers",
            {"tenure_days": 500},
            {"tenure_days": 100},
            [({"tenure_days": 150}, {})],
        ),
        ("communication_preference", "email_readers", {"email_share": 1.0}, {"email_share": 0.2}, [({}, {"email_share": 1.0})]),
        (
            "repurchase_behavior",
            "novelty_buyers",
            {"repeat_rate": 0.15, "repeat_order_ratio": 0.2, "orders": 5},
            {"repeat_rate": 0.9, "repeat_order_ratio": 0.9, "orders": 5},
            # new buyers of a wholesaler, who buy most of it again
            [({"repeat_rate": 0.66, "repeat_order_ratio": 0.7}, {}), ({"orders": [1, 5, 5]}, {})],
        ),
        (
            "purchase_frequency",
            "rare_buyers",
            {"orders_per_month": 0.2},
            {"orders_per_month": 1.5},
            [({"orders_per_month": 2.0}, {"orders_per_month": 4.0})],
        ),
        (
            "purchase_frequency",
            "spaced_buyers",
            {"avg_days_between_orders": 100, "orders": 4, "gaps_since_last_order": 1.0},
            {"avg_days_between_orders": 20, "orders": 4, "gaps_since_last_order": 1.0},
            [
                ({"avg_days_between_orders": 14}, {"avg_days_between_orders": 7}),
                ({"orders": [1, 4, 4]}, {}),
                ({"gaps_since_last_order": 9.0}, {}),
            ],
        ),
        (
            "purchase_cadence",
            "any_hour_shoppers",
            {"timing_consistency": 0.5, "orders": 6, "evening_ratio": 0.3, "business_hours_ratio": 0.3},
            {"timing_consistency": 1.0, "orders": 6, "evening_ratio": 0.31, "business_hours_ratio": 0.31},
            # one weekday and the border of two parts of it; every working day in business hours
            [
                ({"timing_consistency": 0.81}, {}),
                ({"business_hours_ratio": 1.0, "evening_ratio": 0.0}, {}),
                ({"orders": 2}, {}),
            ],
        ),
    ],
)
def test_what_is_true_beside_the_store_alone_is_not_said(axis, name, members, others, lies):
    assert said_of(axis, members, others)["segment_name"] == name
    for own, rest in lies:
        assert name not in (said := said_of(axis, {**members, **own}, {**others, **rest}))["segment_name"], said
        assert name not in said["held_names"]


@pytest.mark.parametrize(
    ("axis", "members", "others", "name"),
    [
        ("repurchase_behavior", {"repeat_rate": 0.66, "orders": 6}, {"repeat_rate": 0.92, "orders": 40}, "less_repeat_buyers"),
        ("category_exploration", {"exploration_breadth": 0.5}, {"exploration_breadth": 0.07}, "less_repeating_shoppers"),
        ("purchase_frequency", {"purchase_consistency": 0.71}, {"purchase_consistency": 1.0}, "less_steady_buyers"),
        ("purchase_cadence", {"evening_ratio": 0.0}, {"evening_ratio": 0.4}, "non_evening_shoppers"),
        ("purchase_value", {"value_trend": 0.0}, {"value_trend": 0.01}, "typical_value_spenders_2"),
        # less newer would be no word
        ("customer_maturity", {"tenure_days": 150}, {"tenure_days": 30}, "mixed_tenure_members"),
    ],
)
def test_whom_a_word_would_be_a_lie_of_is_less_so_than_others(axis, members, others, name):
    assert said_of(axis, members, others)["segment_name"] == name


def test_of_most_people_nobody_says_that_they_are_less_so_than_the_few():
    people = People(
        {"repeat_rate": np.repeat([0.66, 0.92], [60, 40])},
        {"repeat_rate": np.repeat([-0.8, 1.2], [60, 40])},
        np.repeat([0, 1], [60, 40]),
    )
    scorer = SimpleNamespace(segment_ids=["a", "b"], pairs=[("repeat_rate", "none")])
    rows = _name_axis(people, scorer, [], {"noun": "buyers", "typical_word": "mix"}, seed_words(), set(), snake_case)
    assert [row["segment_name"] for row in rows] == ["typical_mix_buyers", "repeat_buyers"]


def test_what_tells_a_feature_that_no_sentence_tells_is_what_its_words_claim():
    trend = {"frequency_trend": 0.0, "orders": 2}
    said = said_of(
        "loyalty_trajectory",
        {**trend, "recency_risk": 0.5, "gaps_since_last_order": 1.9},
        {**trend, "recency_risk": 0.7, "gaps_since_last_order": 2.6},
    )
    assert said["segment_name"] == "less_overdue_customers"
    assert said["interpretation"] == "They have been silent for 1.9 of their usual gaps, the store's median is 2.6."


def test_nobody_is_far_from_a_median_that_is_the_own():
    """Half of the store and the members pay 39; some others pay 99."""
    said = said_of("value_sophistication", {"avg_item_price": 39.0}, {"avg_item_price": [39.0, 39.0, 39.0, 99.0, 99.0]})
    assert said["segment_name"] == "typical_taste_buyers"
    # of most people nobody would say it for the few others
    people = People(
        {"price": np.repeat([1.7, 2.8], [70, 30])}, {"price": np.repeat([-0.7, 1.5], [70, 30])}, np.repeat([0, 1], [70, 30])
    )
    words = {"price": {"feature": "price", "low_word": "cheap", "high_word": "dear", "tells": "pay {}", "unit": "money"}}
    scorer = SimpleNamespace(segment_ids=["a", "b"], pairs=[("price", "none")])
    rows = _name_axis(people, scorer, [], {"noun": "buyers"}, words, set(), snake_case)
    assert [row["segment_name"] for row in rows] == ["typical_buyers", "dear_buyers"]


CONTACTS = {"noun": "customers", "other_noun": "contacts", "other_noun_claims": "share(total_orders = 0) >= 0.9"}


@pytest.mark.parametrize(
    ("members", "others", "name"),
    [
        ({"total_orders": 2}, {"total_orders": 9}, "occasional_customers"),
        # a wholesaler's newer customers
        ({"total_orders": 14}, {"total_orders": 43}, "less_returning_customers"),
        ({"engagement_score": 38, "total_orders": 3}, {"engagement_score": 5, "total_orders": 3}, "engaged_customers"),
        ({"engagement_score": 28, "total_orders": 3}, {"engagement_score": 5, "total_orders": 3}, "less_quiet_customers"),
        # hardly anybody has ever bought
        (
            {"engagement_score": 38, "total_orders": [1, *[0] * 19]},
            {"engagement_score": 5, "total_orders": 0},
            "engaged_contacts",
        ),
    ],
)
def test_clusters_are_called_what_their_members_are(members, others, name):
    assert said_of("clusters", members, others, **CONTACTS)["segment_name"] == name


def test_two_of_one_word_are_told_apart_by_what_is_known_of_one():
    """Both are engaged; of the smaller ones visits are known. A number that is the store's tells nothing."""
    sizes = [60, 40, 100]
    segments = np.repeat([0, 1, 2], sizes)
    people = People(
        {"visits": np.where(segments == 1, 1.0, np.nan), "engaged": np.repeat([40.0, 41.0, 5.0], sizes)},
        {"visits": np.where(segments == 1, 2.0, np.nan), "engaged": np.repeat([1.0, 1.1, -1.0], sizes)},
        segments,
    )
    words = {
        "visits": {
            "feature": "visits",
            "tells": "look at {} page/pages a visit",
            "unit": "number",
            "meaning": "mean pages of a visit",
        },
        "engaged": {"feature": "engaged", "low_word": "quiet", "high_word": "engaged", "tells": "have {}", "unit": "number"},
    }
    scorer = SimpleNamespace(segment_ids=["a", "b", "c"], pairs=[("visits", "none"), ("engaged", "none")])
    rows = _name_axis(people, scorer, [], {"noun": "customers"}, words, set(), title_case)
    assert [row["segment_name"] for row in rows] == ["Engaged Customers", "Engaged Customers 2", "Quiet Customers"]
    assert rows[1]["interpretation"].startswith(
        "Of them it is known, and hardly of Engaged Customers: mean pages of a visit. They have 41"
    )


def test_of_a_kind_that_nobody_is_of_nothing_is_said():
    people = People({"often": np.ones(9)}, {"often": np.zeros(9)}, np.zeros(9, dtype=int))
    words = {"often": {"feature": "often", "low_word": "rare", "high_word": "frequent", "tells": "order {}", "unit": "number"}}
    scorer = SimpleNamespace(segment_ids=["a", "b"], pairs=[("often", "none")])
    rows = _name_axis(people, scorer, [], {"noun": "buyers"}, words, set(), snake_case)
    assert [row["interpretation"] for row in rows] == ["Are much like everybody on the axis.", "Nobody is of this kind now."]
