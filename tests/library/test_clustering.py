"""Clusters and memberships as numbers: against plain oracles, at their edges, and each thing that a segment can become."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.spatial.distance import cdist
from sklearn.metrics import silhouette_samples as sklearn_silhouettes
from threadpoolctl import threadpool_limits

from tessera.axes.clustering import cluster
from tessera.axes.lineage import lineage, match
from tessera.axes.memberships import EXP, FCM, distances, fuzzifier_for, memberships
from tessera.axes.scaling import Moments, significant
from tessera.axes.silhouettes import silhouette_samples

PLANTED = np.array([[-2.0, 0, 0], [0, 2, 0], [2, 0, 0], [0, -2, 1]])


@pytest.fixture(autouse=True)
def one_thread():
    with threadpool_limits(limits=1):
        yield


def blobs(centres=PLANTED, people=300, spread=0.3, seed=1):
    """People around centres, shuffled; features of shape (n, d) and whose centre is whose, shape (n,)."""
    rng = np.random.default_rng(seed)
    planted = rng.permutation(np.repeat(np.arange(len(centres)), people))
    return centres[planted] + rng.normal(0, spread, (len(planted), centres.shape[1])), planted


def plain_memberships(scaled, centres):
    """Four steps, a person at a time."""
    rows = []
    for person in scaled:
        away = [np.sqrt(sum((person - centre) ** 2)) for centre in centres]
        similar = [np.exp(-distance) for distance in away]
        rows.append([similarity / sum(similar) for similarity in similar])
    return np.array(rows)


def test_memberships_are_those_of_the_plain_formula():
    people, _ = blobs(people=50)
    assert np.abs(memberships(people, PLANTED) - plain_memberships(people, PLANTED)).max() < 1e-12


def test_a_customer_near_one_of_three_segments_has_the_shares_of_the_example():
    away = -np.log([0.786, 0.175, 0.039])
    centres = np.array([[away[0]], [-away[1]], [away[2]]])
    assert np.round(memberships(np.zeros((1, 1)), centres), 3).tolist() == [[0.786, 0.175, 0.039]]


@pytest.mark.parametrize("kind", [EXP, FCM])
@pytest.mark.parametrize("far", [0, 1, 750, 1e6, 1e15, 1e200])
def test_a_customer_however_far_away_has_memberships_that_sum_to_1(kind, far):
    people = np.array([[far, 0, 0], [-far, far, far], [0, 0, -far]])
    shares = memberships(people, PLANTED, kind, 2.0)
    assert np.isfinite(shares).all() and (shares >= 0).all() and np.abs(shares.sum(axis=1) - 1).max() < 1e-9


def test_a_customer_a_million_deviations_away_still_leans_to_the_nearer_segment():
    shares = memberships(np.array([[1e6, 0.0, 0.0]]), PLANTED)[0]
    assert shares.argmax() == 2 and shares[2] == pytest.approx(1 / (1 + 2 * np.exp(-2) + np.exp(-4)), rel=1e-4)


@given(
    arrays(np.float64, (5, 3), elements=st.floats(-1e6, 1e6)),
    arrays(np.float64, (4, 3), elements=st.floats(-1e3, 1e3)),
    st.sampled_from([EXP, FCM]),
    st.floats(1.01, 50),
)
def test_any_memberships_are_shares(people, centres, kind, fuzzifier):
    shares = memberships(people, centres, kind, fuzzifier)
    assert (shares >= 0).all() and np.abs(shares.sum(axis=1) - 1).max() < 1e-9
    away = distances(people, centres)
    of_largest = np.take_along_axis(away, shares.argmax(axis=1)[:, None], 1)
    assert (of_largest <= away.min(axis=1, keepdims=True) * (1 + 1e-9) + 1e-9).all()


def test_fuzzy_c_means_is_its_formula():
    people, _ = blobs(people=20)
    away = cdist(people, PLANTED)
    expected = 1 / ((away[:, :, None] / away[:, None, :]) ** (2 / (1.7 - 1))).sum(axis=2)
    assert np.abs(memberships(people, PLANTED, FCM, 1.7) - expected).max() < 1e-12


def test_on_a_centre_fuzzy_c_means_is_wholly_there():
    assert memberships(PLANTED[:1], PLANTED, FCM, 2.0).tolist() == [[1, 0, 0, 0]]


def test_equal_centres_share_who_is_on_them():
    assert memberships(np.zeros((1, 2)), np.array([[0.0, 0], [1, 1], [0, 0]]), FCM, 2.0).tolist() == [[0.5, 0, 0.5]]


def test_fuzzy_c_means_is_hard_near_1_and_equal_far_above():
    person = np.array([[0.5, 0.1, 0.2]])
    assert memberships(person, PLANTED, FCM, 1.001).max() > 0.999
    assert np.ptp(memberships(person, PLANTED, FCM, 1e6)) < 1e-5


@pytest.mark.parametrize(("kind", "fuzzifier"), [("hard", None), (FCM, None), (FCM, 1.0), (FCM, float("nan"))])
def test_memberships_of_another_kind_or_without_a_fuzzifier_are_refused(kind, fuzzifier):
    with pytest.raises(ValueError, match="must be"):
        memberships(PLANTED, PLANTED, kind, fuzzifier)


def mean_entropy(shares):
    """Mean entropy of memberships as a share of the most there can be; a share of 0 adds nothing."""
    return -(shares * np.log(np.where(shares > 0, shares, 1))).sum(axis=1).mean() / np.log(shares.shape[1])


@pytest.mark.parametrize("entropy", [0.2, 0.5, 0.8])
def test_the_fuzzifier_gives_the_entropy_that_is_wished(entropy):
    people = np.concatenate([blobs(spread=0.7)[0], np.repeat(PLANTED, 20, axis=0)])
    fuzzifier = fuzzifier_for(people, PLANTED, entropy)
    assert mean_entropy(memberships(people, PLANTED, FCM, fuzzifier)) == pytest.approx(entropy, abs=1e-6)


def test_an_entropy_out_of_reach_gives_the_end_of_the_range():
    assert fuzzifier_for(PLANTED, PLANTED, 0.5) == pytest.approx(1001, rel=1e-6)


def test_silhouettes_are_those_of_scikit_learn():
    people, planted = blobs(spread=1.0)
    halves = planted // 2
    found = silhouette_samples(people, np.array([planted, halves]))
    assert np.abs(found[0] - sklearn_silhouettes(people, planted)).max() < 1e-9
    assert np.abs(found[1] - sklearn_silhouettes(people, halves)).max() < 1e-9


def test_a_cluster_of_one_and_one_of_equal_rows_are_as_in_scikit_learn():
    people = np.array([[0.0], [0], [0], [5], [0], [0]])
    labels = np.array([0, 0, 0, 1, 2, 2])
    assert silhouette_samples(people, labels[None])[0].tolist() == sklearn_silhouettes(people, labels).tolist()


def test_people_who_differ_by_degrees_are_cut_in_three_or_as_near_as_may_be():
    people = np.random.default_rng(1).normal(0, 1, (400, 3))
    for bounds, k in {(2, 6): 3, (2, 2): 2, (4, 6): 4, (5, 5): 5}.items():
        found = cluster(people, *bounds, 500, 1)
        assert found.kinds.k is None and len(found.centres) == k
        assert sorted(found.silhouettes) == list(range(bounds[0], bounds[1] + 1))


@pytest.mark.parametrize("outliers", [1, 3])
def test_a_few_outliers_are_no_segment_and_change_none(outliers):
    people, _ = blobs(PLANTED[:3], 100)
    far = np.concatenate([people, np.full((outliers, 3), 40.0)])
    assert np.bincount(cluster(far, 3, 3, 500, 1).labels).min() == outliers
    found = cluster(far, 2, 6, 500, 1, least=20)
    assert len(found.centres) == 3 and np.bincount(found.labels).min() >= 100
    assert np.abs(np.sort(found.centres, axis=0) - np.sort(PLANTED[:3], axis=0)).max() < 0.1


def test_a_segment_that_is_too_small_lowers_k_and_none_is_left_where_all_are():
    people = np.concatenate([blobs(PLANTED[:1], 100)[0], blobs(PLANTED[2:3], 30)[0]])
    assert np.bincount(cluster(people, 5, 5, 500, 1, least=25).labels).min() >= 25
    assert len(cluster(people, 2, 6, 500, 1, least=25).centres) == 2
    assert cluster(people, 2, 6, 500, 1, least=80) is None


def test_a_segment_that_there_was_stays_until_it_has_half_of_the_people():
    large = blobs(PLANTED[:2], 40)[0]

    def with_few(people, *known):
        return cluster(np.concatenate([large, blobs(PLANTED[2:3], people)[0]]), 2, 6, 500, 1, 3, 20, *known)

    last = with_few(24)
    assert len(last.centres) == 3
    assert [len(with_few(people, last.centres, 0.5).centres) for people in (24, 12, 9)] == [3, 3, 2]
    # so few are no new segment, beside none and beside those that were elsewhere
    assert len(with_few(12).centres) == len(with_few(12, last.centres[:2] + 40.0, 0.5).centres) == 2


@pytest.mark.parametrize("k", [2, 3, 4])
def test_the_planted_k_is_found(k):
    people, planted = blobs(PLANTED[:k])
    found = cluster(people, 2, 6, 500, 1)
    assert len(found.centres) == k and sorted(found.silhouettes) == [2, 3, 4, 5, 6]
    assert len(set(zip(found.labels.tolist(), planted.tolist(), strict=True))) == k


def test_a_sample_of_the_silhouette_holds_every_cluster_in_proportion(monkeypatch):
    people = np.concatenate([blobs(PLANTED[:1], 400)[0], blobs(PLANTED[2:3], 200)[0], [[90.0, 90, 90]]])
    sizes = []

    def sampled(points, labelings):
        sizes.append(np.sort(np.bincount(labelings[0])).tolist())
        return np.zeros(labelings.shape)

    monkeypatch.setattr("tessera.axes.clustering.silhouette_samples", sampled)
    cluster(people, 3, 3, 63, 1)
    ((one, third, two_thirds),) = sizes
    assert one == 1 and third + two_thirds <= 62 and two_thirds / third == pytest.approx(2, abs=0.15)


def test_a_sampled_silhouette_is_close_to_the_full_one():
    people, _ = blobs(people=1500, spread=0.8)
    full, sampled = (cluster(people, 2, 6, size, 1).silhouettes for size in (10_000, 1000))
    assert max(abs(full[k] - sampled[k]) for k in full) < 0.02


def test_fewer_different_rows_than_k_give_smaller_ks_only():
    people = np.repeat(PLANTED[:3], 50, axis=0)
    assert sorted(cluster(people, 2, 6, 5000, 1).silhouettes) == [2, 3]
    assert sorted(cluster(people, 5, 5, 5000, 1).silhouettes) == [3]


@pytest.mark.parametrize("people", [np.zeros((200, 2)), PLANTED[:2]])
def test_equal_rows_and_two_rows_are_refused(people):
    with pytest.raises(ValueError, match="three rows"):
        cluster(people, 2, 6, 5000, 1)


def test_another_seed_finds_the_same_centres():
    people, _ = blobs(spread=0.6)
    one, other = (np.sort(cluster(people, 4, 4, 5000, seed).centres, axis=0) for seed in (1, 2))
    assert np.abs(one - other).max() < 1e-6


@given(st.lists(st.floats(-1e12, 1e12, allow_subnormal=True), min_size=1, max_size=40), st.randoms())
def test_moments_do_not_depend_on_order_or_batches(values, dice):
    def scaler(part_of, cut):
        moments = Moments(np.array([np.mean(values)]))
        for part in (part_of[:cut], part_of[cut:]):
            moments.add(np.array(part, dtype=np.float64).reshape(-1, 1))
        return moments.scaler()

    shuffled = dice.sample(values, len(values))
    one, other = scaler(values, 0), scaler(shuffled, dice.randint(0, len(values)))
    assert one.mean == other.mean and one.std == other.std
    assert one.mean[0] == pytest.approx(np.mean(values), rel=1e-9, abs=1e-3)
    assert one.std[0] == pytest.approx(np.std(values), rel=1e-6, abs=1e-3)


def test_small_differences_of_large_values_are_not_lost():
    values = 1e9 + np.random.default_rng(1).normal(0, 1e-3, (5000, 1))
    moments = Moments(values.mean(axis=0))
    moments.add(values)
    assert moments.scaler().std[0] == pytest.approx(np.std(values - 1e9), rel=1e-9)


def test_what_large_values_would_swallow_is_not_lost():
    moments = Moments(np.zeros(1))
    moments.add(np.array([[1e150], [1.0]]))
    assert moments.scaler().mean[0] == 5e149
    moments.add(np.array([[-1e150]]))
    assert moments.scaler().mean[0] == pytest.approx(1 / 3, rel=1e-15)


def test_nobody_has_no_moments():
    with pytest.raises(ValueError, match="nobody"):
        Moments(np.zeros(1)).scaler()


def test_pairs_are_the_most_that_can_be_not_the_nearest_first():
    # Nearest first would pair 0.4 with 0.45 and leave 0.0 with 0.9, which is beyond the tolerance.
    pairs, _ = match(np.array([[0.0], [0.4]]), np.array([[0.45], [0.9]]), 0.5)
    assert pairs == {0: 0, 1: 1}


def test_of_as_many_pairs_the_least_distance_is_taken():
    assert match(np.array([[0.0], [0.3]]), np.array([[0.3], [0.0]]), 0.5)[0] == {0: 1, 1: 0}


def test_the_tolerance_is_a_deviation_a_feature_and_its_edge_is_within():
    old, new = np.zeros((1, 4)), np.full((1, 4), 0.5)
    assert match(old, new, 0.5)[0] == {0: 0} and match(old, new * 1.001, 0.5)[0] == {}


def told(old, new, people):
    """What became of segments; centres and people are numbers on a line."""
    old, new, people = (np.array(values, dtype=np.float64)[:, None] for values in (old, new, people))
    return lineage(old, new, people, cdist(people, new).argmin(axis=1), 0.5)


def test_segments_that_stay_are_kept():
    became = told([0, 3, 6], [6.1, 0.5, 2.9], [0, 3, 6])
    assert became.kept == {0: 1, 1: 2, 2: 0} and became.merged == became.split == {}


def test_a_segment_most_of_whose_people_go_to_a_survivor_is_merged_into_it():
    became = told([0, 3, 4], [0, 3.2], [0, 0, 3, 3, 4, 4])
    assert became.kept == {0: 0, 1: 1} and became.merged == {2: 1}


def test_a_segment_whose_people_scatter_dies():
    became = told([0, 4, 8], [0, 8], [0, 3, 3, 5, 5, 8])
    assert became.kept == {0: 0, 2: 1} and became.merged == {}


def test_a_segment_whose_people_go_to_a_newborn_dies():
    became = told([0, 4], [0, 5], [0, 4, 4, 5])
    assert became.kept == {0: 0} and became.merged == became.split == {}


def test_a_newborn_most_of_whose_people_come_from_a_survivor_is_split_from_it():
    became = told([0, 4], [0, 4.2, 5.5], [0, 0, 4, 4, 5.5, 5.5])
    assert became.kept == {0: 0, 1: 1} and became.split == {2: 1}


def test_a_newborn_of_everybodys_people_is_born():
    became = told([0, 4], [0, 2, 4], [0, 1.5, 1.5, 2.5, 2.5, 4])
    assert became.kept == {0: 0, 1: 2} and became.split == {}


def test_significant_digits_have_no_negative_zero():
    assert significant([1 / 3, -1e-300 / 1e300, 123456789012345.0]).tolist() == [0.333333333333, 0.0, 123456789012000.0]
    assert str(significant([-0.0])[0]) == "0.0"
