"""Kinds of people: the dip test against values worked out by hand and its own null, and what is found in planted samples."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.cluster import KMeans
from threadpoolctl import threadpool_limits

from tessera.axes.kinds import dip, dip_p_value, kinds, spread_out

THREE = np.array([-1.1, 0.3, 1.6])


@pytest.fixture(autouse=True)
def one_thread():
    with threadpool_limits(limits=1):
        yield


def found(people, seed=1, last_k=None):
    scaled = (people - people.mean(axis=0)) / people.std(axis=0)
    most = min(6, len(np.unique(people, axis=0)) - 1)
    labelings = {k: KMeans(k, n_init=2, random_state=1).fit(scaled).labels_ for k in range(2, most + 1)}
    return kinds(scaled, labelings, seed, last_k)


def planted(rng, spread, people=2000, features=3):
    """Three kinds whose centres are 1.3 to 1.4 apart, read by several features."""
    position = THREE[rng.choice(3, people, p=[0.45, 0.35, 0.2])] + spread * rng.standard_normal(people)
    return position[:, None] + 0.2 * rng.standard_normal((people, features))


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1, 2, 3, 4], 1 / 8),  # evenly spaced is as far from one peak as any sample of four must be
        ([0, 0, 0, 0], 0.0),
        ([0, 1, 100, 101], 0.25 * 99 / 100),  # two pairs, far apart
        (list(range(10)), 1 / 20),
    ],
)
def test_the_dip_is_the_distance_to_the_nearest_distribution_of_one_peak(values, expected):
    assert dip(np.array(values, dtype=np.float64)) == pytest.approx(expected, abs=1e-9)


def test_the_dip_neither_moves_nor_stretches_with_the_values():
    values = np.random.default_rng(1).normal(size=200)
    assert dip(values) == pytest.approx(dip(-7 * values + 1000), abs=1e-9)


@pytest.mark.parametrize("size", [30, 300, 3000])
def test_p_values_of_evenly_distributed_samples_are_what_they_say(size):
    rng = np.random.default_rng(size)
    p_values = np.array([dip_p_value(rng.random(size)) for _ in range(300)])
    assert 0.02 <= (p_values < 0.05).mean() <= 0.085 and 0.15 <= (p_values < 0.2).mean() <= 0.25


def test_fewer_than_twenty_values_tell_nothing():
    assert dip_p_value(np.array([0.0] * 9 + [1.0] * 9)) == 1.0


@pytest.mark.parametrize(
    "draw",
    [
        lambda rng, size: rng.normal(size=size),
        lambda rng, size: rng.lognormal(size=size),
        lambda rng, size: rng.gamma(0.5, size=size),
        lambda rng, size: rng.poisson(1.2, size=size),
        lambda rng, size: np.exp(rng.normal(size=(size[0], 1)) + 0.4 * rng.normal(size=size)),
    ],
    ids=["normal", "lognormal", "gamma", "counts", "one skewed position"],
)
def test_one_kind_however_skewed_is_never_several(draw):
    for seed, size in enumerate([(150, 1), (400, 2), (1000, 3), (1000, 6)]):
        assert found(draw(np.random.default_rng(seed), size).astype(np.float64)).k is None


@pytest.mark.parametrize("strength", [0, 1.0])
def test_rates_of_one_or_two_trials_are_no_kinds_by_themselves(strength):
    for seed in range(6):
        rng = np.random.default_rng(seed)
        trials = np.repeat(1 + rng.poisson(0.6 + seed % 2, size=(600, 1)), 2, axis=1)
        assert found((rng.binomial(trials, 0.3) + strength) / (trials + strength / 0.3)).k is None


def test_kinds_with_gaps_between_them_are_counted():
    ks = [found(planted(np.random.default_rng(seed), 0.25)).k for seed in range(5)]
    assert ks == [3] * 5


def test_kinds_that_run_into_each_other_are_degrees():
    assert found(planted(np.random.default_rng(1), 1.0)).k is None


def test_three_kinds_need_less_than_others_once_there_are_kinds():
    """What an axis without kinds is cut into is believed at 10% a pair; two kinds are not cut in three for that."""
    first = found(planted(np.random.default_rng(15), 0.36, people=1500))
    assert first.k == 3 and 0.05 <= first.apart_p[3] < 0.3
    for seed in range(6):
        rng = np.random.default_rng(seed)
        two = rng.choice([-0.8, 1.2], 1500, p=[0.6, 0.4]) + 0.45 * rng.standard_normal(1500)
        assert found(two[:, None] + 0.2 * rng.standard_normal((1500, 3))).k == 2


def test_the_last_k_stays_while_it_is_not_unlikely():
    people = planted(np.random.default_rng(16), 0.36, people=1500)
    first = found(people)
    assert first.k == 2 and 0.3 <= first.apart_p[3] < 0.5
    assert found(people, last_k=3).k == 3
    assert found(people, last_k=4).k == found(people, last_k=2).k == 2


@pytest.mark.torture
@pytest.mark.parametrize(
    "draw",
    [
        lambda rng, size: rng.normal(size=size),
        lambda rng, size: rng.gamma(0.5, size=size),
        lambda rng, size: rng.exponential(size=size),
        lambda rng, size: rng.lognormal(size=size),
        lambda rng, size: rng.poisson(1.2, size=size),
        lambda rng, size: np.exp(rng.normal(size=(size[0], 1)) + 0.4 * rng.normal(size=size)),
    ],
    ids=["normal", "gamma", "exponential", "lognormal", "counts", "one skewed position"],
)
def test_none_of_240_samples_of_one_kind_is_taken_for_several(draw):
    for seed in range(10):
        for size in [(150, 1), (400, 2), (1000, 3), (1000, 6)]:
            assert found(draw(np.random.default_rng(1000 + seed), size).astype(np.float64), seed).k is None


def test_values_are_spread_half_way_to_their_neighbours_and_no_farther():
    points = np.repeat(np.arange(4.0), 50)[:, None]
    moved = (spread_out(points, 1) - points)[:, 0]
    # every value is common, so that the step is added twice: once to the neighbours, once to the feature
    assert np.abs(moved).max() <= 1.0 and np.abs(moved).max() > 0.5 and (spread_out(points, 1) == spread_out(points, 1)).all()
    few = np.random.default_rng(1).normal(size=(100, 1))
    assert np.abs(spread_out(few, 1) - few).max() <= np.diff(np.sort(few[:, 0])).max() / 2
