"""Which model predicts what in a store: all are judged by their deviance on the holdout, and one of each target is chosen."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import pyarrow as pa

from tessera.btyd import MODELS, PLAIN, RHYTHMS
from tessera.ltv.challenger import (
    CHALLENGER,
    EARLY,
    LEAST_EVENTS,
    PROPENSITIES,
    RATE,
    RECENCY,
    churn_features,
    crossed,
    early_of,
    first_order_rate,
    fit_churn,
    fit_first_order,
    level_to,
)
from tessera.ltv.clock import Clock, Season, written
from tessera.ltv.ledger import (
    BY_RATIO,
    BY_SEED,
    CHALLENGED,
    CHURN,
    FIRST_ORDER,
    FITTED,
    ORDERS,
    SEASON,
    SPEND,
    UPGRADED,
    VALUE,
    WITH_PRIOR,
)
from tessera.ltv.measuring import Measures, money_deviance, of_amount, of_chance, rate_scaled, spend_scaled
from tessera.ltv.metrics import amount_deviance, poisson_deviance
from tessera.ltv.people import Buyers, Floats, first_lift_of, labels, matrix
from tessera.ltv.purchases import RATIO, ROBUST, Dying, Orders, Ratio, fit_orders, usual_orders
from tessera.ltv.season import LEAST_DAYS, level_of, season_of, swing_of
from tessera.ltv.settings import BEHAVIOUR, DAYS_PER_WEEK, HOLDOUT, NEXT_ORDER_DAYS, NOW
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
from tessera.ltv.store import MARGIN, StoreFit
from tessera.tables import doubles

LEAST_CUSTOMERS = 10
"""Customers with orders of known values that differ, under which no shape of order values is fitted."""
MONTHLY, SEEDED, NO_SEASON = "months", "seed", "none"
SEASON_PASSES = 2
"""The first season comes of a model that knows none; the second mends what that one missed."""
LEAST_SAMPLE, LEAST_OF_KIND = 500, 50
"""People, and people of either outcome, under which there is no challenger."""
LEAST_JUDGES, LEAST_JUDGED = 30, 30
"""People at the holdout cutoff, and orders of theirs in the holdout, under which the plain rate does not take over: the deviance
of so few tells nothing."""
LEAST_RHYTHM, LEAST_OF_RHYTHM = 10, 0.1
"""Repeat buyers, and pauses after a first one as a share of `min_repeat_buyers`, under which nothing is told of a rhythm."""
SURE = 0.05
"""How much smaller the deviance of the first that knows a rhythm must be where few people tell of it."""
TIED = 0.002
"""Models of orders are equally good whose deviances differ by no more."""
LEAST_VISITORS = 50
"""People without an order under which everybody has the same rate of first orders."""


@dataclass(frozen=True)
class Chosen:
    """What predicts the orders of a store: the model as of the holdout cutoff (none without customers then), and now."""

    then: Orders | None
    now: Orders


def choose_season(store: StoreFit, by_seed: Season | None) -> None:
    """Tell the season: by the store's own two years of orders, else by the seed, else none. Both cutoffs get a clock of it."""
    found: dict[str, tuple[str, Season | None]] = {}
    for cutoff, buyers in ((HOLDOUT, store.then), (NOW, store.now)):
        season = None
        if store.stands_alone(buyers) and store.series[cutoff].days >= LEAST_DAYS:
            fitted = None
            for _ in range(SEASON_PASSES):
                seasonal = replace(buyers, clock=Clock.at(store.settings.cutoff(cutoff), season))
                fitted = fit_orders(ROBUST, seasonal, store.purchase_prior(ROBUST, buyers), fitted)
                season = season_of(store.series[cutoff], fitted.fit, season)
        found[cutoff] = (MONTHLY, season) if season else (SEEDED, by_seed) if by_seed else (NO_SEASON, None)
    store.then, store.now = (
        replace(buyers, clock=Clock.at(store.settings.cutoff(cutoff), found[cutoff][1]))
        for cutoff, buyers in ((HOLDOUT, store.then), (NOW, store.now))
    )
    name, season = found[NOW]
    few = (
        f"{store.series[NOW].days} of at least {LEAST_DAYS} days since the store's first orders, {store.now.repeat_buyers} of "
        f"at least {store.settings.min_repeat_buyers} repeat buyers"
    )
    source, reason = {
        MONTHLY: (FITTED, "Actual over expected orders of every month, against the level of the year around it."),
        SEEDED: (BY_SEED, f"By seed seasonality: {few}."),
        NO_SEASON: (BY_RATIO, f"None: {few}."),
    }[name]
    store.add(SEASON, name, source, reason, True, parameters=written(season))


def choose_orders(store: StoreFit) -> Chosen:
    """Choose the model of purchases."""
    then, now, last = store.then, store.now, store.last.get(ORDERS)
    can_choose = store.stands_alone(now) and store.stands_alone(then) and store.next_orders.sum() > 0
    alone = last if last in MODELS else ROBUST
    has_rhythm = can_choose or _tells_of_rhythm(store)
    names = list(PLAIN) if can_choose else [ROBUST if has_rhythm else alone]
    dying: dict[str, Dying] = {}
    fits: dict[str, Orders] = {}
    if len(then):
        dying = {name: _fit_then(store, name) for name in names}
        if has_rhythm:
            dying |= _of_rhythm(store, dying[ROBUST])
            names = list(dying)
        fits = {**dying, RATIO: Ratio.of(then)}
    measured = {name: _order_measures(store, fitted) for name, fitted in fits.items()}
    current: dict[str, Orders] = {
        name: _levelled(store, NOW, fit_orders(name, now, store.purchase_prior(name, now), fits.get(name)), now)
        if len(now)
        else usual_orders()
        for name in names
    } | {RATIO: Ratio.of(now)}
    running = [name for name in names if any(_has_run_away(fit) for fit in (fits.get(name), current[name]))]
    chosen, reason = _choice(store, dying, measured, [name for name in names if name not in running], alone)
    if running:
        reason = f"{_those(running)} found rates that only rise and nobody who stops, which no data bound: not used. {reason}"
    for name, fitted in current.items():
        reason_of_row = reason if name == chosen else f"To compare with: {_deviance_text(measured.get(name))}"
        source = BY_RATIO if name == RATIO else store.source(now) if name == chosen or not can_choose else FITTED
        store.add(ORDERS, name, source, reason_of_row, name == chosen, fitted, measures=measured.get(name))
    return Chosen(fits.get(chosen), current[chosen])


def _fit_then(store: StoreFit, name: str) -> Dying:
    """A model of purchases as of the holdout cutoff."""
    return _levelled(store, HOLDOUT, fit_orders(name, store.then, store.purchase_prior(name, store.then)), store.then)


def _of_rhythm(store: StoreFit, chance: Dying) -> dict[str, Dying]:
    """The model of people with a rhythm that predicts best, by name: ever more even pauses, as long as those predict better.

    None where they do not predict better than pauses as chance makes them.
    """
    best: dict[str, Dying] = {}
    least = _order_measures(store, chance)["deviance"]
    margin = 0.0 if store.stands_alone(store.then) else SURE
    for name in RHYTHMS:
        found = _fit_then(store, name)
        deviance = _order_measures(store, found)["deviance"]
        if _has_run_away(found) or deviance >= least * (1 - margin):
            break
        best, least, margin = {name: found}, deviance, 0.0
    return best


def _tells_of_rhythm(store: StoreFit) -> bool:
    """Whether few repeat buyers of many orders tell of a rhythm: it is seen in pauses between orders, and not in people."""
    pauses = float(np.maximum(store.then.frequency - 1, 0).sum())
    return (
        store.then.repeat_buyers >= LEAST_RHYTHM
        and pauses >= LEAST_OF_RHYTHM * store.settings.min_repeat_buyers
        and store.next_orders.sum() >= LEAST_JUDGED
    )


def _can_judge(store: StoreFit) -> bool:
    """Whether the holdout has people and orders enough to tell models apart."""
    return len(store.then) >= LEAST_JUDGES and store.next_orders.sum() >= LEAST_JUDGED


def _levelled(store: StoreFit, cutoff: str, orders: Dying, buyers: Buyers) -> Dying:
    """A fit at the level of late, where the season is known: half a year is no level else, but half of a season."""
    if not store.stands_alone(buyers) or buyers.clock.season is None:
        return orders
    return replace(orders, level=level_of(store.series[cutoff], orders.fit, buyers.clock))


def _has_run_away(orders: Orders | None) -> bool:
    """Whether a fit ended where parameters may not go further, or found no end at all."""
    return isinstance(orders, Dying) and orders.fit.customers > 0 and (orders.fit.on_edge or not orders.fit.converged)


def _those(names: list[str]) -> str:
    return " and ".join(names)


def _deviance_text(measures: Measures | None) -> str:
    return f"deviance {measures['deviance']:.4f} in the holdout." if measures else "nothing could be measured."


def _order_measures(store: StoreFit, orders: Orders) -> Measures:
    """Of expected orders; the spend baseline is in orders of the store's mean value."""
    then = store.then
    by_spend = spend_scaled(then, store.weeks) / (then.order_value or 1.0)
    return of_amount(orders.expected(then, store.weeks), store.next_orders, by_spend, rate_scaled(then, store.weeks))


def _forgiven(store: StoreFit, orders: Dying) -> float:
    """The deviance of orders in the holdout; where the season is not known, with what past quarters were off at most made good.

    Nobody can know how much of a year falls into one quarter of it.
    """
    expected = orders.expected(store.then, store.weeks)
    if store.then.clock.season is None and expected.sum() > 0:
        swing = swing_of(store.series[HOLDOUT], orders.fit, round(store.weeks * DAYS_PER_WEEK))
        expected = expected * np.clip(store.next_orders.sum() / expected.sum(), 1 / swing, swing)
    return poisson_deviance(expected, store.next_orders)


def _choice(
    store: StoreFit, fits: Mapping[str, Dying], measured: Mapping[str, Measures], names: list[str], alone: str
) -> tuple[str, str]:
    """The model of purchases, and why.

    The plain rate takes over from models that are worse, and would be so too if a season that they cannot know were made good. Of
    the others the least deviance is taken, of equally good ones the one that puts people in the best order.
    """
    has_all = set(PLAIN) <= set(fits)
    why = "" if has_all else _why_few(store)
    if not names:
        return RATIO, "The plain rate predicts."
    if not measured:
        return alone if alone in names else names[0], why
    has_plain = has_all or _can_judge(store)
    if len(names) == 1 and not has_plain:
        few = f"{len(store.then)} people and {store.next_orders.sum():.0f} orders in the holdout"
        return names[0], f"{why} Nothing else took over: {few}, which are too few to judge by."
    plain = measured[RATIO]["deviance"] * (1 - MARGIN if store.last.get(ORDERS) == RATIO else 1)
    better = {name: measured[name]["deviance"] for name in names if not has_plain or _forgiven(store, fits[name]) <= plain}
    deviances = ", ".join(f"{name} {measured[name]['deviance']:.4f}" for name in (*names, RATIO) if name not in better)
    if not better:
        return RATIO, f"{why} The plain rate, than which nothing is better; deviance in the holdout: {deviances}.".strip()
    tied = [name for name, deviance in better.items() if deviance <= min(better.values()) * (1 + TIED)]
    chosen, reason = store.chosen(ORDERS, better, RATIO, max(tied, key=lambda name: measured[name]["gini"] or 0.0))
    return chosen, f"{why} {reason} Not: {deviances}.".strip()


def _why_few(store: StoreFit) -> str:
    """Why not all models of purchases were fitted, and which were not."""
    least = store.settings.min_repeat_buyers
    untried = [name for name in PLAIN if name != ROBUST] + ([] if _tells_of_rhythm(store) else ["models of people with a rhythm"])
    untried_text = f"not tried: {', '.join(untried)}."
    if not store.stands_alone(store.now):
        lean = "other stores' parameters as a prior" if store.others else "a weak prior"
        return f"{store.now.repeat_buyers} of at least {least} repeat buyers: fitted with {lean}; {untried_text}"
    if len(store.then) and not store.next_orders.any():
        return "Nobody ordered in the holdout: little to choose by, and little reason to trust in orders to come."
    before = f"{store.then.repeat_buyers} of at least {least} repeat buyers before the holdout"
    return f"{before}, too little to choose by; {untried_text}"


def choose_spend(store: StoreFit) -> tuple[OrderValue | None, OrderValue, GammaGamma | None]:
    """Choose the model of order value: at the holdout cutoff, now, and the Gamma-Gamma model of then."""
    has_spent = (store.next_valued > 0) & (store.next_spend > 0)
    then = _order_values(store, store.then)
    _lift_first_orders(store, then, has_spent)
    now = _order_values(store, store.now)
    measured = {name: _spend_measures(store, fitted, has_spent) for name, fitted in then.items()} if has_spent.any() else {}
    deviance = {name: measures["deviance"] for name, measures in measured.items() if name in now}
    if deviance:
        chosen, reason = store.chosen(SPEND, deviance, MEAN, GAMMA_GAMMA)
    else:
        chosen, reason = (GAMMA_GAMMA if GAMMA_GAMMA in now else MEAN), "Nobody spent in the holdout: nothing to choose by."
    if GAMMA_GAMMA not in now:
        reason = f"Fewer than {LEAST_CUSTOMERS} customers with two orders or more of a value above zero that differ. {reason}"
    for name, fitted in now.items():
        source = store.source(store.now) if name == GAMMA_GAMMA else BY_RATIO
        reason_of_row = reason if name == chosen else f"To compare with: {_deviance_text(measured.get(name))}"
        store.add(SPEND, name, source, reason_of_row, name == chosen, fitted, measures=measured.get(name))
    shape = then.get(GAMMA_GAMMA)
    return then.get(chosen, then.get(MEAN)), now[chosen], shape if isinstance(shape, GammaGamma) else None


def _lift_first_orders(store: StoreFit, then: dict[str, OrderValue], has_spent: Floats) -> None:
    """Let first orders count as later ones, where that predicts the value of the holdout's orders better."""
    lifted = replace(store.then, first_lift=first_lift_of(store.then))
    if GAMMA_GAMMA not in then or lifted.first_lift == 1 or not has_spent.any():
        return
    fitted = fit_order_value(lifted, store.spend_prior(lifted))
    plain = _spend_measures(store, then[GAMMA_GAMMA], has_spent)["deviance"]
    before, store.then = store.then, lifted
    if _spend_measures(store, fitted, has_spent)["deviance"] > plain * (1 - MARGIN):
        store.then = before
        return
    then[GAMMA_GAMMA], store.now = fitted, replace(store.now, first_lift=first_lift_of(store.now))


def _order_values(store: StoreFit, buyers: Buyers) -> dict[str, OrderValue]:
    """The models of order value that these buyers allow; without any buyers the means are zero."""
    found: dict[str, OrderValue] = {MEAN: Mean(buyers.order_value), STORE_MEAN: StoreMean(buyers.order_value)}
    if can_fit_spend(buyers, LEAST_CUSTOMERS):
        found[GAMMA_GAMMA] = fit_order_value(buyers, store.spend_prior(buyers))
    return found


def _spend_measures(store: StoreFit, spend: OrderValue, has_spent: Floats) -> Measures:
    """Of the mean value of the orders of those who ordered, beside the own mean and the store's."""
    actual = store.next_spend[has_spent] / store.next_valued[has_spent]
    own, expected = store.then.mean_spend[has_spent], spend.expected(store.then)[has_spent]
    return of_amount(expected, actual, own, np.full(len(actual), store.then.order_value), amount_deviance)


def choose_churn(store: StoreFit, orders: Chosen, sample: pa.Table) -> tuple[str, Floats | None]:
    """Choose what tells who orders at all: the model of purchases, or the challenger at its level.

    Returns
    -------
    tuple
        Name, and P(no order in the holdout) of everybody of the sample by the chosen one; none without a sample.
    """
    name, own = orders.now.name, next(row["source"] for row in store.rows if row["target"] == ORDERS and row["is_chosen"])
    chances, reason = {}, "Nobody had ordered before the holdout: the model of orders tells."
    people, outcome = Buyers.of(sample, store.then.clock), (labels(sample)[0] == 0).astype(np.float64)
    if orders.then is not None and len(outcome):
        chances[name] = orders.then.silence(people, store.weeks)
    untried = _no_sample(sample)
    if not untried:
        seed = store.settings.seed
        found = crossed(lambda rows, seen: fit_churn(rows, seen, seed), churn_features(sample), outcome)
        untried = "a half of the sample has one outcome only." if found is None else ""
        if found is not None:
            chances[CHALLENGER] = level_to(found, float(chances[name].mean()))(found)
    measured = {model: of_chance(found, outcome, people.silent_weeks, -people.orders) for model, found in chances.items()}
    chosen = name
    if measured:
        chosen, reason = store.chosen(CHURN, {model: found["deviance"] for model, found in measured.items()}, name, name)
    for model, source in ((name, own), (CHALLENGER, CHALLENGED)):
        reason_of_row = reason if model == chosen else f"To compare with: {_deviance_text(measured.get(model))}"
        if model == CHALLENGER and untried:
            reason_of_row = f"Not tried: {untried}"
        store.add(CHURN, model, source, reason_of_row, model == chosen, measures=measured.get(model))
    return chosen, chances.get(chosen)


def _no_sample(sample: pa.Table) -> str:
    """Why there is no challenger; empty if there is one."""
    if sample.num_rows < LEAST_SAMPLE:
        return f"{sample.num_rows} of at least {LEAST_SAMPLE} customers at the holdout moment."
    orders = labels(sample)[0] > 0
    fewer = int(min(orders.sum(), (~orders).sum()))
    return f"{fewer} of at least {LEAST_OF_KIND} of either outcome." if fewer < LEAST_OF_KIND else ""


def alive_factor(silence: Floats, again: Floats) -> Floats:
    """The factor on all orders of the holdout's time with which someone is as silent as somebody else says.

    Parameters
    ----------
    silence
        P(no order) as that one has it.
    again
        P(an order) in the same time by the model of orders, in all its digits: of people all but gone 1 - P(no order) has none.
    """
    return (1 - silence) / np.maximum(again, 1e-12)


def lasting_factor(factor: Floats, alive: Floats) -> Floats:
    """What of a factor lasts beyond the time in which it was learnt: P(alive) times it is 1 at most.

    Parameters
    ----------
    factor
        From `alive_factor`.
    alive
        P(alive) of the model of orders; NaN where it lets nobody stop, which counts as 1.
    """
    return np.minimum(factor, 1 / np.maximum(np.nan_to_num(alive, nan=1.0), 1e-300))


def value_name(churn: str, orders: str, spend: str) -> str:
    """The name of a model of value, by what it is a product of."""
    return f"{orders}_x_{spend}" if churn == orders else f"{churn}_x_{orders}_x_{spend}"


def choose_value(
    store: StoreFit,
    orders: Chosen,
    spend: tuple[OrderValue | None, OrderValue],
    churn: tuple[str, Floats | None],
    sample: pa.Table,
) -> None:
    """Rows of value: chosen orders times chosen order value, and the plain rate times the own mean to compare with."""
    churn_model, silence = churn
    name = value_name(churn_model, orders.now.name, spend[1].name)
    source = next(row["source"] for row in store.rows if row["target"] == ORDERS and row["is_chosen"])
    reason = "The chosen orders, each of the chosen value of an order."
    plain = value_name(RATIO, RATIO, MEAN)
    if orders.then is None or spend[0] is None or silence is None:
        store.add(VALUE, name, source, reason, True)
        return
    people, (orders_of_people, spent, valued) = Buyers.of(sample, store.then.clock, store.then.first_lift), labels(sample)
    # what nobody knows of what was spent is missed by no prediction
    share = float(valued.sum() / orders_of_people.sum()) if orders_of_people.any() else 1.0
    expected = orders.then.expected(people, store.weeks) * alive_factor(silence, orders.then.again(people, store.weeks))
    predicted = {
        plain: Ratio.of(store.then).expected(people, store.weeks) * Mean(store.then.order_value).expected(people),
        name: expected * spend[0].expected(people),
    }
    baselines = spend_scaled(people, store.weeks), rate_scaled(people, store.weeks) * store.then.order_value
    for model, value in predicted.items():
        measures = of_amount(value * share, spent, *baselines, money_deviance)
        reason_of_row = reason if model == name else f"To compare with: {_deviance_text(measures)}"
        store.add(VALUE, model, source if model == name else BY_RATIO, reason_of_row, model == name, measures=measures)


def choose_first_order(store: StoreFit, sample: pa.Table) -> None:
    """Choose the propensity of a first order: a regression, or the same rate for everybody."""
    has_ordered = (labels(sample)[0] > 0).astype(np.float64)
    rows, rate, ones = matrix(sample, BEHAVIOUR), first_order_rate(has_ordered), int(has_ordered.sum())
    by_recency, by_frequency = -rows[:, BEHAVIOUR.index("days_since_seen")], rows[:, BEHAVIOUR.index("active_days_90")]
    measured: dict[str, Measures] = {}
    if len(has_ordered):
        measured[RATE] = of_chance(rate.predict(rows), has_ordered, by_recency, by_frequency)
    if len(has_ordered) >= LEAST_VISITORS:
        rarer = min(ones, len(has_ordered) - ones)
        for name in (name for name in PROPENSITIES if rarer >= LEAST_EVENTS[name]):
            found = crossed(partial(_first_order_predictor, name), rows, has_ordered)
            if found is not None:
                measured[name] = of_chance(found, has_ordered, by_recency, by_frequency)
    if len(measured) > 1:
        deviance = {name: measures["deviance"] for name, measures in measured.items()}
        chosen, reason = store.chosen(FIRST_ORDER, deviance, RATE)
    else:
        chosen, reason = (
            RATE,
            (
                f"{len(has_ordered)} of at least {LEAST_VISITORS} people without an order at the holdout moment, {ones} of at "
                f"least {LEAST_EVENTS[RECENCY]} with one in it: everybody has the same rate."
            ),
        )
    early = early_of(doubles(sample, NEXT_ORDER_DAYS), store.settings.next_purchase_days, store.settings.holdout_days)
    for name in (RATE, *(name for name in PROPENSITIES if name in measured)):
        fitted = rate if name == RATE else fit_first_order(name, rows, has_ordered)
        reason_of_row = reason if name == chosen else f"To compare with: {_deviance_text(measured.get(name))}"
        store.add(
            FIRST_ORDER,
            name,
            BY_RATIO if name == RATE else FITTED,
            reason_of_row,
            name == chosen,
            parameters={**fitted.weights, EARLY: early},
            measures=measured.get(name),
        )


def _first_order_predictor(name: str, rows: Floats, has_ordered: Floats) -> Callable[[Floats], Floats]:
    return fit_first_order(name, rows, has_ordered).predict


def choose_upgrade(store: StoreFit, then: GammaGamma | None) -> None:
    """The row of upgrades, judged by those who ordered once in the holdout."""
    own = next((row for row in store.rows if row["target"] == SPEND and row["model"] == GAMMA_GAMMA), None)
    once = (store.next_orders == 1) & (store.next_valued == 1) & (store.then.mean_spend > 0)
    measures = {}
    if then is not None and once.any():
        is_upgrade = (store.next_spend >= UPGRADE * store.then.mean_spend)[once].astype(np.float64)
        measures = of_chance(then.upgrade(store.then)[once], is_upgrade)
    reason = (
        f"The next order at least {UPGRADE - 1:.0%} above the own mean; judged by those with one order in the holdout, "
        "beside chance."
    )
    if own is None:
        usual = usual_order_value(store.now.order_value)
        store.add(
            UPGRADED,
            GAMMA_GAMMA,
            WITH_PRIOR,
            "No fit of order values: the usual shape around the store's mean.",
            True,
            parameters=usual.parameters(),
        )
    else:
        store.add(UPGRADED, GAMMA_GAMMA, own["source"], reason, True, parameters=json.loads(own["parameters"]), measures=measures)
        store.rows[-1]["covariance"] = own["covariance"]
