"""Axes over nights: what is fitted when, which segment stays itself and what it is called, and how everybody is scored."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from tessera.axes import (
    NAMED,
    POSITIONS,
    SCORES,
    SEGMENTS,
    FeatureReader,
    Settings,
    axis_positions,
    fit_axes,
    name_scores,
    position_columns,
    profile,
    read_axes,
    score_axes,
    segments_in_use,
)
from tessera.axes.memberships import memberships

NIGHT = datetime(2025, 6, 1, 3)
AXES = pa.Table.from_pylist(
    [
        {
            "axis_number": number,
            "axis_name": axis,
            "population": population,
            "feature_number": place,
            "feature": feature,
            "transform": transform,
            "is_lead": str(place == 1).lower(),
            "is_enabled": "true",
        }
        for number, axis, population, place, feature, transform in (
            (1, "value", "orders", 1, "spend", "log1p"),
            (1, "value", "orders", 2, "trend", "none"),
            (2, "timing", "orders", 1, "weekend", "none"),
            (3, "help", "tickets", 1, "tickets", "none"),
            (3, "help", "tickets", 2, "hours", "log1p"),
        )
    ]
)
THREE = {"spend": [10, 100, 1000], "trend": [0, 1, -1], "weekend": [0, 0.5, 1], "tickets": [0, 3, 6], "hours": [5, 50, 1]}


def people(planted=THREE, each=80, store="s", seed=1, ticketed=0.5):
    """Features of people around planted types; everybody has orders, a share of each type has tickets."""
    rng = np.random.default_rng(seed)
    types = len(planted["spend"])
    planted_type = np.tile(np.arange(types), each)
    count = len(planted_type)
    return pa.table(
        {
            "store_id": [store] * count,
            "customer_id": [f"c{number:06d}" for number in range(count)],
            "sample_key": [f"{key:016x}" for key in np.random.default_rng(seed + 100).integers(0, 2**62, count)],
            "in_orders": [True] * count,
            "in_events": [False] * count,
            "in_tickets": (np.arange(count) // types < each * ticketed).tolist(),
            **{
                name: np.array(values, dtype=np.float64)[planted_type] * (1 + rng.normal(0, 0.05, count))
                + rng.normal(0, 0.02, count)
                for name, values in planted.items()
            },
        }
    )


def settings(**changes):
    return pa.Table.from_pylist([{"as_of": NIGHT, "max_k": 4, "axes": [], **changes}])


def fit(features, earlier=None, axes=AXES, **changes):
    with duckdb.connect() as connection:
        connection.from_arrow(features).create("features")
        reader = FeatureReader(connection, connection.table("features"))
        return fit_axes(reader, axes, settings(**changes), SEGMENTS.empty_table() if earlier is None else earlier)


def rows_of(table, axis="value", store="s"):
    return [row for row in table.to_pylist() if (row["axis_name"], row["store_id"]) == (axis, store)]


def changes_of(table, axis="value"):
    return [row["change_type"] for row in rows_of(table, axis)]


def named(ledger):
    """Current segments with the name that SQL gives them."""
    current = ledger.filter(ledger["is_current"])
    numbers = pc.cast(current["segment_number"], pa.string())
    keyed = current.append_column("segment_key", pc.binary_join_element_wise(current["axis_name"], numbers, ":"))
    return keyed.append_column("segment_name", pc.binary_join_element_wise(current["axis_name"], numbers, "_"))


class NoReader:
    """A reader of which nothing may be asked."""

    def columns(self):
        raise AssertionError("features were read")

    close = columns


class CountingReader(FeatureReader):
    """A reader of which only counts may be asked."""

    def sample(self, *_):
        raise AssertionError("features were read")

    batches = sample


def clipped(values):
    """Values without the largest and the smallest of them, which a fit of fewer than a thousand people clips."""
    least, *_, most = sorted(values)[1:-1]
    return np.clip(values, least, most)


def with_giants(count=150, giants=2):
    """A wholesale shop: all spend by degrees, two a hundred times as much, and a trend is slight but of few."""
    rng = np.random.default_rng(2)
    spend = np.append(5_000 * rng.lognormal(0, 0.5, count - giants), np.linspace(1.5e6, 2e6, giants))
    trend = np.append(0.004 * rng.standard_t(1.2, count - giants), np.zeros(giants))
    features = people({name: values[:1] for name, values in THREE.items()}, each=count)
    for name, values in {"spend": spend, "trend": trend}.items():
        features = features.set_column(features.column_names.index(name), name, pa.array(values))
    return features


@pytest.fixture(scope="module")
def first():
    return fit(people())


def later(days, **changes):
    return {"as_of": NIGHT + timedelta(days=days), **changes}


def test_planted_types_are_segments_numbered_by_the_lead(first):
    rows = rows_of(first)
    assert [row["segment_number"] for row in rows] == [1, 2, 3] and changes_of(first) == ["born"] * 3
    assert [round(np.log10(row["centre"][0]), 1) for row in rows] == [1, 2, 3]
    assert {row["segment_count"] for row in rows} == {3} and {row["name_k"] for row in rows} == {None}
    assert {row["population"] for row in rows} == {row["sample_size"] for row in rows} == {240}
    assert [row["sample_share"] for row in rows] == [0.333333] * 3
    assert rows[0]["features"] == ["spend", "trend"] and rows[0]["transforms"] == ["log1p", "none"]
    assert json.loads(rows[0]["silhouettes"])["3"] == rows[0]["silhouette"] > 0.6 and not rows[0]["is_low_quality"]
    assert first.schema == SEGMENTS and not any(first[name].null_count for name in ("store_id", "axis_name", "segment_id"))


def test_two_giants_take_no_axis_away_from_everybody_else():
    """K-means cuts them off, then the next few, until as many as make a segment are set aside and there is none."""
    features = with_giants()
    rows = rows_of(fit(features))
    assert [row["change_type"] for row in rows] == ["born"] * 3
    sizes = [round(row["sample_share"] * 150) for row in rows]
    assert sum(sizes) == 150 and min(sizes) >= 8
    # what eight people reach is clipped, for the scaler too, and scores are of the value as it is
    spend = np.sort(np.log1p(features["spend"].to_numpy()))
    spend = np.clip(spend, spend[7], spend[-8])
    assert rows[0]["scaler_mean"][0] == pytest.approx(spend.mean(), rel=1e-11)
    assert rows[0]["scaler_std"][0] == pytest.approx(spend.std(), rel=1e-11)


def test_who_are_all_alike_but_for_a_few_have_no_segments():
    features = people({name: values[:1] for name, values in THREE.items()}, each=150)
    spend, trend = np.full(150, 50.0), np.full(150, 1.0)
    spend[:3], trend[:3] = 5e5, 2.0
    for name, values in {"spend": spend, "trend": trend}.items():
        features = features.set_column(features.column_names.index(name), name, pa.array(values))
    (row,) = rows_of(fit(features))
    assert row["change_type"] == "skipped" and row["reason"] == "no two segments of at least 8 people"


def test_scalers_and_centres_are_those_of_everybody(first):
    spend = clipped(np.log1p(people()["spend"].to_numpy()))
    row = rows_of(first)[0]
    assert row["scaler_mean"][0] == pytest.approx(spend.mean(), rel=1e-11)
    assert row["scaler_std"][0] == pytest.approx(spend.std(), rel=1e-11)
    assert np.log1p(row["centre"][0]) == pytest.approx(row["centre_scaled"][0] * spend.std() + spend.mean(), rel=1e-9)


def test_the_scaler_is_of_everybody_where_the_sample_is_not():
    features = people(each=400)
    sampled, full = fit(features, fit_sample=300), fit(features)
    one, other = rows_of(sampled)[0], rows_of(full)[0]
    assert one["sample_size"] == 300 and one["population"] == 1200
    assert one["scaler_mean"] == other["scaler_mean"] and one["scaler_std"] == other["scaler_std"]


def test_the_order_of_rows_changes_nothing(first):
    features = people()
    shuffled = features.take(np.random.default_rng(3).permutation(features.num_rows))
    assert fit(shuffled).equals(first)


def test_the_number_of_cores_changes_nothing(first, monkeypatch):
    monkeypatch.setattr("os.cpu_count", lambda: 1)
    assert fit(people()).equals(first)


def test_a_sample_is_of_the_smallest_keys_in_the_order_of_ids():
    features = people()
    with duckdb.connect() as connection:
        reader = FeatureReader(connection, connection.from_arrow(features))
        found = reader.sample("s", ("in_orders", "in_tickets"), ["customer_id", "spend"], 20)
        assert reader.counts([("in_orders", "in_tickets")]) == {"s": {("in_orders", "in_tickets"): 120}}
        reader.close()
        assert connection.sql("show tables").fetchall() == []
    chosen = features.filter(features["in_tickets"]).sort_by("sample_key").slice(0, 20).sort_by("customer_id")
    assert found.equals(chosen.select(["customer_id", "spend"]))


def test_another_sample_finds_the_same_segments():
    features = people(each=3000)
    other = features.set_column(
        2, "sample_key", features["sample_key"].combine_chunks().take(np.random.default_rng(9).permutation(features.num_rows))
    )
    one = fit(features, fit_sample=3000)
    two = fit(other, one, fit_sample=3000, **later(7))
    assert set(changes_of(two)) == {"kept"}
    for old, new in zip(rows_of(one), rows_of(two), strict=True):
        assert old["segment_id"] == new["segment_id"] and new["distance_moved"] < 0.02
        assert old["centre"] != new["centre"]


def test_stores_do_not_mix(first):
    other = people({**THREE, "spend": [5, 5000, 9000]}, store="t", seed=8)
    both = fit(pa.concat_tables([other, people()]))
    assert both.filter(pc.equal(both["store_id"], "s")).equals(first)
    assert both.filter(pc.equal(both["store_id"], "t")).equals(fit(other))
    assert not set(both.filter(pc.equal(both["store_id"], "t"))["segment_id"].to_pylist()) & set(first["segment_id"].to_pylist())


def test_two_kinds_of_fits_share_no_segment(first):
    clusters = rows_of(fit(people(), fit_kind="clusters"))
    assert len(clusters) == 3 and not {row["segment_id"] for row in clusters} & {row["segment_id"] for row in rows_of(first)}


def test_a_refit_of_the_same_night_gives_the_same_rows(first):
    assert fit(people(), first).equals(first)


def test_what_is_in_use_is_what_the_last_fit_left_in_use(first):
    def again(**changes):
        # a ledger as it may be: the first night's segments said again
        return pa.Table.from_pylist([{**row, **changes} for row in first.to_pylist()], SEGMENTS)

    def used(*nights, **changes):
        return segments_in_use(pa.concat_tables(nights), settings(**later(10, **changes))).to_pylist()

    ids = {row["segment_id"] for row in first.to_pylist()}
    kept, tomorrow = (again(as_of=NIGHT + timedelta(days=day)) for day in (7, 11))
    assert {row["segment_id"] for row in used(first)} == ids
    assert {row["as_of"] for row in used(kept, first, tomorrow)} == {NIGHT + timedelta(days=7)}
    assert all(row["segment_key"] == row["segment_id"] for row in used(first))
    ended = again(as_of=NIGHT + timedelta(days=8), is_current=False, change_type="died")
    assert used(first, ended, kept) == []
    for nothing in ({"is_trial": True}, {"change_type": "skipped"}):
        said = again(as_of=NIGHT + timedelta(days=9), is_current=False, **nothing)
        assert {row["as_of"] for row in used(said, first)} == {NIGHT}
    assert used(SEGMENTS.empty_table()) == []


def test_segments_keep_id_name_and_birth_in_a_refit(first):
    again = fit(people(seed=2), first, **later(7))
    for old, new in zip(rows_of(first), rows_of(again), strict=True):
        assert new["change_type"] == "kept" and 0 < new["distance_moved"] < 0.1
        carried = ("segment_id", "first_fitted_at", "name_k", "name_rank", "name_suffix")
        assert [old[name] for name in carried] == [new[name] for name in carried]


def test_a_kept_segment_keeps_its_name_when_its_number_changes():
    two = {name: values[:2] for name, values in THREE.items()}
    before = fit(people(two))
    types = {**THREE, "spend": [10, 100, 1.5], "trend": [0, 1, 8]}
    after = rows_of(fit(people(types), before, match_tolerance=1.5, **later(7)))
    low, middle, high = [row for row in after if row["is_current"]]
    assert [row["change_type"] for row in (low, middle, high)] == ["split", "kept", "kept"]


def grown(before, after, tolerance=0.5):
    """A refit after types of one feature were others."""
    axes = AXES.filter(pc.equal(AXES["axis_name"], "timing"))
    features = [people({**{name: [0] * len(types) for name in THREE}, "weekend": types}) for types in (before, after)]
    ledger = fit(features[0], axes=axes, min_k=len(set(before)), max_k=len(set(before)))
    return ledger, fit(
        features[1], ledger, axes=axes, min_k=len(set(after)), max_k=len(set(after)), match_tolerance=tolerance, **later(7)
    )


def test_two_segments_that_become_one_are_merged():
    before, after = grown([0, 8, 9], [0, 8.4, 8.4])
    ids = [row["segment_id"] for row in rows_of(before, "timing")]
    rows = rows_of(after, "timing")
    assert [row["change_type"] for row in rows] == ["kept", "kept", "merged"]
    assert rows[2]["segment_id"] == ids[2] and rows[2]["related_segment_id"] == ids[1] and not rows[2]["is_current"]
    assert rows[2]["segment_number"] is None and rows[2]["centre"] == rows_of(before, "timing")[2]["centre"]
    assert rows[2]["sample_share"] == 0


def test_what_has_ended_does_not_come_back():
    before, after = grown([0, 8, 9], [0, 8.4, 8.4])
    axes = AXES.filter(pc.equal(AXES["axis_name"], "timing"))
    types = {**{name: [0] * 3 for name in THREE}, "weekend": [0, 8.4, 8.4]}
    again = fit(people(types), pa.concat_tables([before, after]), axes=axes, max_k=2, **later(14))
    assert changes_of(again, "timing") == ["kept", "kept"]


def test_a_segment_that_becomes_two_is_split():
    before, after = grown([0, 8, 8], [0, 8, 9.5], tolerance=0.1)
    ids = [row["segment_id"] for row in rows_of(before, "timing")]
    rows = rows_of(after, "timing")
    assert [row["change_type"] for row in rows] == ["kept", "kept", "split"] and rows[2]["related_segment_id"] == ids[1]
    assert rows[2]["first_fitted_at"] == NIGHT + timedelta(days=7)
    assert rows[2]["distance_moved"] is None


def test_a_segment_that_nobody_resembles_dies():
    _, after = grown([0, 5, 10], [0, 2, 8, 10], tolerance=0.1)
    rows = rows_of(after, "timing")
    assert [row["change_type"] for row in rows] == ["kept", "split", "split", "kept", "died"]
    assert rows[-1]["related_segment_id"] is None and rows[-1]["distance_moved"] > 0.1


def test_features_that_do_not_vary_are_left_out():
    flat = people().set_column(7, "trend", pa.array(np.full(240, 0.1)))
    rows = rows_of(fit(flat))
    assert rows[0]["features"] == ["spend"] and rows[0]["transforms"] == ["log1p"] and len(rows[0]["centre"]) == 1


def test_an_axis_of_which_no_feature_varies_enough_says_how_much_one_does():
    """Standard deviations of 0.002 and 0.008, where a share takes 0.01."""
    nearly = np.tile([0.5, 0.516], 120)
    flat = people().set_column(8, "weekend", pa.array(nearly))
    (row,) = rows_of(fit(flat), "timing")
    assert row["reason"] == "no feature varies enough: at most 80% of what a fit takes"


def test_a_feature_that_varies_by_a_whisper_is_left_out():
    """One refund in a shop: what the shares of everybody else differ by is how many orders they are shrunk with."""
    rng = np.random.default_rng(1)
    whisper = people().set_column(7, "trend", pa.array(0.01 + 0.002 * rng.random(240)))
    assert rows_of(fit(whisper))[0]["features"] == ["spend"]
    told = people().set_column(7, "trend", pa.array(0.1 * rng.random(240)))
    assert rows_of(fit(told))[0]["features"] == ["spend", "trend"]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_lead_that_sets_nobody_apart_does_not_rank(seed):
    """Both segments spend alike but for chance, so their ends are those of the trend, whatever the chance of a fit."""
    alike = fit(people({**{name: values[:2] for name, values in THREE.items()}, "spend": [10, 10]}, each=200, seed=seed), max_k=2)
    trends = [row["centre"][row["features"].index("trend")] for row in rows_of(alike)]
    assert trends == sorted(trends)


def test_segments_are_matched_over_the_features_that_both_fits_have(first):
    flat = people().set_column(7, "trend", pa.array(np.full(240, 0.1)))
    again = fit(flat, first, **later(7))
    assert changes_of(again) == ["kept"] * 3 and changes_of(fit(people(), again, **later(14))) == ["kept"] * 3


def test_fits_without_a_shared_feature_have_nothing_in_common():
    flat = pa.array(np.zeros(240))
    before = fit(people().set_column(7, "trend", flat))
    after = fit(people().set_column(6, "spend", flat), before, **later(7))
    assert sorted(changes_of(after)) == ["born"] * 3 + ["died"] * 3
    assert {row["distance_moved"] for row in rows_of(after)} == {None}


def test_an_axis_of_which_no_feature_varies_is_skipped():
    flat = people().set_column(8, "weekend", pa.array(np.full(240, 0.5)))
    (row,) = rows_of(fit(flat), "timing")
    reason = "no feature varies enough: at most 0% of what a fit takes"
    assert (row["change_type"], row["segment_id"], row["reason"]) == ("skipped", "timing-none", reason)
    assert row["segment_number"] is None and row["segment_count"] is None and not row["is_current"]


@pytest.mark.parametrize(("least", "kinds"), [(240, ["born"] * 3), (241, ["skipped"])])
def test_an_axis_needs_its_least_population(least, kinds):
    found = fit(people(), min_population=least)
    assert changes_of(found) == kinds
    assert least == 240 or rows_of(found)[0]["reason"] == "240 of at least 241 people"


def test_99_people_are_too_few_and_100_are_enough():
    assert changes_of(fit(people().slice(0, 99))) == ["skipped"]
    assert set(changes_of(fit(people().slice(0, 100)))) == {"born"}


def test_a_twentieth_is_a_kind_in_a_small_shop_and_twenty_are_in_a_large_one():
    def sizes(count, loyal):
        spend = np.where(np.arange(count) < loyal, 9.0, 1.0) + np.random.default_rng(3).normal(0, 0.05, count)
        found = fit(
            people(each=count // 3)
            .slice(0, count)
            .set_column(6, "spend", pa.array(spend))
            .set_column(7, "trend", pa.array(np.zeros(count)))
        )
        return sorted(round(row["sample_share"] * count) for row in rows_of(found))

    assert 12 in sizes(150, 12) and 24 in sizes(600, 24)
    assert 12 not in sizes(600, 12)


def test_each_axis_counts_its_own_population():
    found = fit(people(ticketed=0.3))
    assert changes_of(found, "help") == ["skipped"] and set(changes_of(found)) == {"born"}
    assert rows_of(found, "help")[0]["reason"] == "72 of at least 100 people"


def test_an_axis_is_fitted_on_those_whose_lead_is_known_if_so_wished():
    known = np.arange(240) % 3 > 0
    features = people().append_column("weekend_is_known", pa.array(known))
    everybody, those = fit(features), fit(features, is_fit_on_known=True)
    assert (len(rows_of(everybody, "timing")), len(rows_of(those, "timing"))) == (3, 2)
    assert {row["population"] for row in rows_of(those, "timing")} == {160}
    assert rows_of(those) == rows_of(everybody)
    few = fit(features.slice(0, 120), is_fit_on_known=True)
    assert rows_of(few, "timing")[0]["reason"] == "80 of at least 100 people"


def test_an_axis_is_fitted_on_those_who_show_its_lead_twice_where_there_are_enough():
    places = np.arange(240)
    features = people().append_column("weekend_is_known", pa.array(places % 6 > 0))
    features = features.append_column("weekend_is_shown_twice", pa.array(places % 3 > 0))
    counted = [
        rows_of(fit(features, **wishes), "timing")[0]["population"]
        for wishes in ({"is_fit_on_known": True}, {"is_fit_on_known": True, "min_population": 161}, {})
    ]
    assert counted == [160, 200, 240]


def test_a_skipped_axis_is_tried_every_night_and_told_once():
    few = people(each=20)
    before = fit(few)
    assert fit(people(each=21), before, **later(1)).num_rows == 0
    assert set(changes_of(fit(people(), before, **later(1)))) == {"born"}


def test_an_axis_skipped_for_another_reason_is_told_again():
    before = fit(people(each=20), axes=AXES.filter(pc.equal(AXES["axis_name"], "timing")))
    flat = people().set_column(8, "weekend", pa.array(np.full(240, 0.5)))
    assert changes_of(fit(flat, before, **later(1)), "timing") == ["skipped"]


def test_segments_stay_when_the_population_falls_under_the_least(first):
    assert fit(people(each=20), first, **later(7)).num_rows == 0


def test_segments_stay_when_nothing_varies_any_more(first):
    flat = people().set_column(8, "weekend", pa.array(np.full(240, 0.5)))
    assert rows_of(fit(flat, first, **later(7)), "timing") == []


@pytest.mark.parametrize(
    ("since", "is_due"), [(timedelta(days=6, hours=23), False), (timedelta(days=7), True), (timedelta(days=30), True)]
)
def test_a_fit_is_due_after_the_days_between_refits(first, since, is_due):
    assert bool(fit(people(), first, as_of=NIGHT + since, refit_days=7).num_rows) is is_due


def test_a_forced_fit_is_due_at_once(first):
    assert set(changes_of(fit(people(), first, is_refit_forced=True, **later(1)))) == {"kept"}


def test_only_the_axes_asked_for_are_fitted(first):
    assert set(fit(people(), axes=AXES, **{"as_of": NIGHT})["axis_name"].to_pylist()) == {"value", "timing", "help"}
    with duckdb.connect() as connection:
        reader = FeatureReader(connection, connection.from_arrow(people()))
        found = fit_axes(reader, AXES, settings(axes=["timing"], is_refit_forced=True, **later(1)), first)
    assert set(found["axis_name"].to_pylist()) == {"timing"}


def test_trials_are_marked_and_do_not_count(first):
    trial = fit(people(), is_trial=True)
    assert trial["is_trial"].to_pylist() == [True] * trial.num_rows
    assert changes_of(fit(people(), trial, **later(1))) == ["born"] * 3
    with_trial = pa.concat_tables([first, fit(people(), is_trial=True, **later(6))])
    assert fit(people(), with_trial, **later(7)).num_rows == first.num_rows


def test_nothing_due_reads_no_feature(first):
    with duckdb.connect() as connection:
        reader = CountingReader(connection, connection.from_arrow(people()))
        found = fit_axes(reader, AXES, settings(**later(1)), first)
    assert found.equals(SEGMENTS.empty_table())
    assert fit_axes(NoReader(), AXES, settings(axes=["other"]), first).equals(SEGMENTS.empty_table())


def test_a_disabled_axis_and_a_disabled_feature_are_not_fitted():
    rows = AXES.to_pylist()
    for row in rows:
        if row["axis_name"] == "help" or row["feature"] == "trend":
            row["is_enabled"] = "false"
    found = fit(people(), axes=pa.Table.from_pylist(rows))
    assert set(found["axis_name"].to_pylist()) == {"value", "timing"} and rows_of(found)[0]["features"] == ["spend"]


def test_a_poor_fit_is_kept_and_flagged():
    assert {row["is_low_quality"] for row in rows_of(fit(people(), min_silhouette=0.99))} == {True}


def test_a_feature_that_is_null_is_refused():
    broken = people().set_column(6, "spend", pa.array([None, *range(239)], pa.float64()))
    with pytest.raises(ValueError, match="feature spend: null"):
        fit(broken)
    with pytest.raises(ValueError, match="feature spend: null"):
        scored(broken, fit(people()))


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"population": "visits"}, "one population"),
        ({"transform": "sqrt"}, "transform must"),
        ({"is_lead": "true"}, "must lead"),
        ({"axis_name": "a,b"}, "a name is"),
    ],
)
def test_a_malformed_axis_is_refused(changed, message):
    rows = AXES.to_pylist()
    rows[1] |= changed
    with pytest.raises(ValueError, match=message):
        read_axes(pa.Table.from_pylist(rows))


@pytest.mark.parametrize(
    "changed", [{"min_k": 1}, {"max_k": 1}, {"min_population": 2}, {"membership": "hard"}, {"membership_entropy": 1.0}]
)
def test_settings_out_of_their_range_are_refused(changed):
    with pytest.raises(ValueError, match="must be"):
        Settings.from_table(settings(**changed))


def test_settings_are_one_row():
    with pytest.raises(ValueError, match="one row"):
        Settings.from_table(settings().slice(1))


def scored(features, ledger, **changes):
    return score_axes(features.to_batches(max_chunksize=50), AXES, named(ledger), settings(**changes)).read_all()


def told(features, ledger):
    """People with their scores and with the names of them."""
    found = scored(features, ledger)
    names = name_scores(found.to_batches(max_chunksize=70), AXES, named(ledger)).read_all()
    assert names.schema == NAMED and names["customer_id"].equals(found["customer_id"])
    return [{**row, **texts} for row, texts in zip(found.to_pylist(), names.to_pylist(), strict=True)]


@pytest.mark.parametrize("kind", ["exp", "fcm"])
def test_everybody_has_memberships_by_the_stored_scaler_and_centres(first, kind):
    features = people()
    found = scored(features, first, membership=kind)
    assert found.schema == SCORES and found["customer_id"].equals(features["customer_id"])
    rows = rows_of(first)
    values = np.stack([np.log1p(features["spend"].to_numpy()), features["trend"].to_numpy()], axis=1)
    expected = memberships(
        (values - rows[0]["scaler_mean"]) / rows[0]["scaler_std"],
        np.array([row["centre_scaled"] for row in rows]),
        kind,
        rows[0]["fuzzifier"],
    )
    fingerprints = np.array([row[:3] for row in found["fingerprint"].to_pylist()])
    assert np.abs(fingerprints - expected).max() < 1e-11 and np.abs(fingerprints.sum(axis=1) - 1).max() < 1e-9


def test_a_person_has_a_place_for_every_segment_and_every_axis(first):
    found = told(people(), first)
    counts = [len(rows_of(first, axis)) for axis in ("value", "timing", "help")]
    with_ticket, without = found[0], found[-1]
    assert len(with_ticket["fingerprint"]) == len(without["fingerprint"]) == sum(counts)
    assert None not in with_ticket["fingerprint"] and without["fingerprint"][-counts[2] :] == [None] * counts[2]
    assert without["dominant_segment_ids"][2] is without["dominant_memberships"][2] is without["membership_strengths"][2] is None
    assert "help" in json.loads(with_ticket["dominant_segments"]) and "help" not in json.loads(without["dominant_segments"])


def test_keys_are_those_of_the_axes_that_a_person_is_on(first):
    found = told(people(), first)
    assert [len(found[place]["dominant_segment_keys"]) for place in (0, -1)] == [3, 2]
    for row in found:
        assert [key.split(":")[0] for key in row["dominant_segment_keys"]] == list(json.loads(row["dominant_segments"]))


def test_features_are_told_by_their_names_in_json():
    axes = pa.Table.from_pylist(
        [
            {
                "axis_number": 1,
                "axis_name": "timing",
                "population": "orders",
                "feature_number": place,
                "feature": feature,
                "json_name": alias,
                "transform": "none",
                "is_lead": place == 1,
                "is_enabled": place == 1,
            }
            for place, (feature, alias) in enumerate(
                [("weekend", "weekend_ratio"), ("channel", None), ("hour", "preferred_time"), ("is_known", None)], 1
            )
        ]
    )
    given = [person(0.25, channel='e"mail\n', hour=9, is_known=True), person(1e-7, channel=None, hour=None, is_known=None)]
    found = profile(given, axes, synthetic_segments([0, 1]), settings())
    assert [row["feature_vectors"] for row in found] == [
        {"timing": {"weekend_ratio": 0.25, "channel": 'e"mail\n', "preferred_time": 9, "is_known": True}},
        {"timing": {"weekend_ratio": 1e-7, "channel": None, "preferred_time": None, "is_known": None}},
    ]


def test_lists_and_texts_say_the_same(first):
    names = {row["segment_id"]: row["segment_name"] for row in named(first).to_pylist()}
    for row in told(people(), first):
        shares, chosen, words = (
            json.loads(row[name]) for name in ("segment_memberships", "dominant_segments", "membership_strength")
        )
        flat = [share for axis in shares.values() for share in axis.values()]
        assert flat == pytest.approx([share for share in row["fingerprint"] if share is not None], abs=5.1e-7)
        assert list(chosen.values()) == [names[segment] for segment in row["dominant_segment_ids"] if segment]
        assert [key.replace(":", "_") for key in row["dominant_segment_keys"]] == list(chosen.values())
        assert list(words.values()) == [word for word in row["membership_strengths"] if word]
        assert all(shares[axis][name] == max(shares[axis].values()) for axis, name in chosen.items())


def test_scores_are_a_stream(first):
    read = []

    def batches():
        for batch in people().to_batches(max_chunksize=50):
            read.append(batch.num_rows)
            yield batch

    reader = score_axes(batches(), AXES, named(first), settings())
    assert read == [] and reader.read_next_batch().num_rows == 50 and read == [50]


def synthetic_segments(centres, names=("a", "b", "c"), store="s"):
    """Current segments of the axis `timing` on its one feature, unscaled."""
    return pa.Table.from_pylist(
        [
            {
                "store_id": store,
                "axis_name": "timing",
                "segment_id": f"timing-{number}",
                "segment_number": number,
                "segment_key": f"timing:{number}",
                "segment_name": name,
                "features": ["weekend"],
                "transforms": ["none"],
                "scaler_mean": [0.0],
                "scaler_std": [1.0],
                "centre_scaled": [float(centre)],
                "fuzzifier": 2.0,
            }
            for number, (centre, name) in enumerate(zip(centres, names, strict=False), 1)
        ]
    )


def person(weekend, **others):
    return {
        "store_id": "s",
        "customer_id": "c1",
        "in_orders": True,
        "in_events": False,
        "in_tickets": False,
        "weekend": weekend,
        **others,
    }


def strengths(shares):
    """The profile of a person whose memberships are these to twelve digits."""
    centres = -np.log(shares) * [1, -1, 1][: len(shares)]
    return profile(person(0.0), AXES, synthetic_segments(centres), settings())[0]


@pytest.mark.parametrize(
    ("shares", "word"),
    [
        ([0.786, 0.175, 0.039], "strong"),
        ([0.7, 0.2, 0.1], "moderate"),
        ([0.700001, 0.2, 0.099999], "strong"),
        ([0.6, 0.4], "balanced"),
        ([0.601, 0.399], "moderate"),
        ([0.5, 0.3, 0.2], "balanced"),
        ([0.5, 0.29, 0.21], "moderate"),
    ],
)
def test_strength_has_its_edges(shares, word):
    found = strengths(np.array(shares))
    assert found["fingerprint"] == pytest.approx(shares, abs=1e-9) and found["membership_strength"] == {"timing": word}
    assert found["membership_strengths"] == [None, word, None]


def test_of_equal_memberships_the_lower_number_dominates():
    found = profile(person(0.5), AXES, synthetic_segments([0, 1]), settings())[0]
    assert found["fingerprint"] == [0.5, 0.5] and found["dominant_segment_ids"] == [None, "timing-1", None]


def test_a_customer_a_million_deviations_away_is_scored():
    for kind in ("exp", "fcm"):
        found = profile(person(1e6), AXES, synthetic_segments([0, 1, 2]), settings(membership=kind))[0]
        assert sum(found["fingerprint"]) == pytest.approx(1, abs=1e-9) and found["dominant_segments"] == {"timing": "c"}


def test_names_of_any_script_are_valid_json():
    names = ('with "quotes"', "Käufer\\", "c")
    found = profile(person(0.0), AXES, synthetic_segments([0, 1, 2], names), settings())[0]
    assert list(found["segment_memberships"]["timing"]) == list(names)


def test_people_on_no_fitted_axis_and_of_stores_without_one_are_left_out():
    given = [
        person(0.0),
        person(0.0, customer_id="c2", in_orders=False),
        person(0.0, customer_id="c3", store_id="t"),
        person(1.0, customer_id="c4"),
    ]
    found = profile(given, AXES, synthetic_segments([0, 1]), settings())
    assert [row["customer_id"] for row in found] == ["c1", "c4"]
    assert profile([], AXES, synthetic_segments([0, 1]), settings()) == []


def test_stores_in_one_batch_have_their_own_segments():
    segments = pa.concat_tables([synthetic_segments([0, 1]), synthetic_segments([0, 1, 2], store="t")])
    given = [person(0.0), person(0.0, store_id="t"), person(1.0)]
    found = profile(given, AXES, segments, settings())
    assert {(row["store_id"], len(row["fingerprint"])) for row in found} == {("s", 2), ("t", 3)} and len(found) == 3


def test_a_missing_feature_of_somebody_on_its_axis_is_refused():
    given = person(0.0)
    del given["weekend"]
    with pytest.raises(ValueError, match="feature weekend"):
        profile(given, AXES, synthetic_segments([0, 1]), settings())


def test_a_refund_beyond_all_payments_is_a_number():
    features = people()
    spend = features["spend"].to_numpy().copy()
    spend[0] = -50
    found = fit(features.set_column(6, "spend", pa.array(spend)))
    assert np.isfinite([row["centre"] for row in rows_of(found)]).all()


def test_other_features_with_a_fixed_k_are_clustered_by_the_same_functions():
    axes = pa.Table.from_pylist(
        [
            {
                "axis_number": 1,
                "axis_name": "behavior_clusters",
                "population": "orders",
                "feature_number": place,
                "feature": feature,
                "transform": "none",
                "is_lead": place == 1,
                "is_enabled": True,
            }
            for place, feature in enumerate(THREE, 1)
        ]
    )
    found = fit(people(), axes=axes, min_k=5, max_k=5)
    assert [row["segment_number"] for row in rows_of(found, "behavior_clusters")] == [1, 2, 3, 4, 5]


def test_a_position_is_the_share_of_the_stores_people_whose_lead_is_lower():
    """Equal ones stand alike; who is not known or not on the axis has none, and counts for nobody; other stores do not mix."""
    table = pa.table(
        {
            "store_id": ["s"] * 6 + ["t"],
            "customer_id": list("abcdefg"),
            "in_orders": [True] * 5 + [False, True],
            "in_tickets": [False] * 6 + [None],
            "spend": [5.0, 1.0, 5.0, 9.0, 3.0, 9.0, 2.0],
            "spend_is_known": [True] * 4 + [False, True, None],
            "weekend": [0.0] * 7,
            "tickets": [1.0] * 7,
        }
    )
    rows = axis_positions(table, AXES)
    assert rows.schema == POSITIONS
    placed = dict(zip(rows["customer_id"].to_pylist(), rows["axis_position"].to_pylist(), strict=True))
    assert placed == {
        "a": [0.25, 0, None],
        "b": [0, 0, None],
        "c": [0.25, 0, None],
        "d": [0.75, 0, None],
        "e": [None, 0, None],
        "f": [None] * 3,
        "g": [None, 0, None],
    }
    shuffled = axis_positions(table.take([6, 3, 1, 0, 5, 4, 2]), AXES)
    assert dict(zip(shuffled["customer_id"].to_pylist(), shuffled["axis_position"].to_pylist(), strict=True)) == placed
    # what is read of a warehouse is enough
    narrow = table.append_column("email", pa.array(["x"] * 7)).select(sorted(position_columns(AXES) & {*table.column_names}))
    assert axis_positions(narrow, AXES).equals(rows)
