"""Lifetime value: the published numbers, another library, integrals by brute force, and shops whose truth is known."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import beta as beta_function
from scipy.special import gamma as gamma_function
from scipy.stats import gamma as gamma_distribution

from support import cdnow as log
from tessera.btyd import (
    MODELS,
    PLAIN,
    Fit,
    Prior,
    alive_probability,
    discounted_orders,
    expected_orders,
    expected_orders_of_new,
    expected_spend,
    fit_purchases,
    fit_spend,
    group,
    order_interval,
    purchase_likelihood,
    silence_probability,
    simulate,
    simulate_spend,
    time_to_next_order,
    total_interval,
)
from tessera.btyd.histories import thin
from tessera.btyd.hypergeometric import gauss_ratio
from tessera.btyd.rhythm import MbgCnbd

TRUTH = {
    "bg_nbd": (0.6, 20.0, 0.8, 4.0),
    "mbg_nbd": (0.6, 20.0, 0.8, 4.0),
    "pareto_nbd": (0.6, 20.0, 0.7, 60.0),
    "mbg_cnbd_4": (1.2, 6.0, 0.8, 4.0),
}
GRID = [
    ("bg_nbd", (0.25, 4.4, 0.8, 2.4)),
    ("bg_nbd", (2.0, 60.0, 1.0, 9.0)),
    ("bg_nbd", (0.5, 30.0, 0.1, 0.3)),
    ("mbg_nbd", (0.5, 6.2, 0.9, 1.6)),
    ("mbg_nbd", (2.0, 60.0, 1.0, 0.5)),
    ("mbg_nbd", (0.3, 9.0, 3.0, 8.0)),
    ("pareto_nbd", (0.55, 10.6, 0.6, 11.7)),
    # lifetimes takes its time
    *(
        pytest.param("pareto_nbd", values, marks=pytest.mark.torture)
        for values in ((2.0, 90.0, 1.0, 20.0), (0.5, 8.0, 0.3, 300.0))
    ),
]
WEAK = {
    "bg_nbd": Prior((0, 4, 0, 1), (1, 1, 1, 1)),
    "mbg_nbd": Prior((0, 4, 0, 1), (1, 1, 1, 1)),
    "pareto_nbd": Prior((0, 4, 0, 4), (1, 1, 1, 1)),
    "mbg_cnbd_4": Prior((0, 3, 0, 1), (1, 1, 1, 1)),
}


@pytest.fixture(autouse=True)
def no_warnings():
    """A value that is not a number is a failure, not a warning; only numbers too small for a float may be zero."""
    with np.errstate(divide="raise", over="raise", invalid="raise"), warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        yield


@pytest.fixture(scope="module")
def cdnow(example_data):
    return log.histories(example_data("cdnow"))


def given(model, *values):
    """A fit of known parameters."""
    return Fit(model, MODELS[model].parameters, np.array(values), 0.0, 1, True, False, np.zeros((4, 4)))


def shop(model, values, customers, seed=1, t=180.0):
    """A drawn shop of people between a day and two years old, and its histories."""
    dice = np.random.default_rng(seed)
    drawn = simulate(model, values, dice.uniform(1, 730, customers), t, dice)
    return drawn, group(drawn.frequency, drawn.recency, drawn.age)


def one(*history):
    return group(*([value] for value in history))


@pytest.mark.parametrize(
    ("model", "values", "likelihood"),
    [
        ("bg_nbd", (0.243, 4.414, 0.793, 2.426), -9582.4),
        ("mbg_nbd", (0.525, 6.183, 0.891, 1.614), -9582.1),
        ("pareto_nbd", (0.553, 10.578, 0.606, 11.669), -9595.0),
    ],
)
def test_the_published_fits_of_cdnow_come_out(cdnow, model, values, likelihood):
    fit = fit_purchases(model, group(cdnow["frequency"], cdnow["recency"], cdnow["age"]))
    assert tuple(np.round(fit.values, 3)) == values
    assert round(fit.log_likelihood, 1) == likelihood
    assert (fit.customers, fit.converged, fit.on_edge) == (2357, True, False)


def test_the_published_spend_of_cdnow_comes_out(cdnow):
    fit = fit_spend(cdnow["frequency"], cdnow["spend"])
    assert tuple(np.round(fit.values, 2)) == (6.25, 3.74, 15.44)
    assert (fit.customers, fit.converged) == (946, True)


def test_the_published_expectation_of_cdnow_comes_out():
    found = expected_orders(given("bg_nbd", 0.243, 4.414, 0.793, 2.426), one(2, 30.43, 38.86), 39)
    assert round(float(found[0]), 3) == 1.226


@pytest.mark.parametrize("model", PLAIN)
def test_the_second_half_of_cdnow_is_forecast(cdnow, model):
    """All three fall short of what came, as they are known to on this log."""
    histories = group(cdnow["frequency"], cdnow["recency"], cdnow["age"])
    expected = expected_orders(fit_purchases(model, histories), histories, 39)
    assert expected.sum() == pytest.approx(cdnow["later"].sum(), rel=0.17)


@pytest.mark.parametrize(("model", "values"), GRID)
def test_lifetimes_says_the_same(model, values):
    import lifetimes

    drawn, histories = shop(model, values, 1500)
    name = {"bg_nbd": "BetaGeoFitter", "mbg_nbd": "ModifiedBetaGeoFitter", "pareto_nbd": "ParetoNBDFitter"}[model]
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        other = getattr(lifetimes, name)().fit(drawn.frequency, drawn.recency, drawn.age)
        fit = given(model, *other.params_)
        orders = other.conditional_expected_number_of_purchases_up_to_time(90, drawn.frequency, drawn.recency, drawn.age)
        alive = other.conditional_probability_alive(drawn.frequency, drawn.recency, drawn.age)
        unconditional = float(other.expected_number_of_purchases_up_to_time(90))
    known = np.isfinite(orders)
    assert known.mean() > 0.9
    assert expected_orders(fit, histories, 90)[known] == pytest.approx(np.asarray(orders)[known], rel=1e-6)
    assert alive_probability(fit, histories) == pytest.approx(np.asarray(alive), abs=1e-6)
    assert expected_orders_of_new(fit, 90) == pytest.approx(unconditional, rel=1e-6)
    theirs, _ = purchase_likelihood(MODELS[model], histories, np.log(fit.values))
    ours = fit_purchases(model, histories)
    assert ours.log_likelihood >= theirs - 1e-6


def test_lifetimes_says_the_same_of_spend():
    import lifetimes

    drawn, _ = shop("bg_nbd", TRUTH["bg_nbd"], 3000)
    mean, _ = simulate_spend((6.25, 3.74, 15.44), drawn.frequency, drawn.later, np.random.default_rng(2))
    fit, again = fit_spend(drawn.frequency, mean), drawn.frequency > 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        other = lifetimes.GammaGammaFitter().fit(drawn.frequency[again], mean[again])
        theirs = other.conditional_expected_average_profit(drawn.frequency, mean)
    assert fit.values == pytest.approx(np.asarray(other.params_), rel=1e-3)
    assert expected_spend(fit, drawn.frequency, mean) == pytest.approx(np.asarray(theirs), rel=1e-3)


@pytest.mark.parametrize("history", [(0, 0.0, 30.0), (3, 12.0, 30.0), (3, 30.0, 30.0), (0, 0.0, 0.0)])
@pytest.mark.parametrize("values", [(0.6, 20.0, 0.7, 60.0), (1.5, 60.0, 1.0, 5.0)])
def test_pareto_nbd_is_its_integral(history, values):
    """The likelihood as the plain integral over the time of stopping, of rates by the gamma function."""
    (x, recency, age), (r, alpha, s, beta) = history, values
    factor = gamma_function(r + x) / gamma_function(r) * alpha**r
    stopped, _ = quad(lambda u: (alpha + u) ** -(r + x) * s / beta * (1 + u / beta) ** -(s + 1), recency, age, epsrel=1e-12)
    still = (alpha + age) ** -(r + x) * (1 + age / beta) ** -s
    found, _ = purchase_likelihood(MODELS["pareto_nbd"], one(*history), np.log(values), gradient=False)
    assert found == pytest.approx(np.log(factor * (stopped + still)), rel=1e-9, abs=1e-9)
    assert alive_probability(given("pareto_nbd", *values), one(*history))[0] == pytest.approx(still / (stopped + still))


@pytest.mark.parametrize(("model", "first"), [("bg_nbd", 0), ("mbg_nbd", 1)])
@pytest.mark.parametrize("a", [0.3, 1.0, 1.00003, 4.0, 80.0])
@pytest.mark.parametrize("history", [(0, 0.0, 5.0), (4, 40.0, 90.0)])
def test_expected_orders_are_their_integral(model, first, a, history):
    """Over the rate and the coin of someone alive, (1 - exp(-rate p t)) / p."""
    (x, _, age), (r, alpha, b), t = history, (0.4, 12.0, 0.5), 365
    stays = b + x + first

    def of_coin(p):
        return (1 - (1 + p * t / (alpha + age)) ** -(r + x)) / p * p ** (a - 1) * (1 - p) ** (stays - 1)

    whole = sum(quad(of_coin, low, high, epsabs=0, epsrel=1e-9, limit=200)[0] for low, high in ((0, 1e-3), (1e-3, 0.5), (0.5, 1)))
    fit = given(model, r, alpha, a, b)
    expected = whole / beta_function(a, stays) * alive_probability(fit, one(*history))[0]
    assert expected_orders(fit, one(*history), t)[0] == pytest.approx(expected, rel=1e-4 if a > 50 else 1e-6)


@pytest.mark.parametrize("history", [(0, 0.0, 30.0), (3, 12.0, 30.0), (3, 30.0, 30.0), (5, 50.0, 52.0)])
@pytest.mark.parametrize("stages", [2, 4, 8])
def test_a_rhythm_is_its_integral(history, stages):
    """Over the rate, by how likely a pause of so many stages lasts longer than the silence; coins by the beta function."""
    (x, recency, age), (r, alpha, a, b) = history, (1.5, 4.0, 0.8, 2.5)

    def of_rate(rate, silence):
        waits = gamma_distribution(stages, scale=1 / rate).sf(silence)
        return gamma_distribution(r, scale=1 / alpha).pdf(rate) * rate ** (stages * x) * np.exp(-rate * recency) * waits

    still, stopped = (
        quad(of_rate, 0, np.inf, args=(silence,), epsabs=0, epsrel=1e-11, limit=300)[0] * coins / beta_function(a, b)
        for silence, coins in ((age - recency, beta_function(a, b + x + 1)), (0.0, beta_function(a + 1, b + x)))
    )
    model = f"mbg_cnbd_{stages}"
    found, _ = purchase_likelihood(MODELS[model], one(*history), np.log((r, alpha, a, b)), gradient=False)
    assert found == pytest.approx(np.log(still + stopped), rel=1e-8, abs=1e-8)
    assert alive_probability(given(model, r, alpha, a, b), one(*history))[0] == pytest.approx(still / (still + stopped))


@pytest.mark.parametrize("history", [(0, 0.0, 20.0), (3, 40.0, 60.0), (30, 600.0, 610.0), (5, 100.0, 400.0)])
def test_a_rhythm_of_one_stage_is_chance(history):
    plain, alike = MODELS["mbg_nbd"], MbgCnbd(1)
    values, (x, recency, age) = np.array([0.6, 20.0, 0.8, 4.0]), (np.array([float(part)]) for part in history)
    silent = age - recency
    assert alike.log_a3(values, x, age, silent) == pytest.approx(plain.log_a3(values, x, age, silent))
    for t in (5.0, 90.0, 2000.0):
        of_chance = plain.expected(plain.posterior(values, x, age, silent), np.array([t]))
        assert alike.expected(alike.posterior(values, x, age, silent), np.array([t])) == pytest.approx(of_chance, rel=1e-4)


def test_whoever_orders_every_four_weeks_is_due_then_and_soon_gone_after():
    """Twelve orders of 28 days: what is expected within a week, and of the next 90 days, as time goes by."""
    rhythm, chance = given("mbg_cnbd_8", 5.0, 20.0, 1.0, 15.0), given("mbg_nbd", 5.0, 140.0, 1.0, 15.0)
    fresh, due, late = ((12, 336, 336 + silent) for silent in (2, 26, 90))
    soon = [1 - silence_probability(rhythm, one(*history), 7)[0] for history in (fresh, due)]
    assert soon[0] < 0.01 and soon[1] > 0.4
    assert expected_orders(rhythm, one(*fresh), 90)[0] == pytest.approx(2.8, abs=0.2)
    assert alive_probability(rhythm, one(*late))[0] < 0.1 < 0.4 < alive_probability(chance, one(*late))[0]


def test_the_gauss_function_is_its_integral():
    dice = np.random.default_rng(3)
    b, n = np.exp(dice.uniform(-3, 9, 40)), 1 + np.exp(dice.uniform(-2, 3, 40))
    rest = 10 ** dice.uniform(-6, 0, 40)
    for place, found in enumerate(gauss_ratio(b, b + n, rest)):
        m, c, small = b[place], b[place] + n[place], rest[place]
        points = np.log(np.array([small, 1, c]) / c)

        def integrand(s, m=m, c=c, small=small):
            y = np.exp(s)
            return y * np.exp(-y - (c - m) * np.log1p((1 - small) / small * -np.expm1(-y / (c - 1)))) / small

        whole = quad(integrand, -40, 4, points=np.clip(points, -39, 3), epsabs=0, epsrel=1e-11, limit=500)[0]
        assert found == pytest.approx(whole, rel=1e-9)


@pytest.mark.parametrize(("model", "values"), TRUTH.items())
def test_a_gradient_is_the_slope(model, values):
    _, histories = shop(model, values, 300)
    logs = np.log(values) + 0.1
    _, slope = purchase_likelihood(MODELS[model], histories, logs)
    for number, step in enumerate(np.eye(4) * 1e-4):
        up, down = (purchase_likelihood(MODELS[model], histories, logs + way * step, gradient=False)[0] for way in (1, -1))
        assert slope[number] == pytest.approx((up - down) / 2e-4, rel=1e-5, abs=1e-4)


@pytest.mark.parametrize(("model", "values"), TRUTH.items())
def test_parameters_are_found_the_better_the_more_customers(model, values):
    errors = []
    for customers in (1_000, 16_000):
        fit = fit_purchases(model, shop(model, values, customers)[1])
        errors.append(fit.standard_errors)
        assert np.abs((np.log(fit.values) - np.log(values)) / fit.standard_errors).max() < 3.5
    assert errors[0] / errors[1] == pytest.approx(4, rel=0.5)


def test_spend_is_found_the_better_the_more_customers():
    values = (6.25, 3.74, 15.44)
    for customers, least in ((1_000, 0.1), (100_000, 0.01)):
        drawn, _ = shop("bg_nbd", TRUTH["bg_nbd"], customers)
        mean, _ = simulate_spend(values, drawn.frequency, drawn.later, np.random.default_rng(4))
        fit = fit_spend(drawn.frequency, mean)
        assert np.abs((np.log(fit.values) - np.log(values)) / fit.standard_errors).max() < 3.5
        assert least < fit.standard_errors.max() < 5 * least


@pytest.mark.parametrize("model", TRUTH)
def test_rows_in_any_order_and_grouped_or_not_fit_alike(model):
    drawn, _ = shop(model, TRUTH[model], 500)
    days = np.stack([drawn.frequency, np.floor(drawn.recency), np.ceil(drawn.age)])
    fit = fit_purchases(model, group(*days))
    mixed = fit_purchases(model, group(*days[:, np.random.default_rng(5).permutation(500)]))
    assert (fit.values == mixed.values).all()
    one_by_one = sum(purchase_likelihood(MODELS[model], one(*row), np.log(fit.values), gradient=False)[0] for row in days.T)
    assert fit.log_likelihood == pytest.approx(one_by_one, rel=1e-12)


@pytest.mark.parametrize("model", TRUTH)
def test_answers_come_in_the_order_of_the_customers(model):
    fit, rows = given(model, *TRUTH[model]), np.array([[5, 80, 90], [0, 0, 90], [5, 10, 90], [5, 80, 90], [1, 30, 40]]).T
    for ask in (
        alive_probability,
        time_to_next_order,
        lambda *of: expected_orders(*of, 90),
        lambda *of: order_interval(*of, 90)[1],
        lambda *of: silence_probability(*of, 90),
        lambda *of: discounted_orders(*of, (1,), 0.1, 365.25)[:, 0],
    ):
        together = ask(fit, group(*rows))
        assert list(together) == [ask(fit, one(*row))[0] for row in rows.T]


@pytest.mark.parametrize("model", TRUTH)
def test_silence_is_the_ratio_of_likelihoods(model):
    fit = given(model, *TRUTH[model])
    later, now = (purchase_likelihood(MODELS[model], one(3, 40, 60 + t), np.log(fit.values), gradient=False)[0] for t in (90, 0))
    assert silence_probability(fit, one(3, 40, 60), 90)[0] == pytest.approx(np.exp(later - now))
    assert silence_probability(fit, one(3, 40, 60), 0)[0] == 1


def test_silence_tells_one_time_buyers_apart_where_alive_does_not():
    fit, histories = given("bg_nbd", *TRUTH["bg_nbd"]), group([0, 0], [0, 0], [10, 500])
    assert list(alive_probability(fit, histories)) == [1, 1]
    fresh, old = silence_probability(fit, histories, 90)
    assert fresh + 0.3 < old


@pytest.mark.parametrize("model", TRUTH)
def test_the_next_order_comes_by_its_time_with_one_half(model):
    fit, history = given(model, *TRUTH[model]), (6, 80, 90)
    wait = time_to_next_order(fit, one(*history))[0]
    assert silence_probability(fit, one(*history), wait)[0] == pytest.approx(0.5, abs=1e-9)
    assert time_to_next_order(fit, one(6, 80, 700))[0] == np.inf


@pytest.mark.parametrize("model", TRUTH)
def test_discounting_takes_a_part_and_without_it_nothing(model):
    fit, histories = given(model, *TRUTH[model]), group([0, 6], [0, 80], [20, 90])
    plain = discounted_orders(fit, histories, (1, 3), 0, 365.25)
    assert plain[:, 1] == pytest.approx(expected_orders(fit, histories, 3 * 365.25))
    part = discounted_orders(fit, histories, (1, 3), 0.1, 365.25) / plain
    assert ((part[:, 0] > 1.1**-0.5) & (part[:, 0] < 1) & (part[:, 1] > 1.1**-1.5) & (part[:, 1] < part[:, 0])).all()


def test_expected_spend_lies_between_the_customer_and_everybody():
    fit = Fit("gamma_gamma", ("p", "q", "v"), np.array([6.25, 3.74, 15.44]), 0.0, 1, True, False, np.zeros((3, 3)))
    everybody = 6.25 * 15.44 / 2.74
    assert expected_spend(fit, [0, 0], [0, 99]) == pytest.approx([everybody, everybody])
    few, many = expected_spend(fit, [1, 100], [100, 100])
    assert everybody < few < many < 100
    assert 0 < expected_spend(fit, [3], [0])[0] < everybody


DEGENERATE = {
    "one customer": ([3], [50], [60]),
    "all alike": ([2] * 50, [10] * 50, [20] * 50),
    "all of one age": ([0, 1, 2, 5] * 20, [0, 10, 30, 80] * 20, [90] * 80),
    "ordered just now": ([1, 2, 3] * 10, [50, 60, 70] * 10, [50, 60, 70] * 10),
    "one order again": ([0] * 99 + [1], [0] * 99 + [5], [100] * 100),
    "thousands of orders": ([5000, 4000, 0, 1] * 5, [3650, 3000, 0, 10] * 5, [3650] * 20),
    "all orders at once": ([0] * 50 + [2] * 5, [0] * 55, [0] * 50 + [10] * 5),
}


@pytest.mark.parametrize("model", TRUTH)
@pytest.mark.parametrize("case", DEGENERATE)
@pytest.mark.parametrize("with_prior", [True, False])
def test_poor_data_gives_bounded_numbers(model, case, with_prior):
    histories = group(*DEGENERATE[case])
    fit = fit_purchases(model, histories, WEAK[model] if with_prior else None)
    assert fit.converged and np.isfinite(fit.values).all() and (fit.values > 0).all()
    assert (fit.standard_errors <= 10.001).all()
    for share in (alive_probability(fit, histories), silence_probability(fit, histories, 90)):
        assert ((share >= 0) & (share <= 1)).all()
    expected = expected_orders(fit, histories, 90)
    assert np.isfinite(expected).all() and (expected >= 0).all()
    assert not np.isnan(time_to_next_order(fit, histories)).any()
    least, most = order_interval(fit, histories, 90)
    assert (least <= most).all() and np.isfinite(most).all() and np.isfinite(total_interval(fit, histories, 90)).all()


def test_nobody_ordering_again_needs_a_prior():
    histories = group([0, 0], [0, 0], [30, 60])
    with pytest.raises(ValueError, match="needs a prior"):
        fit_purchases("bg_nbd", histories)
    assert 0 < expected_orders(fit_purchases("bg_nbd", histories, WEAK["bg_nbd"]), histories, 90).max() < 1


def test_a_strong_prior_wins_over_scarce_data_and_loses_to_much():
    prior = Prior(tuple(np.log((1.0, 30.0, 1.0, 5.0))), (0.05, 0.05, 0.05, 0.05))
    few, many = (fit_purchases("bg_nbd", shop("bg_nbd", TRUTH["bg_nbd"], size)[1], prior) for size in (20, 40_000))
    assert few.values == pytest.approx([1.0, 30.0, 1.0, 5.0], rel=0.1)
    assert many.values == pytest.approx(TRUTH["bg_nbd"], rel=0.2)


@pytest.mark.parametrize(
    ("history", "said"),
    [
        (([], [], []), "no customers"),
        (([1], [1], [2, 3]), "one length"),
        (([np.nan], [0], [2]), "missing"),
        (([1.5], [1], [2]), "whole"),
        (([-1], [0], [2]), "whole"),
        (([1], [3], [2]), "between 0 and age"),
        (([1], [-1], [2]), "between 0 and age"),
        (([0], [1], [2]), "no repeat order"),
    ],
)
def test_what_is_no_history_is_refused(history, said):
    with pytest.raises(ValueError, match=said):
        group(*history)


def test_what_cannot_be_fitted_or_asked_is_refused():
    with pytest.raises(ValueError, match="unknown model"):
        fit_purchases("nbd", one(1, 1, 2))
    with pytest.raises(ValueError, match="no time has passed"):
        fit_purchases("bg_nbd", group([0, 2], [0, 0], [0, 0]))
    with pytest.raises(ValueError, match="a mean and an sd"):
        fit_purchases("bg_nbd", one(1, 1, 2), Prior((0.0,), (1.0,)))
    with pytest.raises(ValueError, match="t must be"):
        expected_orders(given("bg_nbd", *TRUTH["bg_nbd"]), one(1, 1, 2), -1)
    with pytest.raises(ValueError, match="above zero"):
        fit_spend([0, 2], [9, 0])
    with pytest.raises(ValueError, match="0 or more"):
        fit_spend([1], [-9])


def test_prices_of_zero_are_left_out_of_the_fit_of_spend():
    orders, mean = np.array([1, 2, 3, 4, 5] * 20), np.array([10, 12, 9, 30, 14] * 20)
    fit = fit_spend(np.append(orders, [3, 0]), np.append(mean, [0, 7]))
    assert fit.customers == 100
    assert fit.values == pytest.approx(fit_spend(orders, mean).values, rel=1e-4)


def test_spend_that_is_all_alike_is_expected_again():
    fit = fit_spend([1, 2, 3] * 10, [25.0] * 30)
    assert expected_spend(fit, [0, 1, 9], [0, 25, 25]) == pytest.approx([25, 25, 25], rel=0.01)


def test_weights_are_customers():
    rows, times = (np.array([1, 2, 3]), np.array([10.0, 30.0, 20.0])), np.array([30, 5, 12])
    weighted = fit_spend(*rows, weight=times)
    repeated = fit_spend(*(np.repeat(column, times) for column in rows))
    assert weighted.customers == repeated.customers == 47
    assert weighted.values == pytest.approx(repeated.values, rel=1e-4)


def test_a_sample_keeps_the_shape_of_the_shop():
    drawn, histories = shop("bg_nbd", TRUTH["bg_nbd"], 20_000)
    few = thin(histories, 1_000)
    assert few.customers == 1_000
    assert np.average(few.frequency, weights=few.weight) == pytest.approx(drawn.frequency.mean(), rel=0.01)


def test_simulated_rates_are_gamma():
    drawn = simulate("pareto_nbd", (2.0, 10.0, 1.0, 1e9), np.full(20_000, 10.0), 1, np.random.default_rng(6))
    spread = gamma_distribution(2.0, scale=1 / 10).var() * 100 + gamma_distribution(2.0, scale=1 / 10).mean() * 10
    assert drawn.frequency.var() == pytest.approx(spread, rel=0.05)


@pytest.mark.torture
@pytest.mark.parametrize(("model", "values"), GRID)
def test_fits_of_many_shops_are_unbiased_within_their_errors(model, values):
    away = []
    for seed in range(40):
        fit = fit_purchases(model, shop(model, values, 4_000, seed)[1])
        away.append((np.log(fit.values) - np.log(values)) / fit.standard_errors)
    assert np.abs(np.mean(away, axis=0)).max() < 0.8
    assert np.std(away, axis=0).min() > 0.6 and np.std(away, axis=0).max() < 1.5
