"""Which model predicts what in a store: each is judged on the holdout, and one of each target is chosen."""

from __future__ import annotations

import json
from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from tessera.clv import MODELS
from tessera.holdout import area_under_curve, mean_absolute_error, mean_squared_error, normalised_gini, poisson_deviance
from tessera.ltv.challenger import (
    CHALLENGER,
    FEATURES,
    LEAST_EVENTS,
    PROPENSITIES,
    RATE,
    RECENCY,
    crossed,
    first_order_rate,
    fit_churn,
    fit_first_order,
    fit_value,
)
from tessera.ltv.ledger import BY_RATIO, CHALLENGED, CHURN, FIRST_ORDER, FITTED, ORDERS, SPEND, UPGRADED, VALUE, WITH_PRIOR
from tessera.ltv.measuring import DIGITS, Measures, of_amount, of_chance, rate_scaled, spend_scaled
from tessera.ltv.people import Buyers, Floats, labels, matrix
from tessera.ltv.purchases import RATIO, ROBUST, Orders, Ratio, fit_orders
from tessera.ltv.settings import BEHAVIOUR
from tessera.ltv.spend import (
    GAMMA_GAMMA,
    MEAN,
    STORE_MEAN,
    UPGRADE,
    GammaGamma,
    Mean,
    OrderValue,
    StoreMean,
    can_fit_spend,
    fit_order_value,
    usual_order_value,
)
from tessera.ltv.store import StoreFit

LEAST_CUSTOMERS = 10
"""Customers with an order under which even a prior has nothing to go with."""
ORDERS_MARGIN, SPEND_MARGIN = 0.01, 0.02
"""How much smaller the deviance (the error) of another model must be before it takes the place of the last fit's."""
AUC_MARGIN, GINI_MARGIN = 0.01, 0.02
"""How much more the challenger must have to take the default's place. Once there, it stays while it is no worse."""
LEAST_SAMPLE, LEAST_OF_KIND = 500, 50
"""People, and people of either outcome, under which there is no challenger; that many people a regression needs too."""


def choose_orders(store: StoreFit) -> tuple[Orders | None, Orders]:
    """Choose the model of purchases; the chosen one as of the holdout moment (none without customers then), and now."""
    then, now, last = store.then, store.now, store.last.get(ORDERS)
    can_choose = store.stands_alone(now) and store.stands_alone(then) and store.next_orders.sum() > 0
    small, small_then = _too_small(now), _too_small(then)
    alone = last if last in MODELS else ROBUST
    names = [] if small else list(MODELS) if can_choose else [alone]
    fits: dict[str, Orders] = {}
    if not small_then:
        fits |= {name: fit_orders(name, then, store.purchase_prior(name, then)) for name in names}
    if len(then):
        fits[RATIO] = Ratio.of(then)
    measured = {name: _order_measures(store, fitted) for name, fitted in fits.items()}
    chosen, reason = (RATIO, f"Plain ratios: {small}.") if small else _choice(store, measured, names, alone)
    source = BY_RATIO if small else store.source(now)
    current = Ratio.of(now) if small else fit_orders(chosen, now, store.purchase_prior(chosen, now), fits.get(chosen))
    store.add(ORDERS, chosen, source, reason, True, current, measures=measured.get(chosen))
    for name in fits:
        if name != chosen:
            told = f"Deviance {measured[name]['deviance']:.4f} in the holdout"
            told = f"To compare with: {told.lower()}." if name == RATIO else f"{told}, not clearly below that of {chosen}."
            is_as_then = small or name == RATIO
            fitted = fits[name] if is_as_then else fit_orders(name, now, store.purchase_prior(name, now), fits[name])
            store.add(ORDERS, name, BY_RATIO if name == RATIO else FITTED, told, False, fitted, measures=measured[name])
    return fits.get(chosen, fits.get(RATIO)), current


def _order_measures(store: StoreFit, orders: Orders) -> Measures:
    """Of expected orders; the spend baseline is in orders of the store's mean value."""
    then = store.then
    expected = orders.expected(then, store.weeks)
    by_spend = spend_scaled(then, store.weeks) / (then.order_value or 1.0)
    return {"deviance": round(poisson_deviance(expected, store.next_orders), DIGITS),
            **of_amount(expected, store.next_orders, by_spend, rate_scaled(then, store.weeks))}


def _choice(store: StoreFit, measured: Mapping[str, Measures], names: list[str], alone: str) -> tuple[str, str]:
    """The model of purchases of a store that has one, and why."""
    if len(names) == 1:
        if not store.stands_alone(store.now):
            lean = "other stores' parameters as a prior" if store.others else "a weak prior"
            return alone, (f"{store.now.repeat_buyers} of at least {store.settings.min_repeat_buyers} repeat buyers: "
                           f"fitted with {lean}, without a choice.")
        if len(store.then) and not store.next_orders.any():
            return alone, "Nobody ordered in the holdout: nothing to choose by, and little reason to trust in orders to come."
        return alone, "Too little before or in the holdout to choose by."
    deviance = {name: measured[name]["deviance"] for name in names}
    best = min(names, key=lambda name: deviance[name])
    told = "deviance of orders in the holdout: " + ", ".join(f"{name} {deviance[name]:.4f}" for name in names)
    last = store.last.get(ORDERS)
    if last in names and deviance[best] >= deviance[last] * (1 - ORDERS_MARGIN):
        return last, f"The last fit's model, no other is {ORDERS_MARGIN:.0%} better; {told}."
    return best, f"The least {told}."


def choose_spend(store: StoreFit) -> tuple[OrderValue | None, OrderValue, GammaGamma | None]:
    """Choose the model of order value: at the holdout moment, now, and the Gamma-Gamma model of then."""
    then, now = (_order_values(store, buyers) for buyers in (store.then, store.now))
    came = (store.next_orders > 0) & (store.next_spend > 0)
    measured = {name: _spend_measures(store, fitted, came) for name, fitted in then.items()} if came.any() else {}
    chosen, reason = _spend_choice(store, measured, now, int(came.sum()))
    for name, fitted in now.items():
        source = store.source(store.now) if name == GAMMA_GAMMA else BY_RATIO
        told = reason if name == chosen else f"To compare with: {_errors_told(measured)}."
        store.add(SPEND, name, source, told, name == chosen, fitted, measures=measured.get(name))
    return then.get(chosen, then.get(MEAN)), now[chosen], then.get(GAMMA_GAMMA)


def _order_values(store: StoreFit, buyers: Buyers) -> dict[str, OrderValue]:
    """The models of order value that these buyers allow; without any buyers the means are zero."""
    found: dict[str, OrderValue] = {MEAN: Mean(buyers.order_value), STORE_MEAN: StoreMean(buyers.order_value)}
    if can_fit_spend(buyers, LEAST_CUSTOMERS):
        found[GAMMA_GAMMA] = fit_order_value(buyers, store.spend_prior(buyers))
    return found


def _spend_measures(store: StoreFit, spend: OrderValue, came: Floats) -> Measures:
    """Of the mean value of the orders of those who ordered, beside the own mean and the store's."""
    actual = store.next_spend[came] / store.next_orders[came]
    own, expected = store.then.mean_spend[came], spend.expected(store.then)[came]
    return of_amount(expected, actual, own, np.full(len(actual), store.then.order_value))


def _spend_choice(
    store: StoreFit, measured: Mapping[str, Measures], possible: Mapping[str, OrderValue], people: int
) -> tuple[str, str]:
    """The model of order value, and why."""
    if GAMMA_GAMMA not in possible:
        return MEAN, f"Fewer than {LEAST_CUSTOMERS} customers with two orders or more of a value above zero that differ."
    if people < store.settings.min_repeat_buyers or GAMMA_GAMMA not in measured:
        least = store.settings.min_repeat_buyers
        return GAMMA_GAMMA, f"{people} of at least {least} people with orders in the holdout to choose by."
    last = store.last.get(SPEND, GAMMA_GAMMA)
    best = min(measured, key=lambda name: measured[name]["mae"])
    if measured[best]["mae"] < measured[last]["mae"] * (1 - SPEND_MARGIN):
        return best, f"The least {_errors_told(measured)}."
    return last, f"No other is {SPEND_MARGIN:.0%} better; {_errors_told(measured)}."


def _errors_told(measured: Mapping[str, Measures]) -> str:
    errors = ", ".join(f"{name} {found['mae']:.4f}" for name, found in measured.items())
    return f"mean absolute error of order value in the holdout: {errors}" if errors else "nothing could be measured"


def choose_churn(store: StoreFit, now: Orders, then: Orders | None, sample: pa.Table) -> None:
    """Rows of churn: the chosen model of purchases, and the challenger."""
    came = (store.next_orders == 0).astype(np.float64)
    measures = {} if then is None else of_chance(
        then.silence(store.then, store.weeks), came, store.then.silent_weeks, -store.then.orders)
    wins, reason, of_challenger = False, _no_sample(sample), {}
    if not reason:
        outcome = (labels(sample)[0] == 0).astype(np.float64)
        people = Buyers.of(sample)
        default = then.silence(people, store.weeks)
        seed = store.settings.seed
        found = crossed(lambda rows, seen: fit_churn(rows, seen, seed).predict, matrix(sample, FEATURES), outcome)
        if found is None:
            reason = "Not tried: a half of the sample has one outcome only."
        else:
            of_challenger = of_chance(found, outcome, people.silent_weeks, -people.orders)
            areas, errors = ([measure(one, outcome) for one in (found, default)]
                             for measure in (area_under_curve, mean_squared_error))
            wins = _wins(store, CHURN, areas, errors, AUC_MARGIN)
            reason = (f"AUC {areas[0]:.4f} against {areas[1]:.4f} and Brier score {errors[0]:.4f} against {errors[1]:.4f} of "
                      f"{now.name} on the same {len(outcome)} people.")
    _add_pair(store, CHURN, now.name, measures, wins, reason, of_challenger)


def choose_value(
    store: StoreFit, now: tuple[Orders, OrderValue], then: tuple[Orders | None, OrderValue | None], sample: pa.Table
) -> None:
    """Rows of value: chosen orders times chosen order value, and the challenger."""
    name = f"{now[0].name}_x_{now[1].name}"
    orders, spend = then
    if orders is None or spend is None:
        _add_pair(store, VALUE, name, {}, False, _no_sample(sample) or "", {})
        return

    def baselines(people: Buyers) -> tuple[Floats, Floats]:
        return spend_scaled(people, store.weeks), rate_scaled(people, store.weeks) * store.then.order_value

    def predicted(people: Buyers) -> Floats:
        return orders.expected(people, store.weeks) * spend.expected(people)

    measures = of_amount(predicted(store.then), store.next_spend, *baselines(store.then))
    wins, reason, of_challenger = False, _no_sample(sample), {}
    if not reason:
        outcome, people, seed = labels(sample)[1], Buyers.of(sample), store.settings.seed
        found = crossed(lambda rows, seen: fit_value(rows, seen, seed).predict, matrix(sample, FEATURES), outcome)
        if found is None:
            reason = "Not tried: a half of the sample spent nothing."
        else:
            of_challenger = of_amount(found, outcome, *baselines(people))
            ginis, errors = ([measure(one, outcome) for one in (found, predicted(people))]
                             for measure in (normalised_gini, mean_absolute_error))
            wins = _wins(store, VALUE, ginis, errors, GINI_MARGIN)
            reason = (f"Gini {ginis[0]:.4f} against {ginis[1]:.4f} and mean absolute error {errors[0]:.4f} against "
                      f"{errors[1]:.4f} of {name} on the same {len(outcome)} people.")
    _add_pair(store, VALUE, name, measures, wins, reason, of_challenger)


def _wins(store: StoreFit, target: str, ranks: list[float], errors: list[float], margin: float) -> bool:
    """Whether the challenger (first of each) ranks better by the margin and errs no more; one in place needs no margin."""
    wanted = 0 if store.last.get(target) == CHALLENGER else margin
    return ranks[0] >= ranks[1] + wanted and errors[0] <= errors[1]


def _no_sample(sample: pa.Table) -> str:
    """Why there is no challenger; empty if there is one."""
    if sample.num_rows < LEAST_SAMPLE:
        return f"Not tried: {sample.num_rows} of at least {LEAST_SAMPLE} customers at the holdout moment."
    orders = labels(sample)[0] > 0
    fewer = int(min(orders.sum(), (~orders).sum()))
    return f"Not tried: {fewer} of at least {LEAST_OF_KIND} of either outcome." if fewer < LEAST_OF_KIND else ""


def _add_pair(
    store: StoreFit, target: str, name: str, measures: Measures, wins: bool, reason: str, of_challenger: Measures
) -> None:
    """Rows of the default and of the challenger."""
    source = next(row["source"] for row in store.rows if row["target"] == ORDERS and row["is_chosen"])
    told = "The challenger is better on the holdout." if wins else "The challenger is not clearly better on the holdout."
    told = told if of_challenger else "The default: no challenger was tried."
    store.add(target, name, source, told, not wins, measures=measures)
    store.add(target, CHALLENGER, CHALLENGED, reason, wins, measures=of_challenger)


def choose_first_order(store: StoreFit, sample: pa.Table) -> None:
    """Rows of the propensity of a first order: the plainer regression, unless the other is better by the margin."""
    has_ordered = (labels(sample)[0] > 0).astype(np.float64)
    rows, rate, ones = matrix(sample, BEHAVIOUR), first_order_rate(has_ordered), int(has_ordered.sum())
    by_recency, by_frequency = -rows[:, BEHAVIOUR.index("days_since_seen")], rows[:, BEHAVIOUR.index("active_days_90")]
    measured: dict[str, Measures] = {}
    if len(has_ordered) >= LEAST_SAMPLE:
        rarer = min(ones, len(has_ordered) - ones)
        for name in (name for name in PROPENSITIES if rarer >= LEAST_EVENTS[name]):
            found = crossed(lambda some, seen, name=name: fit_first_order(name, some, seen).predict, rows, has_ordered)
            if found is not None:
                measured[name] = of_chance(found, has_ordered, by_recency, by_frequency)
    chosen, reason = _propensity_choice(store, measured, len(has_ordered), ones)
    for name, measures in measured.items():
        told = reason if name == chosen else f"AUC {measures['auc']:.4f} in the holdout."
        weights = fit_first_order(name, rows, has_ordered).weights
        store.add(FIRST_ORDER, name, FITTED, told, name == chosen, parameters=weights, measures=measures)
    plain = of_chance(rate.predict(rows), has_ordered, by_recency, by_frequency) if len(has_ordered) else {}
    told = reason if chosen == RATE else "To compare with: the same rate for everybody."
    store.add(FIRST_ORDER, RATE, BY_RATIO, told, chosen == RATE, parameters=rate.weights, measures=plain)


def _propensity_choice(store: StoreFit, measured: Mapping[str, Measures], people: int, ones: int) -> tuple[str, str]:
    """The propensity of a first order, and why."""
    if not measured:
        return RATE, (f"{people} of at least {LEAST_SAMPLE} people without an order at the holdout moment, {ones} of at least "
                      f"{LEAST_EVENTS[RECENCY]} with one in it: everybody has the same rate.")
    last, areas = store.last.get(FIRST_ORDER), {name: measures["auc"] for name, measures in measured.items()}
    current = last if last in areas else next(iter(areas))
    best = max(areas, key=lambda name: areas[name])
    chosen = best if areas[best] >= areas[current] + AUC_MARGIN else current
    told = ", ".join(f"{name} {area:.4f}" for name, area in areas.items())
    if areas[chosen] <= 0.5:
        return RATE, f"No better than chance on people that the fit had not seen; AUC in the holdout: {told}."
    return chosen, f"AUC in the holdout, of people that the fit had not seen: {told}."


def choose_upgrade(store: StoreFit, then: GammaGamma | None) -> None:
    """The row of upgrades, judged by those who ordered once in the holdout."""
    own = next((row for row in store.rows if row["target"] == SPEND and row["model"] == GAMMA_GAMMA), None)
    once = (store.next_orders == 1) & (store.then.mean_spend > 0)
    measures = {}
    if then is not None and once.any():
        came = (store.next_spend >= UPGRADE * store.then.mean_spend)[once].astype(np.float64)
        measures = of_chance(then.upgrade(store.then)[once], came)
    reason = (f"The next order at least {UPGRADE - 1:.0%} above the own mean; judged by those with one order in the holdout, "
              "beside chance.")
    if own is None:
        usual = usual_order_value(store.now.order_value)
        store.add(UPGRADED, GAMMA_GAMMA, WITH_PRIOR, "No fit of order values: the usual shape around the store's mean.", True,
                  parameters=usual.parameters())
    else:
        store.add(UPGRADED, GAMMA_GAMMA, own["source"], reason, True, parameters=json.loads(own["parameters"]), measures=measures)


def _too_small(buyers: Buyers) -> str | None:
    """Why there is no fit of purchases even with a prior."""
    if len(buyers) < LEAST_CUSTOMERS:
        return f"{len(buyers)} of at least {LEAST_CUSTOMERS} customers with an order"
    if buyers.age.max() <= 0:
        return "no order is a day old"
    return None
