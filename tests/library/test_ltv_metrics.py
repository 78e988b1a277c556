"""Measures of predictions, by hand and against scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import log_loss, mean_gamma_deviance, roc_auc_score
from sklearn.metrics import mean_absolute_error as their_error

from tessera.ltv.metrics import (
    amount_deviance,
    area_under_curve,
    calibration,
    chance_deviance,
    deciles,
    mean_absolute_error,
    nearest_decile,
    normalised_gini,
    poisson_deviance,
    total_error,
)

DICE = np.random.default_rng(1)
SAID, CAME = DICE.integers(0, 9, 500) / 3, DICE.poisson(1.5, 500)


def test_errors_are_those_of_scikit_learn():
    assert mean_absolute_error(SAID, CAME) == pytest.approx(their_error(CAME, SAID))
    assert area_under_curve(SAID, CAME > 0) == pytest.approx(roc_auc_score(CAME > 0, SAID))


def test_deviances_are_those_of_scikit_learn():
    chances = DICE.uniform(0.05, 0.95, 500)
    assert chance_deviance(chances, CAME > 0) == pytest.approx(2 * log_loss(CAME > 0, chances))
    assert np.isfinite(chance_deviance([0.0, 1.0], [1, 0]))
    amounts, said = DICE.gamma(3, 20, 500), DICE.uniform(20, 90, 500)
    inner = np.clip(amounts, *np.quantile(amounts, [0.01, 0.99]))
    assert amount_deviance(said, amounts) == pytest.approx(mean_gamma_deviance(inner, said))
    assert amount_deviance(said * 7, amounts * 7) == pytest.approx(amount_deviance(said, amounts))


def test_no_single_order_decides_between_values():
    amounts = np.append(DICE.gamma(3, 20, 499), 1e7)
    right, wrong = np.append(np.full(499, 60.0), 60), np.append(np.full(499, 30.0), 1e5)
    assert amount_deviance(right, amounts) < amount_deviance(wrong, amounts)


def test_a_total_a_tenth_too_high_says_so():
    assert total_error([5.5, 5.5], [0, 10]) == pytest.approx(0.1)
    assert total_error([1], [0]) is None


def test_measures_equal_what_a_hand_works_out():
    said, came = [1.0, 2.0, 3.0, 4.0], [0.0, 4.0, 2.0, 6.0]
    assert mean_absolute_error(said, came) == 1.5
    assert total_error(said, came) == pytest.approx(10 / 12 - 1)
    # Outcomes less 3 are -3, 1, -1, 3: by rank of prediction 2 - 3 - 3 + 12 = 8, by own rank 3 - 2 - 3 + 12 = 10.
    assert normalised_gini(said, came) == pytest.approx(0.8)
    assert poisson_deviance([1.0, 2.0], [0.0, 2.0]) == pytest.approx(1.0)


def test_a_tie_counts_half_in_the_curve():
    assert area_under_curve([0.1, 0.5, 0.5, 0.9], [0, 0, 1, 1]) == pytest.approx(3.5 / 4)


def test_more_returned_than_paid_has_no_total_error():
    assert total_error([1.0], [-1.0]) is None


def test_the_deviance_is_least_at_the_mean():
    came = DICE.poisson(1.5, 500)
    at = [poisson_deviance(np.full(500, mean), came) for mean in (came.mean() - 0.1, came.mean(), came.mean() + 0.1)]
    assert at[1] == min(at)
    assert np.isfinite(poisson_deviance(np.zeros(500), came))


def test_a_prediction_belongs_to_the_nearest_decile():
    assert nearest_decile([0.0, 0.14, 0.15, 0.16, 5.0], [0.1, 0.2, 0.9]).tolist() == [0, 0, 0, 1, 2]


def test_the_right_order_is_one_the_wrong_minus_one_and_none_at_all_zero():
    came = np.array([0, 0, 1, 2, 5])
    assert normalised_gini(came * 7, came) == pytest.approx(1)
    assert normalised_gini(-came, came) == pytest.approx(-1)
    assert normalised_gini(np.ones(5), came) == 0
    assert normalised_gini(came, np.ones(5)) is None


def test_measures_do_not_depend_on_the_order_of_rows():
    mixed = DICE.permutation(500)
    for measure in (normalised_gini, calibration):
        assert str(measure(SAID[mixed], CAME[mixed]))[:12] == str(measure(SAID, CAME))[:12]


def test_what_happened_to_nobody_or_to_all_has_no_curve():
    assert area_under_curve([1, 2], [True, True]) is None
    assert area_under_curve([1, 2], [False, False]) is None


def test_equal_predictions_are_in_one_decile():
    tenth = deciles(np.repeat([0.0, 1.0], [95, 5]))
    assert len(np.unique(tenth[:95])) == len(np.unique(tenth[95:])) == 1
    assert list(deciles(np.arange(20))) == list(np.repeat(np.arange(1, 11), 2))


def test_calibration_keeps_every_customer_and_every_total():
    found = calibration(SAID, CAME)
    assert sum(tenth.customers for tenth in found) == 500
    assert sum(tenth.customers * tenth.observed for tenth in found) == pytest.approx(CAME.sum())
    assert [tenth.predicted for tenth in found] == sorted(tenth.predicted for tenth in found)


@pytest.mark.parametrize(("said", "came"), [([], []), ([1], [1, 2]), ([np.nan], [1]), ([1], [np.inf])])
def test_what_cannot_be_compared_is_refused(said, came):
    with pytest.raises(ValueError, match="predictions and outcomes"):
        mean_absolute_error(said, came)
