"""What will have happened: predicted distributions and intervals against what drawn shops did."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import betainc, ndtri
from scipy.stats import kstest, norm

from support import cdnow as log
from tessera.btyd import (
    MODELS,
    RHYTHMS,
    Fit,
    alive_probability,
    expectation_interval,
    expected_orders,
    fit_purchases,
    fit_spend,
    group,
    order_distribution,
    order_interval,
    randomised_pit,
    silence_probability,
    simulate,
    simulate_spend,
    total_interval,
    value_interval,
)
from tessera.btyd.simulation import orders_with_rhythm

TRUTH = {
    "bg_nbd": (0.6, 20.0, 0.8, 4.0),
    "mbg_nbd": (0.6, 20.0, 0.8, 4.0),
    "pareto_nbd": (0.6, 20.0, 0.7, 60.0),
    "mbg_cnbd_4": (1.2, 6.0, 0.8, 4.0),
}
SPEND = (3.0, 4.0, 60.0)
AHEAD = 180.0


@pytest.fixture(autouse=True)
def no_warnings():
    with np.errstate(divide="raise", over="raise", invalid="raise"):
        yield


def given(model, values, names=("r", "alpha", "a", "b")):
    """A fit of known parameters."""
    return Fit(model, names, np.array(values), 0.0, 1, True, False, np.zeros((len(values), len(values))))


def shop(model, values, customers, seed):
    """A drawn shop in whole days, and its histories."""
    dice = np.random.default_rng(seed)
    drawn = simulate(model, values, dice.integers(1, 730, customers).astype(float), AHEAD, dice)
    return drawn, group(drawn.frequency, drawn.recency, drawn.age)


def transforms(fit, drawn, histories, ahead=AHEAD):
    """Where the later orders of a shop fell."""
    dice = np.random.default_rng(9).random(len(drawn.later))
    return randomised_pit(
        order_distribution(fit, histories, ahead, drawn.later - 1), order_distribution(fit, histories, ahead, drawn.later), dice
    )


@pytest.mark.parametrize("model", TRUTH)
def test_outcomes_of_a_fitted_shop_are_uniform_in_their_distributions(model):
    drawn, histories = shop(model, TRUTH[model], 20_000, 1)
    found = transforms(fit_purchases(model, histories), drawn, histories)
    assert kstest(found, "uniform").pvalue > 0.01
    assert 0.79 < ((found > 0.1) & (found < 0.9)).mean() < 0.81


@pytest.mark.parametrize("model", TRUTH)
def test_a_wrong_model_is_found_out(model):
    drawn, histories = shop(model, TRUTH[model], 20_000, 1)
    r, alpha, third, fourth = fit_purchases(model, histories).values
    for wrong in ((r, alpha, third / 50, fourth), (20 * r, 20 * alpha, third, fourth)):
        assert kstest(transforms(given(model, wrong), drawn, histories), "uniform").pvalue < 1e-6


def test_customers_who_stop_at_any_time_are_no_shop_of_another_model():
    """BG/NBD fitted to customers who do not stop with an order."""
    drawn, histories = shop("pareto_nbd", (0.6, 5.0, 4.0, 400.0), 8_000, 2)
    right, wrong = (
        kstest(transforms(fit_purchases(model, histories), drawn, histories), "uniform").pvalue
        for model in ("pareto_nbd", "bg_nbd")
    )
    assert right > 0.01 > 1e-6 > wrong


@pytest.mark.parametrize("model", TRUTH)
def test_probabilities_of_orders_add_up_to_their_expectation(model):
    fit, row = given(model, TRUTH[model]), (3.0, 40.0, 60.0)
    numbers = np.arange(3000)
    histories = group(*(np.full(len(numbers), value) for value in row))
    more = 1 - order_distribution(fit, histories, AHEAD, numbers)
    assert more.sum() == pytest.approx(expected_orders(fit, histories, AHEAD)[0], rel=1e-4)
    assert 1 - more[0] == pytest.approx(silence_probability(fit, histories, AHEAD)[0], abs=1e-5)
    assert order_distribution(fit, histories, AHEAD, numbers - 3000).max() == 0


@pytest.mark.parametrize("model", TRUTH)
def test_the_distribution_of_one_customer_is_that_of_many_alike(model):
    """The very customers with this history, out of many drawn ones."""
    dice = np.random.default_rng(3)
    drawn = simulate(model, TRUTH[model], np.full(400_000, 90.0), AHEAD, dice)
    alike = (drawn.frequency == 3) & (np.abs(drawn.recency - 60) < 5)
    histories = group(drawn.frequency[alike], drawn.recency[alike], drawn.age[alike])
    fit = given(model, TRUTH[model])
    for n in (0, 1, 3, 6, 12):
        found = order_distribution(fit, histories, AHEAD, np.full(histories.customers, n)).mean()
        assert (drawn.later[alike] <= n).mean() == pytest.approx(found, abs=0.02)


@pytest.mark.parametrize("model", TRUTH)
def test_intervals_of_orders_hold_what_they_say(model):
    drawn, histories = shop(model, TRUTH[model], 20_000, 4)
    fit = fit_purchases(model, histories)
    least, most = order_interval(fit, histories, AHEAD)
    inside = (drawn.later >= least) & (drawn.later <= most)
    said = order_distribution(fit, histories, AHEAD, most) - order_distribution(fit, histories, AHEAD, least - 1)
    assert said.min() > 0.8 - 1e-9
    assert inside.mean() == pytest.approx(said.mean(), abs=0.01)
    many = (least > 0) & (most - least >= 12)
    assert many.sum() > 400 and 0.78 < inside[many].mean() < 0.87
    assert (order_distribution(fit, histories, AHEAD, most) > 0.9 - 1e-9).all()
    assert (order_distribution(fit, histories, AHEAD, most - 1) < 0.9 + 1e-9).all()
    assert (order_distribution(fit, histories, AHEAD, least - 1) < 0.1 + 1e-9).all()


@pytest.mark.parametrize("model", TRUTH)
def test_intervals_of_value_hold_four_in_five(model):
    drawn, histories = shop(model, TRUTH[model], 20_000, 5)
    mean, spent = simulate_spend(SPEND, drawn.frequency, drawn.later, np.random.default_rng(6))
    fit, spend = fit_purchases(model, histories), fit_spend(drawn.frequency, mean)
    least, most = value_interval(fit, spend, histories, drawn.frequency, mean, AHEAD)
    inside = (spent >= least) & (spent <= most)
    assert (least <= most).all()
    assert (spent <= most)[most > 0].mean() == pytest.approx(0.9, abs=0.02)
    for some in (least > 0, (least > 0) & (drawn.frequency > 20)):
        assert 0.75 < inside[some].mean() < 0.85
    sure = most == 0
    assert inside[sure].mean() == pytest.approx(silence_probability(fit, histories, AHEAD)[sure].mean(), abs=0.01)


@pytest.mark.parametrize("model", TRUTH)
@pytest.mark.parametrize("history", [(0.0, 0.0, 20.0), (3.0, 85.0, 90.0), (60.0, 690.0, 700.0), (900.0, 725.0, 725.0)])
def test_an_interval_of_value_is_where_its_distribution_says(model, history):
    """Every number of orders by itself, where the interval reads a table."""
    p, q, v = SPEND
    fit, spend, money, t = given(model, TRUTH[model]), given("gamma_gamma", SPEND, ("p", "q", "v")), 35.0, 365.0
    numbers = np.arange(3000)
    row = group(*(np.full(len(numbers), value) for value in history))
    at_most = order_distribution(fit, row, t, numbers)
    degrees, scale = p * history[0] + q, v + history[0] * money
    least, most = (end[0] for end in value_interval(fit, spend, row, np.full(3000, history[0]), np.full(3000, money), t))

    def distribution(value):
        return at_most[0] + np.diff(at_most) @ betainc(p * numbers[1:], degrees, value / (value + scale))

    assert most == 0 if at_most[0] >= 0.9 else distribution(most) == pytest.approx(0.9, abs=0.012)
    assert least == 0 if at_most[0] >= 0.1 else distribution(least) == pytest.approx(0.1, abs=0.012)


def test_intervals_of_a_total_hold_four_in_five():
    """Fits of small shops: the parameters are as uncertain as the customers."""
    model, inside, shops = "bg_nbd", 0, 30
    for seed in range(shops):
        drawn, histories = shop(model, TRUTH[model], 300, 1000 + seed)
        _, least, most = total_interval(fit_purchases(model, histories), histories, AHEAD)
        inside += least <= drawn.later.sum() <= most
    assert 0.65 < inside / shops < 0.95


def fates(fit, histories):
    """Distribution of the orders to come of a shop whose parameters are known; a normal one, as of many customers."""
    mean, least, _ = total_interval(fit, histories, AHEAD)
    return norm(mean, (mean - least) / ndtri(0.9))


def expectation_interval_by_parameters(fit, histories):
    """80% interval of the logarithm of every customer's expected orders, by the uncertainty of the parameters alone."""
    step = 1e-4

    def expected(logs):
        return np.log(expected_orders(replace(fit, values=np.exp(logs)), histories, AHEAD))

    logs = np.log(fit.values)
    slopes = np.array([(expected(logs + one) - expected(logs - one)) / (2 * step) for one in np.eye(len(logs)) * step])
    half = ndtri(0.9) * np.sqrt(np.einsum("pn,pq,qn->n", slopes, fit.covariance, slopes))
    return expected(logs) - half, expected(logs) + half


@pytest.mark.torture
@pytest.mark.parametrize(("model", "shops"), [("bg_nbd", 300), ("mbg_nbd", 300), ("pareto_nbd", 100)])
def test_intervals_of_many_totals_and_expectations_hold_four_in_five(model, shops):
    """A total counts by the chance that it falls inside, not by where it fell once: a tenth of the shops say as much."""
    truth, of_total, of_customers, fell = given(model, TRUTH[model]), [], [], []
    for seed in range(shops):
        drawn, histories = shop(model, TRUTH[model], 2_000, 5000 + seed)
        fit, later = fit_purchases(model, histories), fates(truth, histories)
        _, least, most = total_interval(fit, histories, AHEAD)
        of_total.append(later.cdf(most) - later.cdf(least))
        fell.append(later.cdf(drawn.later.sum()))
        some = group(*(column[:200] for column in (drawn.frequency, drawn.recency, drawn.age)))
        below, above = expectation_interval_by_parameters(fit, some)
        right = np.log(expected_orders(truth, some, AHEAD))
        of_customers.append(((below <= right) & (right <= above)).mean())
    assert kstest(fell, "uniform").pvalue > 0.01
    assert 0.75 < np.mean(of_total) < 0.85
    assert 0.75 < np.mean(of_customers) < 0.85


def test_intervals_hold_in_the_second_half_of_cdnow(example_data):
    """Real people, 39 weeks on, who ordered more than the model expects: still more than four in five."""
    rows = log.histories(example_data("cdnow"))
    histories = group(rows["frequency"], rows["recency"], rows["age"])
    fit = fit_purchases("pareto_nbd", histories)
    least, most = order_interval(fit, histories, 39)
    assert 0.8 < ((rows["later"] >= least) & (rows["later"] <= most)).mean() < 0.95


@pytest.mark.parametrize("model", TRUTH)
def test_a_factor_is_one_on_the_probability_of_every_number_of_orders(model):
    fit, histories = given(model, TRUTH[model]), group([3.0, 30.0], [40.0, 600.0], [60.0, 620.0])
    alive = alive_probability(fit, histories)
    of_alive = np.array([1 - order_distribution(fit, histories, AHEAD, np.full(2, n)) for n in range(60)]) / alive
    for factor in (0.3, 1.2):
        least, most = order_interval(fit, histories, AHEAD, factor=np.full(2, factor))
        # P(more than n) of n = 0, 1, ...
        more = np.minimum(factor * alive, 1) * of_alive
        assert most.tolist() == [(more[:, row] > 0.1).sum() for row in range(2)]
        assert least.tolist() == [(more[:, row] > 0.9).sum() for row in range(2)]


@pytest.mark.parametrize("model", TRUTH)
def test_what_is_known_of_an_expectation_holds_four_in_five_of_those_it_is_an_average_of(model):
    """People of known rates and ways of stopping: what is to be expected of each, against what their histories tell of it."""
    dice, (r, alpha, third, fourth) = np.random.default_rng(8), TRUTH[model]
    count, known = 20_000, MODELS[model]
    ages, rate = np.floor(dice.uniform(20, 730, count)), dice.gamma(r, 1 / alpha, count)
    if model == "pareto_nbd":
        stop = np.maximum(dice.gamma(third, 1 / fourth, count), 1e-12)
        end = np.minimum(dice.exponential(size=count) / stop, ages)
        x, gone = dice.poisson(rate * end), np.full(count, False)
    else:
        stop = np.clip(dice.beta(third, fourth, count), 1e-9, 1 - 1e-9)
        coins = dice.geometric(stop) - (model != "bg_nbd")
        fate = np.where(coins > 0, dice.gamma(np.maximum(coins, 1)) / rate, 0)
        end, gone = np.minimum(fate, ages), fate <= ages
        x = np.where(gone, coins, dice.binomial(np.maximum(coins - 1, 0), ages / np.maximum(fate, ages)))
    last = np.where(gone, end, np.where(x > 0, end * dice.random(count) ** (1 / np.maximum(x, 1)), 0))
    if model in RHYTHMS:
        drawn = orders_with_rhythm(rate / known.stages, known.stages, coins + 1, ages, AHEAD, dice)
        x, last = drawn.frequency, drawn.recency
    histories = group(x, last, ages)
    fit = given(model, TRUTH[model], known.parameters)
    expected = expected_orders(fit, histories, AHEAD)
    low, high = (share * expected for share in expectation_interval(fit, histories, AHEAD))
    right = known.alive_given(x, ages - last, rate, stop) * known.expected_given(rate, stop, AHEAD)
    assert right.mean() == pytest.approx(expected.mean(), rel=0.03)
    assert (low <= expected).all() and (expected <= high).all()
    for some in (x == 0, (x > 0) & (x < 4), x > 3):
        assert 0.77 < ((low <= right) & (right <= high))[some].mean() < 0.88


def test_what_the_parameters_leave_open_widens_what_is_known():
    _, histories = shop("mbg_nbd", TRUTH["mbg_nbd"], 150, 3)
    fit = fit_purchases("mbg_nbd", histories)
    sure = expectation_interval(replace(fit, covariance=np.zeros((4, 4))), histories, AHEAD)
    open_ = expectation_interval(fit, histories, AHEAD)
    below, above = expectation_interval_by_parameters(fit, histories)
    expected = expected_orders(fit, histories, AHEAD)
    wider = np.hypot(np.log(sure[1]), np.log(expected) - below)
    assert np.log(open_[1]) == pytest.approx(wider, rel=0.05)
    assert (open_[0] < sure[0]).all() and above.shape == below.shape


def test_spend_is_less_known_than_orders():
    fit, spend = given("mbg_nbd", TRUTH["mbg_nbd"]), given("gamma_gamma", SPEND, ("p", "q", "v"))
    histories = group([3.0, 3.0], [50.0, 50.0], [60.0, 60.0])
    orders = expectation_interval(fit, histories, AHEAD)
    money = expectation_interval(fit, histories, AHEAD, 0.8, spend, [4.0, 0.0])
    assert (money[1] > orders[1]).all() and (money[0] < orders[0]).all()
    assert money[1][1] > money[1][0]


def test_a_level_outside_zero_and_one_is_refused():
    with pytest.raises(ValueError, match="level"):
        order_interval(given("bg_nbd", TRUTH["bg_nbd"]), group([1], [1], [2]), AHEAD, 1.0)


def test_a_transform_lies_between_its_two_probabilities():
    assert list(randomised_pit([0.0, 0.5], [0.5, 0.75], [0.5, 1.0])) == [0.25, 0.75]
