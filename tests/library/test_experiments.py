"""Experiments: the numbers of tea-tasting, false alarms as promised, also of who looks every night, and planted lifts found."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
import tea_tasting as tt
from scipy import stats

from tessera.experiments import (
    STATISTICS,
    Sums,
    adjusted,
    always_valid_half_width,
    detectable_difference,
    difference,
    effective_people,
    experiment_statistics,
    mixing_variance,
    pooled,
    power,
    sample_ratio_p,
    sums_of,
    with_common_variance,
)

RUNS = 2_000


def spending(rng: np.random.Generator, *shape: int) -> np.ndarray:
    """What people spend: most nothing, some a little, few much."""
    return rng.lognormal(3.5, 0.9, shape) * (rng.random(shape) < 0.3)


def with_history(rng: np.random.Generator, people: int) -> tuple[np.ndarray, np.ndarray]:
    """What people spent before and spend now: who spends much stays so."""
    taste = rng.gamma(1.5, 20, people)
    return taste * rng.gamma(6, 1 / 6, people), taste * rng.gamma(6, 1 / 6, people)


def test_differences_are_those_of_tea_tasting():
    rng = np.random.default_rng(3)
    before, now = with_history(rng, 900)
    is_treated = np.arange(900) % 3 == 0
    now = now * np.where(is_treated, 1.2, 1)
    control, treated = (sums_of(now[chosen], before[chosen]) for chosen in (~is_treated, is_treated))
    data = pa.table({"variant": is_treated.astype(int), "now": now, "before": before})
    asked = {
        "plain": tt.Mean("now", equal_var=False, use_t=True),
        "adjusted": tt.Mean("now", "before", equal_var=False, use_t=True),
        "ratio": tt.SampleRatio({0: 2, 1: 1}, method="norm", correction=False),
    }
    theirs = tt.Experiment(asked).analyze(data)
    adjusted_control, adjusted_treated, share = adjusted(control, treated)
    for name, ours in (("plain", difference(control, treated)), ("adjusted", difference(adjusted_control, adjusted_treated))):
        found = theirs[name]
        assert (ours.control, ours.treated) == pytest.approx((found.control, found.treatment))
        assert (ours.difference, ours.low, ours.high) == pytest.approx(
            (found.effect_size, found.effect_size_ci_lower, found.effect_size_ci_upper)
        )
        assert (ours.lift, ours.lift_low, ours.lift_high) == pytest.approx(
            (found.rel_effect_size, found.rel_effect_size_ci_lower, found.rel_effect_size_ci_upper)
        )
        assert ours.p_value == pytest.approx(found.pvalue)
    assert 0.3 < share < 0.7
    assert sample_ratio_p([600, 300], [2, 1]) == pytest.approx(1)
    assert sample_ratio_p([560, 340], [2, 1]) == pytest.approx(stats.chisquare([560, 340], [600, 300]).pvalue)


def test_power_is_that_of_tea_tasting():
    now = spending(np.random.default_rng(5), 4_000)
    half = sums_of(now[:2_000]), sums_of(now[2_000:])
    both = pooled(*half)
    # as theirs plan: arms of one size with the variance of all
    arm = Sums(both.people / 2, both.mean, both.variance, *(np.zeros(()),) * 3)
    ours = difference(arm, arm)
    data = pa.table({"now": now})
    ((theirs),) = tt.Mean("now", rel_effect_size=0.2, equal_var=False).solve_power(data, "power")
    assert power(0.2 * both.mean, ours.variance, ours.freedom) == pytest.approx(theirs.power, abs=2e-3)
    ((least),) = tt.Mean("now", equal_var=False).solve_power(data, "effect_size")
    assert detectable_difference(ours.variance, ours.freedom) == pytest.approx(least.effect_size, rel=1e-2)


def test_two_samples_pooled_are_one():
    rng = np.random.default_rng(7)
    before, now = rng.random(500), rng.random(500)
    one = pooled(sums_of(now[:120], before[:120]), sums_of(now[120:], before[120:]))
    whole = sums_of(now, before)
    assert [float(value) for value in vars(one).values()] == pytest.approx([float(value) for value in vars(whole).values()])


def test_one_look_at_the_end_is_wrong_in_one_of_twenty():
    rng = np.random.default_rng(11)
    found = difference(sums_of(spending(rng, RUNS, 400)), sums_of(spending(rng, RUNS, 400)))
    wrong = np.mean((found.low > 0) | (found.high < 0))
    assert abs(wrong - 0.05) < 4 * np.sqrt(0.05 * 0.95 / RUNS)
    assert np.mean(found.p_value < 0.05) == wrong


def looks(control: np.ndarray, treated: np.ndarray, planned: float) -> tuple[float, float]:
    """How many of the experiments are ever called, by the fixed and by the always-valid interval; shape (looks, runs, people)."""
    fixed, always = np.zeros(control.shape[1], bool), np.zeros(control.shape[1], bool)
    for one, other in zip(control, treated, strict=True):
        seen = ~np.isnan(one[0])
        found = difference(sums_of(one[:, seen]), sums_of(other[:, seen]))
        half = always_valid_half_width(found.variance, effective_people(seen.sum(), seen.sum()), planned)
        fixed |= (found.low > 0) | (found.high < 0)
        always |= np.abs(found.difference) > half
    return float(fixed.mean()), float(always.mean())


@pytest.mark.parametrize("grows", ["people", "time", "habits"])
def test_who_looks_every_night_is_wrong_less_often_than_promised(grows):
    """People come from night to night; or are there from the start and spend by chance, or as they always do."""
    rng, nights, people = np.random.default_rng(13), 20, 300
    arms = []
    for _ in range(2):
        if grows == "people":
            seen = np.broadcast_to(spending(rng, RUNS, people), (nights, RUNS, people)).copy()
            for night in range(nights):
                seen[night, :, 40 + 13 * (night + 1) :] = np.nan
        else:
            taste = rng.gamma(0.3, 1, (RUNS, people)) if grows == "habits" else np.ones((RUNS, people))
            seen = np.cumsum(rng.poisson(0.1 * np.broadcast_to(taste, (nights, RUNS, people))), axis=0).astype(float)
        arms.append(seen)
    # as was planned with what was known before
    last = arms[0][-1]
    planned = mixing_variance(people / 2, np.nanvar(last[: RUNS // 10]))
    fixed, always = looks(*arms, float(planned))
    assert always < 0.05
    if grows != "habits":
        assert fixed > 0.12


def rare_spending(rng: np.random.Generator, sigma: float, runs: int, people: int) -> np.ndarray:
    """What people spend of whom a twentieth buy anything."""
    return rng.lognormal(0, sigma, (runs, people)) * (rng.random((runs, people)) < 0.05)


RARE = [
    pytest.param(1.0, 120, 1_000, id="short"),
    *(
        pytest.param(sigma, people, 4_000, id=f"{sigma}-{people}", marks=pytest.mark.torture)
        for sigma in (0.7, 1.0, 1.5)
        for people in (60, 120, 400, 2_000)
    ),
]


@pytest.mark.parametrize(("sigma", "people", "runs"), RARE)
def test_a_small_control_of_whom_few_buy_is_not_surely_less(sigma, people, runs):
    """A tenth are held out, and nothing is done: by its own variance, a control without a large order would be."""
    rng, found = np.random.default_rng(19), []
    for some in np.array_split(np.arange(runs), max(1, runs * people // 100_000)):
        of_all = rare_spending(rng, sigma, len(some), 10 * people)
        known_before = of_all * rng.gamma(2, 0.5, of_all.shape)
        control, treated = (sums_of(of_all[:, part], known_before[:, part]) for part in np.s_[:people, people:])
        cuped = adjusted(control, treated)[:2]
        arms = (control, treated), with_common_variance(control, treated), with_common_variance(*cuped)
        found.append([difference(*both).p_value < 0.05 for both in arms])
    own, common, of_cuped = np.concatenate(found, axis=1).mean(axis=1)
    assert max(common, of_cuped) < 0.05
    assert own > 0.05 or sigma < 1
    if people == 120 and sigma == 1:
        assert own > 0.12


@pytest.mark.parametrize(("sigma", "people", "runs"), RARE)
@pytest.mark.parametrize("grows", ["people", "time"])
def test_who_looks_every_night_finds_nothing_where_few_buy_and_a_tenth_are_held_out(grows, sigma, people, runs):
    nights, runs = 20, runs // 4 if people <= 400 else 60
    rng = np.random.default_rng(23)
    by_own, by_common = np.zeros(runs, bool), np.zeros(runs, bool)
    spent = np.zeros((runs, 10 * people)) if grows == "time" else rare_spending(rng, sigma, runs, 10 * people)
    for night in range(1, nights + 1):
        there = people if grows == "time" else people // 3 + (people - people // 3) * night // nights
        if grows == "time":
            # a twentieth buy until the end; what an action wins back has bought nothing before, so that nothing is planned with
            spent += rare_spending(rng, sigma, runs, 10 * people) * (rng.random(spent.shape) < 1 / nights)
        own = sums_of(spent[:, :there]), sums_of(spent[:, people : people + 9 * there])
        for called, (control, treated) in ((by_own, own), (by_common, with_common_variance(*own))):
            size = effective_people(there, 9 * there)
            mixing = mixing_variance(effective_people(people / 3, 3 * people), (control.variance + treated.variance) / 2)
            step = difference(control, treated)
            called |= np.abs(step.difference) > always_valid_half_width(step.variance, size, mixing)
    assert by_common.mean() < 0.05
    if people == 120 and sigma == 1:
        assert by_own.mean() > 0.1


def test_plenty_of_people_are_as_sure_by_the_common_variance():
    """A quarter more in the larger arm has half as much variance again: the interval is a fifth wider, and finds it."""
    rng = np.random.default_rng(29)
    control, treated = sums_of(rare_spending(rng, 1.0, 1, 30_000)), sums_of(rare_spending(rng, 1.0, 1, 270_000) * 1.25)
    own, common = difference(control, treated), difference(*with_common_variance(control, treated))
    assert 1 <= float(common.variance[0] / own.variance[0]) < 1.6
    assert common.low > 0
    # of one size, or with the larger variance in the smaller arm, nothing changes
    for one, other in ((control, sums_of(rare_spending(rng, 1.0, 1, 30_000))), (treated, control)):
        fewer = Sums(np.asarray([30_000.0]), *list(vars(one).values())[1:])
        same = with_common_variance(fewer, other)
        assert difference(*same).variance == pytest.approx(difference(fewer, other).variance)


def planted(runs: int, seed: int) -> tuple[float, float, float]:
    """Of experiments with 20,000 people and a lift of 5%: how often intervals cover it, and how narrow CUPED makes them."""
    rng = np.random.default_rng(seed)
    covers, adjusted_covers, widths = [], [], []
    for _ in range(runs):
        before, now = with_history(rng, 20_000)
        now[:10_000] *= 1.05
        control, treated = sums_of(now[10_000:], before[10_000:]), sums_of(now[:10_000], before[:10_000])
        plain, cuped = difference(control, treated), difference(*adjusted(control, treated)[:2])
        covers.append(plain.lift_low < 0.05 < plain.lift_high)
        step = 0.05 * 30
        adjusted_covers.append(cuped.low < step < cuped.high)
        widths.append((cuped.high - cuped.low) / (plain.high - plain.low))
    return float(np.mean(covers)), float(np.mean(adjusted_covers)), float(np.mean(widths))


@pytest.mark.parametrize("runs", [pytest.param(100, id="short"), pytest.param(500, id="long", marks=pytest.mark.torture)])
def test_a_planted_lift_of_a_twentieth_is_covered(runs):
    covers, adjusted_covers, width = planted(runs, 17)
    noise = 4 * np.sqrt(0.05 * 0.95 / runs)
    assert abs(covers - 0.95) < noise
    assert abs(adjusted_covers - 0.95) < noise
    assert width < 0.8


def arm(name: str, number: int, people: int, mean: float, variance: float, **more: object) -> dict[str, object]:
    """A row of the sums of an arm."""
    sums = {
        "covariate_mean": 1.0,
        "covariate_variance": 0.0,
        "covariance": 0.0,
        "first_people": people,
        "first_variance": variance,
    }
    key = {"store_id": "s", "experiment_id": "e", "metric": "revenue", "arm": name, "arm_number": number, "arm_share": 0.5}
    return {**key, "people": people, "mean": mean, "variance": variance, "minimum_lift": 0.05, **sums, **more}


def test_arms_are_held_against_their_control():
    rows = [arm("new", 2, 1_000, 11.0, 90.0), arm("old", 1, 1_000, 10.0, 100.0)]
    found = experiment_statistics(pa.Table.from_pylist(rows))
    assert found.schema == STATISTICS
    old, new = found.to_pylist()
    assert (old["arm"], old["difference"], old["sample_ratio_p"]) == ("old", None, 1.0)
    assert new["difference"] == pytest.approx(1) and new["lift"] == pytest.approx(0.1)
    assert new["always_low"] < new["difference_low"] < 1 < new["difference_high"] < new["always_high"]
    # nothing was known before, so nothing is taken out
    assert new["adjusted_difference"] == new["difference"] and new["variance_reduction"] == 0
    assert 0 < new["power"] < 0.8 and new["people_needed"] > 2_000 and new["detectable_lift"] > 0.05


def test_seven_buyers_of_a_small_control_prove_nothing():
    """Nothing was ever sent, and by permutation of the arms a difference as large is there in one of twenty."""
    rows = [
        arm("held_out", 1, 122, 4.0295, 546.5, first_people=111, first_variance=0.0),
        arm("treated", 2, 1_059, 14.4442, 2529.5, first_people=962, first_variance=0.0),
    ]
    _, treated = experiment_statistics(pa.Table.from_pylist(rows)).to_pylist()
    assert 0.02 < treated["p_value"] < 0.06
    assert treated["adjusted_p_value"] == treated["p_value"]
    assert treated["adjusted_always_low"] < 0 < treated["adjusted_always_high"]
    assert treated["lift_low"] < 0


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [arm("old", 1, 1_000, 10.0, 100.0)],
        [arm("new", 2, 1_000, 10.0, 100.0)],
        [arm("old", 1, 29, 10.0, 100.0), arm("new", 2, 1_000, 10.0, 100.0)],
        [arm("old", 1, 1_000, 0.0, 0.0), arm("new", 2, 1_000, 0.0, 0.0)],
        [arm("old", 1, 0, 0.0, 0.0), arm("new", 2, 0, 0.0, 0.0)],
    ],
)
def test_of_too_little_nothing_is_said(rows):
    table = pa.Table.from_pylist(rows, pa.Table.from_pylist([arm("x", 1, 1, 1.0, 1.0)]).schema)
    found = experiment_statistics(table).to_pylist()
    assert len(found) == len(rows)
    assert {row["difference"] for row in found} <= {None}


def test_arms_without_a_mean_above_nothing_have_no_lift():
    rows = [arm("old", 1, 100, -1.0, 4.0), arm("new", 2, 100, 2.0, 4.0), arm("third", 3, 100, 0.0, 0.0)]
    found = {row["arm"]: row for row in experiment_statistics(pa.Table.from_pylist(rows)).to_pylist()}
    assert found["new"]["difference"] == 3 and found["new"]["lift"] is None and found["new"]["power"] is None
    assert found["third"]["difference"] == 1


def test_numbers_stay_such_as_a_table_holds():
    rows = [arm("old", 1, 100, 1e-9, 1e20), arm("new", 2, 100, 1e15, 1e20)]
    _, new = experiment_statistics(pa.Table.from_pylist(rows)).to_pylist()
    assert new["people_needed"] == 1e15 and new["lift"] == pytest.approx(1e24)
