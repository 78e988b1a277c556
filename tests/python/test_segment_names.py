"""Names of segments: what claims mean on members, which name is taken, and what is made where none holds."""

from __future__ import annotations

import csv
from datetime import datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from tessera.axes import SEGMENTS
from tessera.segment_claims import People, read_claims
from tessera.segment_names import name_axis_segments

SEEDS = Path(__file__).resolve().parents[2] / "seeds" / "axes"
AXES = pa.Table.from_pylist([
    {"axis_number": 1, "axis_name": "frequency", "population": "orders", "feature_number": place, "feature": feature,
     "transform": "none", "is_lead": str(place == 1).lower(), "is_enabled": "true"}
    for place, feature in enumerate(("often", "even"), 1)])
WORDS = pa.Table.from_pylist([
    {"feature": "often", "low_word": "rare", "high_word": "frequent", "tells": "order {} times a month", "unit": "number"},
    {"feature": "even", "low_word": "uneven", "high_word": "even", "tells": "are even by {}", "unit": "percent"}])
NOUNS = pa.Table.from_pylist([{"axis_name": "frequency", "noun": "buyers"}])
NOBODY = pa.schema([("store_id", pa.string()), ("name", pa.string())]).empty_table()
NIGHT = datetime(2025, 6, 30)


def rows_of(file):
    with (SEEDS / file).open(encoding="utf-8", newline="") as seed:
        return list(csv.DictReader(seed))


def members(orders, known=True):
    """One segment of people with so many orders, beside one of a thousand who have 100."""
    values = np.array([*orders, *[100.0] * 1000], dtype=np.float64)
    return People({"orders": values if known else values * np.nan}, {"orders": (values - 100) / 10},
                  np.array([0] * len(orders) + [1] * 1000))


@pytest.mark.parametrize(("claim", "orders", "holds"), [
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
])
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


@pytest.mark.parametrize("claim", ["median(orders)", "mean(orders) > 1", "share(orders) > 0.5", "median(orders > 1) > 2",
                                   "z(orders) > p90", "share(orders = 1) >= p90", ""])
def test_claims_that_cannot_be_read_are_refused(claim):
    with pytest.raises(ValueError, match="it must read as"):
        read_claims(claim)


def test_every_name_of_the_seed_can_be_read_and_speaks_of_what_there_is():
    features = {row["feature"] for row in rows_of("axes.csv")} | {"orders", "churn_probability", "seasonality"}
    for row in rows_of("axis_segment_names.csv"):
        assert {claim.feature for claim in read_claims(row["claims"])} <= features


def named(centres, names, sizes=None, taken=NOBODY, spread=0.01):
    """Names of segments whose people are round centres (often, even)."""
    rng = np.random.default_rng(1)
    sizes = sizes or [50] * len(centres)
    people = np.repeat(np.array(centres, dtype=np.float64), sizes, axis=0) + spread * rng.standard_normal((sum(sizes), 2))
    mean, std = people.mean(axis=0), np.maximum(people.std(axis=0), 1e-9)
    segments = pa.Table.from_pylist([
        {"store_id": "s", "axis_name": "frequency", "segment_id": f"id-{number}", "segment_number": number, "fuzzifier": 2.0,
         "features": ["often", "even"], "transforms": ["none", "none"], "scaler_mean": mean.tolist(), "scaler_std": std.tolist(),
         "centre_scaled": ((np.array(centre) - mean) / std).tolist()} for number, centre in enumerate(centres, 1)],
        SEGMENTS).append_column("segment_key", pa.array(["key"] * len(centres)))
    table = pa.table({"store_id": ["s"] * len(people), "customer_id": [f"c{place}" for place in range(len(people))],
                      "in_orders": [True] * len(people), "often": people[:, 0], "even": people[:, 1]})
    rules = pa.Table.from_pylist([
        {"axis_name": "frequency", "priority": place, "segment_name": name, "claims": claims, "sentence": f"Are {name}."}
        for place, (name, claims) in enumerate(names, 1)],
        pa.schema([("axis_name", pa.string()), ("priority", pa.int64()), ("segment_name", pa.string()), ("claims", pa.string()),
                   ("sentence", pa.string())]))
    settings = pa.Table.from_pylist([{"as_of": NIGHT}])
    return name_axis_segments(table, AXES, segments, settings, rules, NOUNS, WORDS, taken).to_pylist()


def test_the_first_name_whose_claims_hold_is_taken_with_the_numbers_behind_it():
    rows = named([(1, 0.5), (4, 0.5)], [
        ("heroes", "median(often) > 9"), ("regulars", "median(often) > 3; share(often > 3.5) >= 0.9"),
        ("others", "median(often) > 0")])
    assert [row["segment_name"] for row in rows] == ["others", "regulars"]
    assert rows[1]["interpretation"].startswith("Are regulars. They order 4 times a month, the store's median is ")
    assert [row["held_names"] for row in rows] == [["others"], ["regulars", "others"]]


def test_of_two_segments_that_bear_a_name_out_the_larger_has_it_and_the_other_a_plain_one():
    rows = named([(1, 0.5), (4, 0.5)], [("buyers", "median(often) > 0")], sizes=[40, 80])
    assert [row["segment_name"] for row in rows] == ["rare_buyers", "buyers"]
    assert rows[0]["claims"] == "z(often) <= -0.25"


def test_a_plain_name_is_of_what_sets_a_segment_apart():
    rows = named([(1, 0.5), (2, 0.0), (2, 1.0), (3, 0.5)], [])
    assert [row["segment_name"] for row in rows] == ["rare_buyers", "uneven_buyers", "even_buyers", "frequent_buyers"]


def test_who_is_in_the_middle_of_everything_is_typical():
    rows = named([(1, 0.5), (2, 0.5), (3, 0.5)], [])
    assert [row["segment_name"] for row in rows] == ["rare_buyers", "typical_buyers", "frequent_buyers"]


def test_no_two_segments_of_a_store_have_one_name_whatever_their_kind():
    taken = pa.Table.from_pylist([{"store_id": "s", "name": "Rare Buyers"}, {"store_id": None, "name": "loyals"},
                                  {"store_id": "t", "name": "frequent_buyers"}])
    rows = named([(1, 0.5), (4, 0.5)], [("loyals", "median(often) > 3")], taken=taken)
    assert [row["segment_name"] for row in rows] == ["rare_customers", "frequent_buyers"]
    many = named([(1, 0.5), (1.02, 0.5), (1.04, 0.5), (1.06, 0.5), (1.08, 0.5), (9, 0.5)], [])
    assert len({row["segment_name"] for row in many}) == 6


def test_a_sentence_speaks_only_of_features_that_vary():
    rows = named([(1, 0.5), (4, 0.5)], [], spread=0.0)
    assert all("times a month" in row["interpretation"] and "even by" not in row["interpretation"] for row in rows)
