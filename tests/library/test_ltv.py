"""Predictions per store: which model is chosen and why, when it is fitted again, and what is said of everybody."""

from __future__ import annotations

import json
import warnings
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from scipy.stats import gamma, nbinom

from tessera.btyd import MODELS, RHYTHMS, group, silence_probability, simulate, simulate_spend
from tessera.ltv import (
    BEHAVIOUR,
    LTV_MODELS,
    PREDICTIONS,
    TARGETS,
    PredictionReader,
    Settings,
    challenger_sample,
    choosing,
    fit_ltv,
    score_ltv,
    scoring,
)
from tessera.ltv.challenger import Propensity, early_of
from tessera.ltv.measuring import of_amount
from tessera.ltv.people import Buyers, first_lift_of
from tessera.ltv.purchases import PRIORS, Ratio, orders_of
from tessera.ltv.spend import Mean, usual_order_value
from tessera.ltv.store import StoreFit

NIGHT = datetime(2025, 6, 1, 3)
WEEKS = 13.0
TRUTHS = {"bg_nbd": (0.8, 10, 1.2, 2.5), "mbg_nbd": (0.8, 10, 1.2, 2.5), "pareto_nbd": (0.8, 10, 0.6, 12)}
OF_RHYTHM = {"mbg_cnbd_8": (4.0, 2.5, 0.8, 8.0)}
GAMMA_GAMMA = (6.0, 4.0, 15.0)
TYPES = {
    "store_id": pa.string(),
    "customer_id": pa.string(),
    "sample_key": pa.string(),
    "cutoff": pa.string(),
    "frequency": pa.int64(),
    "orders_count": pa.int64(),
    "next_orders": pa.int64(),
    "next_valued_orders": pa.int64(),
}
COLUMNS = (
    "store_id",
    "customer_id",
    "sample_key",
    "cutoff",
    "frequency",
    "recency_weeks",
    "age_weeks",
    "repeat_spend",
    "net_revenue",
    "orders_count",
    "mean_spend",
    "valued_orders",
    "valued_repeats",
    *BEHAVIOUR,
    "due_days",
    "next_orders",
    "next_spend",
    "next_valued_orders",
    "next_order_days",
)

pytestmark = pytest.mark.filterwarnings("error")


def table(rows, store="s"):
    """Features of columns: what is not given is 0, or absent where someone has no order; money is a mean of 20 an order."""
    count = len(rows["frequency"])
    frequency = np.asarray(rows["frequency"], dtype=float)
    orders = np.nan_to_num(frequency + 1)
    mean = np.asarray(rows.get("mean_spend", np.where(orders > 0, 20.0, np.nan)), dtype=float)
    filled = {
        "store_id": [store] * count,
        "customer_id": [f"c{number:06d}" for number in range(count)],
        "sample_key": [f"{key:016x}" for key in np.random.default_rng(7).permutation(count)],
        "cutoff": [rows.get("cutoff", "now")] * count,
        "orders_count": orders,
        "mean_spend": mean,
        "repeat_spend": np.where(frequency > 0, mean, np.nan),
        "net_revenue": np.nan_to_num(mean * orders),
        "valued_orders": orders,
        "valued_repeats": np.nan_to_num(frequency),
        "next_orders": np.full(count, np.nan),
        "next_spend": np.full(count, np.nan),
        "next_order_days": np.full(count, np.nan),
        "due_days": np.full(count, np.nan),
        **dict.fromkeys(BEHAVIOUR, np.zeros(count)),
        **{name: values for name, values in rows.items() if name != "cutoff"},
    }
    filled.setdefault("next_valued_orders", filled["next_orders"])
    arrays = {
        name: pa.array(filled[name], TYPES.get(name))
        if isinstance(filled[name], list)
        else pa.array(np.asarray(filled[name], dtype=float), from_pandas=True).cast(TYPES.get(name, pa.float64()))
        for name in COLUMNS
    }
    return pa.table(arrays)


@cache
def shop(model="mbg_nbd", customers=1500, store="s", seed=1, people=0):
    """A shop that obeys a model, at both cutoffs, and people without an order.

    The rows of now have the histories of the holdout cutoff: enough to fit and to score, and the truth stays known.
    """
    dice = np.random.default_rng(seed)
    drawn = simulate(model, (TRUTHS | OF_RHYTHM)[model], np.ceil(dice.uniform(1, 104, customers)), WEEKS, dice)
    mean, later = simulate_spend(GAMMA_GAMMA, drawn.frequency + 1, drawn.later, dice)
    none = np.full(people, np.nan)
    seen = dice.uniform(1, 90, people)
    came = dice.random(people) < 0.5 * np.exp(-seen / 20)

    def rows(cutoff, **given):
        return table(
            {
                "cutoff": cutoff,
                "frequency": np.append(drawn.frequency, none),
                "mean_spend": np.append(mean, none),
                "recency_weeks": np.append(drawn.recency, none),
                "age_weeks": np.append(drawn.age, none),
                "days_since_seen": np.append((drawn.age - drawn.recency) * 7, seen),
                **given,
            },
            store,
        )

    return pa.concat_tables(
        [rows("holdout", next_orders=np.append(drawn.later, came), next_spend=np.append(later, came * 20.0)), rows("now")]
    )


def settings(**changes):
    return pa.Table.from_pylist([{"as_of": NIGHT, **changes}])


def reading(features):
    connection = duckdb.connect()
    connection.from_arrow(features).create("features")
    return PredictionReader(connection, connection.table("features"))


def fit(features, earlier=None, **changes):
    return fit_ltv(reading(features), settings(**changes), LTV_MODELS.empty_table() if earlier is None else earlier)


def score(features, ledger, batch=1000, **changes):
    now = features.filter(pc.equal(features["cutoff"], "now"))
    sample = challenger_sample(reading(features), ledger, settings(**changes))
    return score_ltv(now.to_batches(batch), ledger, sample, settings(**changes)).read_all()


@cache
def fitted(model="mbg_nbd", people=0):
    return fit(shop(model, people=people))


def rows_of(ledger, target, store="s"):
    return {row["model"]: row for row in ledger.to_pylist() if (row["target"], row["store_id"]) == (target, store)}


def chosen(ledger, target, store="s"):
    (found,) = (row for row in rows_of(ledger, target, store).values() if row["is_chosen"])
    return found


def columns(predictions):
    return {name: predictions[name].to_numpy() for name in predictions.column_names}


# Choice


@pytest.mark.parametrize("truth", TRUTHS)
def test_the_true_model_wins_or_ties(truth):
    deviance = {name: row["deviance"] for name, row in rows_of(fitted(truth), "orders").items()}
    assert set(deviance) == {*TRUTHS, "ratio"}
    assert deviance[truth] <= min(deviance[name] for name in TRUTHS) * 1.01
    assert chosen(fitted(truth), "orders")["deviance"] == min(deviance[name] for name in TRUTHS)


def test_people_with_a_rhythm_are_predicted_by_one_and_others_by_none():
    """Pauses of eight stages; of nobody's shop above is a model with a rhythm the better one."""
    ledger = fitted("mbg_cnbd_8")
    row = chosen(ledger, "orders")
    assert row["model"] in RHYTHMS and row["log_likelihood"] is None
    assert set(rows_of(ledger, "orders")) == {*TRUTHS, row["model"], "ratio"}
    found = columns(score(shop("mbg_cnbd_8"), ledger))
    one_story(found)
    rest = columns(score(shop("mbg_cnbd_8"), with_choice(ledger, "orders", "mbg_nbd")))
    later = np.nan_to_num(shop("mbg_cnbd_8")["next_orders"].to_numpy().astype(float)[: len(found["store_id"])])
    error = [np.abs(by["expected_orders_90days"].astype(float) - later * 90 / 91).mean() for by in (found, rest)]
    assert error[0] < error[1] * 0.9


def test_every_target_has_one_chosen_model_with_a_reason():
    for ledger in (fitted(), fitted(people=2000)):
        assert sorted(row["target"] for row in ledger.to_pylist() if row["is_chosen"]) == sorted(TARGETS)
        assert all(row["reason"] and row["source"] for row in ledger.to_pylist())


@pytest.mark.parametrize("target", ["orders", "churn", "value", "spend", "upgrade"])
def test_predictions_beat_their_baselines_where_the_model_is_true(target):
    assert chosen(fitted(), target)["beats_baselines"] is True


def test_baselines_are_beaten_on_one_measure_and_not_each_on_another():
    actual = np.array([0.0, 0, 4, 8])
    too_high, ranked, close = np.array([10.0, 0, 40, 80]), np.array([0.0, 0, 400, 800]), np.array([5.0, 0, 4, 0])
    assert of_amount(too_high, actual, ranked, ranked)["beats_baselines"]
    assert of_amount(too_high, actual, close, close)["beats_baselines"]
    assert not of_amount(too_high, actual, ranked, close)["beats_baselines"]


def test_parameters_of_the_chosen_models_are_those_of_the_shop():
    orders, spend = chosen(fitted(), "orders"), chosen(fitted(), "spend")
    fit_now = orders_of(orders["model"], json.loads(orders["parameters"]))
    drawn = group([0, 3, 8], [0, 20, 50], [50, 50, 52])
    truth = orders_of("mbg_nbd", dict(zip(("r", "alpha", "a", "b"), TRUTHS["mbg_nbd"], strict=True)))
    expected = silence_probability(truth.fit, drawn, WEEKS)
    assert silence_probability(fit_now.fit, drawn, WEEKS) == pytest.approx(expected, abs=0.05)
    assert spend["model"] == "gamma_gamma"
    assert json.loads(spend["parameters"])["q"] == pytest.approx(4, rel=0.25)
    assert orders["converged"] and set(json.loads(orders["standard_errors"])) == set(json.loads(orders["parameters"]))


def test_the_own_mean_is_not_chosen_where_it_tells_nothing():
    dice, features = np.random.default_rng(3), shop()
    count = features.num_rows // 2
    mean = pa.array(np.tile(dice.lognormal(3, 1, count), 2))
    features = features.set_column(COLUMNS.index("mean_spend"), "mean_spend", mean)
    spend = pc.multiply(features["next_orders"].cast(pa.float64()), pa.array(np.tile(dice.lognormal(3, 0.2, count), 2)))
    found = fit(features.set_column(COLUMNS.index("next_spend"), "next_spend", spend))
    assert rows_of(found, "spend")["gamma_gamma"]["mae"] < rows_of(found, "spend")["mean"]["mae"]
    assert chosen(found, "spend")["model"] != "mean"


def test_the_last_choice_stays_unless_another_is_clearly_better():
    deviance = {name: rows_of(fitted(), "orders")[name]["deviance"] for name in TRUTHS}
    last = sorted(deviance, key=deviance.get)[1]
    assert deviance[last] * 0.99 < min(deviance.values()) < deviance[last]
    row = chosen(fit(shop(), with_choice(fitted(), "orders", last), as_of=NIGHT + timedelta(days=7)), "orders")
    assert row["model"] == last and row["reason"].startswith("The last fit's model, no other is 1% better")


def with_choice(ledger, target, model):
    """A ledger in which another model of a target is chosen."""
    rows = ledger.to_pylist()
    for row in rows:
        if row["target"] == target:
            row["is_chosen"] = row["model"] == model
    return pa.Table.from_pylist(rows, LTV_MODELS)


def test_a_model_that_is_clearly_worse_does_not_stay():
    features, dice = shop(), np.random.default_rng(4)
    age = features["age_weeks"].to_numpy()
    # Who orders goes on: nobody ever stops, which BG/NBD and the others fit alike; whoever ordered once does not come back.
    again = np.where(features["frequency"].to_numpy() > 0, dice.poisson(features["frequency"].to_numpy() / age * WEEKS), 0)
    labels = pa.array(again.astype(np.int64))
    features = features.set_column(COLUMNS.index("next_orders"), "next_orders", labels)
    deviance = {name: row["deviance"] for name, row in rows_of(fit(features), "orders").items()}
    best, worst = min(deviance, key=deviance.get), max(TRUTHS, key=deviance.get)
    assert deviance[worst] * 0.99 > deviance[best]
    later = fit(features, with_choice(fitted(), "orders", worst), as_of=NIGHT + timedelta(days=7))
    assert chosen(later, "orders")["model"] == best


def test_a_fit_that_runs_to_the_edge_gives_way_to_the_plain_rate_and_says_so(monkeypatch):
    fits = choosing.fit_orders
    for edge in ({"on_edge": True}, {"converged": False}):

        def run_away(*given, edge=edge):
            found = fits(*given)
            return replace(found, fit=replace(found.fit, **edge))

        monkeypatch.setattr(choosing, "fit_orders", run_away)
        row = chosen(fit(shop(customers=60)), "orders")
        assert (row["model"], row["source"]) == ("ratio", "ratio")
        assert row["reason"].startswith("mbg_nbd found rates that only rise and nobody who stops")


def test_nothing_that_is_worse_than_the_plain_one_is_chosen():
    for ledger in (*(fitted(truth) for truth in TRUTHS), fit(DEGENERATE["prices of zero"][0]), fit(shop(customers=60))):
        for target, plain in (("orders", "ratio"), ("spend", "mean"), ("first_order", "rate")):
            rows = rows_of(ledger, target)
            if rows[plain]["deviance"] is not None:
                assert chosen(ledger, target)["deviance"] <= rows[plain]["deviance"]


# Challenger


@cache
def behavioural():
    """A shop where who comes back is whoever was active, whatever they ordered."""
    dice, count = np.random.default_rng(5), 1500
    age = np.ceil(dice.uniform(20, 104, count))
    frequency = dice.poisson(1.5, count).astype(float)
    recency = np.where(frequency > 0, age * dice.random(count), 0)
    active = dice.poisson(2, count).astype(float)
    later = dice.poisson(np.where(active > 2, 2.5, 0.02)).astype(float)
    given = {
        "frequency": frequency,
        "recency_weeks": recency,
        "age_weeks": age,
        "active_days_30": active,
        "mean_spend": dice.lognormal(3, 0.3, count),
    }
    return pa.concat_tables([table({"cutoff": "holdout", **given, "next_orders": later, "next_spend": later * 20}), table(given)])


@cache
def behavioural_ledger():
    return fit(behavioural())


def test_of_models_of_orders_that_are_as_good_the_one_that_ranks_best_is_taken(monkeypatch):
    store = object.__new__(StoreFit)
    monkeypatch.setattr(choosing, "_forgiven", lambda _, deviance: deviance)

    def choice(last=None, **found):
        store.last = {} if last is None else {"orders": last}
        measured = {name: {"deviance": deviance, "gini": gini} for name, (deviance, gini) in found.items()}
        fits = {name: measures["deviance"] for name, measures in measured.items()}
        return choosing._choice(store, fits, measured, [name for name in found if name != "ratio"], "mbg_nbd")[0]

    alike = {"bg_nbd": (1.001, 0.3), "mbg_nbd": (1.0, 0.2), "pareto_nbd": (1.02, 0.9), "ratio": (1.2, 0.95)}
    assert choice(**alike) == "bg_nbd" and choice("mbg_nbd", **alike) == "mbg_nbd"
    assert choice(**alike | {"bg_nbd": (1.003, 0.3)}) == "mbg_nbd"
    assert choice(**alike | {"ratio": (0.99, 0.0)}) == choice("ratio", **alike | {"ratio": (1.005, 0.0)}) == "ratio"


def test_the_challenger_wins_where_behaviour_is_the_truth_and_the_ledger_says_so():
    features = behavioural()
    ledger = behavioural_ledger()
    churn, value = chosen(ledger, "churn"), chosen(ledger, "value")
    assert (churn["model"], churn["source"], churn["beats_baselines"]) == ("challenger", "challenger", True)
    assert "challenger" in churn["reason"] and churn["deviance"] == min(
        row["deviance"] for row in rows_of(ledger, "churn").values() if row["deviance"]
    )
    assert value["model"].startswith("challenger_x_") and value["beats_baselines"]
    found = columns(score(features, ledger))
    active = features.filter(pc.equal(features["cutoff"], "now"))["active_days_30"].to_numpy() > 2
    assert set(found["churn_model"]) == {"challenger"} and set(found["value_model"]) == {value["model"]}
    assert found["churn_probability"][~active].mean() > 0.9 > 0.3 > found["churn_probability"][active].mean()
    assert found["predicted_value_1year"][active].mean() > 10 * found["predicted_value_1year"][~active].mean()
    one_story(found)


def one_story(found):
    """What every row of people with an order keeps, whatever predicts."""
    assert (1 - found["next_purchase_probability"] >= found["churn_probability"] - 1e-9).all()
    assert (1 - found["churn_probability"] <= found["expected_orders_90days"] + 1e-9).all()
    assert not (1 - found["churn_probability"] > found["alive_probability"].astype(float) + 1e-9).any()
    assert (found["expected_orders_90days"] <= found["expected_orders_1year"] + 1e-9).all()
    for low, estimate, high in (
        ("value_low_1year", "predicted_value_1year", "value_high_1year"),
        ("orders_low_1year", "expected_orders_1year", "orders_high_1year"),
    ):
        assert (found[low] <= found[estimate] + 1e-9).all() and (found[estimate] <= found[high] + 1e-9).all()
    for kind in ("value", "orders"):
        assert (found[f"{kind}_p10_1year"] <= found[f"{kind}_p90_1year"]).all()
    days = found["expected_next_order_days"].astype(float)
    assert np.nanmax(days, initial=0) <= 730.5
    assert (np.isnan(days) | (days > 90))[found["churn_probability"] > 0.5].all()
    assert (days <= 90)[found["churn_probability"] < 0.5].all()


def test_the_challenger_tells_people_apart_and_leaves_the_level_to_the_orders():
    """A holdout in which twice as many came as the model of orders has for the time ahead."""
    features = behavioural()
    ledger = behavioural_ledger()
    orders = orders_of(chosen(ledger, "orders")["model"], json.loads(chosen(ledger, "orders")["parameters"]))
    now = features.filter(pc.equal(features["cutoff"], "now"))
    by_orders = orders.silence(Buyers.of(now), 90 / 7)
    assert score(features, ledger)["churn_probability"].to_numpy().mean() == pytest.approx(by_orders.mean(), abs=0.02)


def test_a_row_tells_one_story_with_every_model_of_orders():
    for name in TRUTHS:
        one_story(columns(score(shop(name), with_choice(fitted(name), "orders", name))))
    one_story(columns(score(shop(), with_choice(fitted(), "orders", "ratio"))))


@pytest.mark.parametrize("name", [*MODELS, "ratio"])
@pytest.mark.parametrize("has_rival", [False, True])
def test_a_row_tells_one_story_of_people_who_are_all_but_gone(name, has_rival):
    """Chances down to nothing, as the model has them, and factors up to 10^12; exactly so, however numbers are rounded."""
    dice, people = np.random.default_rng([len(name), has_rival]), 120
    frequency = np.append(np.zeros(people // 4), np.ceil(10 ** dice.uniform(0, 2.5, people - people // 4)))
    pause, silent = 10 ** dice.uniform(-1, 1, people), 10 ** dice.uniform(-1, 2.7, people)
    rows = table(
        {
            "cutoff": "now",
            "frequency": frequency,
            "mean_spend": np.full(people, 20.0),
            "recency_weeks": frequency * pause,
            "age_weeks": frequency * pause + silent,
            "days_since_seen": silent * 7,
        },
        "s",
    )
    chances = np.choose(dice.integers(0, 3, people), [10 ** dice.uniform(-12, -3, people), dice.random(people), np.ones(people)])
    (batch,) = rows.combine_chunks().to_batches()
    for draw in range(3):
        means = np.exp(np.log(PRIORS.get(name, (6.0, 0.5, 0.02))) + dice.normal(0, draw, len(PRIORS.get(name, "123"))))
        parameters = ("gap", "strength", "unknown") if name == "ratio" else MODELS[name].parameters
        scorer = replace(
            scoring._Scorer.of([], pa.table({"store_id": pa.array([], pa.string())}), Settings(NIGHT)),
            orders=orders_of(name, dict(zip(parameters, means.tolist(), strict=True))),
            rival=(lambda features: 1 - chances) if has_rival else None,
        )
        found = columns(pa.Table.from_batches([scorer.score(batch)]))
        one_story(found)
        soon, once = found["next_purchase_probability"], np.round(1 - found["churn_probability"], 9)
        orders = [found[f"expected_orders_{time}"] for time in ("90days", "1year")]
        for rising in ([soon, once, *orders], [found[f"predicted_value_{years}year"] for years in (1, 3, 5)]):
            assert (np.diff(rising, axis=0) >= 0).all()


@pytest.mark.parametrize("name", [*MODELS, "ratio"])
def test_what_a_challenger_tells_of_a_quarter_makes_no_year_of_more_than_somebody_surely_alive_orders(name):
    """Somebody with two renewals, a year apart to the day, a month after the last; and who orders often, seldom and once."""
    rows = table(
        {
            "frequency": [2.0, 2.0, 20.0, 20.0, 1.0, 0.0],
            "recency_weeks": [104.0, 104.0, 80.0, 80.0, 30.0, 0.0],
            "age_weeks": [106.0, 124.0, 81.0, 110.0, 90.0, 40.0],
            "mean_spend": np.full(6, 399.0),
        }
    )
    parameters = ("gap", "strength", "unknown") if name == "ratio" else MODELS[name].parameters
    told, people = np.full(6, 0.43), Buyers.of(rows)
    orders = orders_of(name, dict(zip(parameters, PRIORS.get(name, (6.0, 5.0, 0.02)), strict=True)))
    scorer = replace(
        scoring._Scorer.of([], pa.table({"store_id": pa.array([], pa.string())}), Settings(NIGHT)),
        orders=orders,
        spend=Mean(20.0),
        rival=lambda features: 1 - told,
    )
    (batch,) = rows.combine_chunks().to_batches()
    found = columns(pa.Table.from_batches([scorer.score(batch)]))
    one_story(found)
    surely = np.maximum(np.nan_to_num(orders.alive(people), nan=1.0), 1e-300)
    once = orders.expected(people, WEEKS) / orders.again(people, WEEKS)
    for weeks, expected in ((90 / 7, "expected_orders_90days"), (365.25 / 7, "expected_orders_1year")):
        most = np.maximum(orders.expected(people, weeks) / surely, told * once)
        assert (found[expected] <= most * (1 + 1e-6) + 1e-8).all()
    of_value = found["predicted_value_5year"] / found["expected_order_value"]
    assert (of_value <= np.maximum(orders.discounted(people, 0.1)[:, 2] / surely, told * once) * (1 + 1e-4) + 1e-4).all()


@pytest.mark.parametrize("name", [*MODELS, "ratio"])
@pytest.mark.parametrize("has_rival", [False, True])
def test_who_orders_like_a_clock_orders_when_it_is_due_if_alive(name, has_rival):
    """Every month, due in hours and in 20 days; every quarter, in 60; every year, in 200; one hour late; and nobody's rhythm."""
    due = [0.2, 20.0, 60.0, 200.0, -0.05, np.nan]
    pause = np.array([4.35, 4.35, 13.0, 52.2, 4.35, 4.35])
    frequency = np.array([10.0, 10, 8, 2, 10, 10])
    silent = pause - np.nan_to_num(np.array(due), nan=2.0) / 7
    rows = table(
        {"frequency": frequency, "recency_weeks": frequency * pause, "age_weeks": frequency * pause + silent, "due_days": due}
    )
    parameters = ("gap", "strength", "unknown") if name == "ratio" else MODELS[name].parameters
    scorer = replace(
        scoring._Scorer.of([], pa.table({"store_id": pa.array([], pa.string())}), Settings(NIGHT)),
        orders=orders_of(name, dict(zip(parameters, PRIORS.get(name, (6.0, 5.0, 0.02)), strict=True))),
        rival=(lambda features: np.full(6, 0.8)) if has_rival else None,
    )
    (batch,) = rows.combine_chunks().to_batches()
    found = columns(pa.Table.from_batches([scorer.score(batch)]))
    one_story(found)
    assert found["expected_next_order_days"][:5].tolist() == [0.2, 20.0, 60.0, 200.0, 0.0]
    other = "challenger" if has_rival else name
    assert found["churn_model"].tolist() == found["next_purchase_model"].tolist() == ["clockwork"] * 5 + [other]
    assert [text.split("_x_")[0] for text in found["value_model"]] == [name] * 5 + [other]
    alive = np.where(name == "ratio", (frequency + 1) / (frequency + 2), found["alive_probability"].astype(float))
    assert 1 - found["churn_probability"][:5] == pytest.approx(np.where([1, 1, 1, 0, 1], alive[:5], 0), abs=1e-8)
    assert found["next_purchase_probability"][:5] == pytest.approx(np.where([1, 1, 0, 0, 1], alive[:5], 0), abs=1e-8)
    assert (alive[[0, 1, 4]] > 0.8).all() and (found["churn_probability"][5] == pytest.approx(0.8, abs=0.01)) == has_rival


def test_the_challenger_does_not_replace_the_default_where_it_loses():
    for truth in TRUTHS:
        rows = rows_of(fitted(truth), "churn")
        assert not rows["challenger"]["is_chosen"]
        assert rows["challenger"]["deviance"] > chosen(fitted(truth), "churn")["deviance"]


def test_the_challenger_is_not_tried_on_few_people():
    row = rows_of(fit(shop(customers=400)), "churn")["challenger"]
    assert row["reason"] == "Not tried: 400 of at least 500 customers at the holdout moment."


# People without an order


def test_people_without_an_order_get_a_propensity_and_nothing_else():
    ledger = fitted(people=2000)
    row = chosen(ledger, "first_order")
    assert row["model"] in ("recency", "logistic") and row["auc"] > 0.6
    found = score(shop(people=2000), ledger).filter(pc.invert(score(shop(people=2000), ledger)["has_ordered"]))
    values = found["next_purchase_probability"].to_numpy()
    assert found.num_rows == 2000 and values.min() > 0 and values.max() < 0.5
    assert set(found["next_purchase_model"].to_pylist()) == {row["model"]}
    rest = set(PREDICTIONS.names[3:]) - {"next_purchase_probability", "next_purchase_confidence", "next_purchase_model"}
    assert all(found[name].null_count == 2000 for name in rest)


def test_few_people_without_an_order_have_the_same_rate():
    row = chosen(fitted(), "first_order")
    assert (row["model"], json.loads(row["parameters"])) == ("rate", {"probability": pytest.approx(0.01), "early": 1.0})


@pytest.mark.parametrize(
    ("buyers", "models"),
    [(4, {"rate"}), (5, {"rate", "recency"}), (20, {"rate", "recency"}), (50, {"rate", "recency", "logistic"})],
)
def test_a_few_first_orders_are_enough_for_recency_and_not_for_more(buyers, models):
    visitors = shop(customers=1, people=600)
    rows = {name: visitors[name].to_numpy(zero_copy_only=False) for name in ("frequency", "days_since_seen", "next_orders")}
    then = np.isnan(rows["frequency"]) & ~np.isnan(rows["next_orders"])
    soonest = np.argsort(np.where(then, rows["days_since_seen"], np.inf))[:buyers]
    orders = np.where(then, 0.0, rows["next_orders"])
    orders[soonest] = 1
    place = visitors.schema.get_field_index("next_orders")
    ledger = fit(visitors.set_column(place, "next_orders", pa.array(orders, mask=np.isnan(orders))))
    assert set(rows_of(ledger, "first_order")) == models
    assert chosen(ledger, "first_order")["model"] == ("rate" if models == {"rate"} else "recency")


# When


@pytest.mark.parametrize(("days", "is_due"), [(0.5, False), (6.99, False), (7, True), (30, True)])
def test_a_store_is_fitted_again_after_refit_days(days, is_due):
    found = fit(shop(customers=60), fit(shop(customers=60)), as_of=NIGHT + timedelta(days=days))
    assert (found.num_rows > 0) == is_due


def test_a_fit_is_forced():
    small = shop(customers=60)
    assert fit(small, fit(small), as_of=NIGHT + timedelta(days=1), is_refit_forced=True).num_rows


def test_a_night_that_runs_again_forgets_its_own_rows():
    small = fit(shop(customers=60))
    assert fit(shop(customers=60), small).equals(small)


def test_only_stores_are_read_when_nothing_is_due():
    class Stores:
        def stores(self):
            return {"s": 1}

        def close(self):
            pass

    assert fit_ltv(Stores(), settings(as_of=NIGHT + timedelta(days=1)), fitted()).num_rows == 0


# Scores


def test_scores_are_bounded_and_agree_with_each_other():
    found = columns(score(shop(people=2000), fitted(people=2000)))
    bought = found["has_ordered"].astype(bool)
    assert bought.sum() == 1500
    one_story({name: values[bought] for name, values in found.items()})
    for name in (name for name in PREDICTIONS.names if name.endswith(("probability", "confidence"))):
        values = found[name][bought].astype(float)
        # whether somebody has stopped is not known where the model lets nobody stop yet
        values = values[~np.isnan(values)] if name == "alive_probability" else values
        assert values.min() >= 0 and values.max() <= 1, name
    bought = {name: values[bought] for name, values in found.items()}
    assert (bought["predicted_value_1year"] <= bought["predicted_value_3year"]).all()
    assert (bought["predicted_value_3year"] <= bought["predicted_value_5year"]).all()
    expected = bought["expected_orders_1year"] * bought["expected_order_value"]
    assert bought["predicted_value_1year"] == pytest.approx(expected * 1.1**-0.5, rel=0.05, abs=0.01)


def test_streaming_in_batches_equals_one_batch(monkeypatch):
    features, ledger = shop(people=2000), fitted(people=2000)
    whole = score(features, ledger).sort_by("customer_id")
    monkeypatch.setattr(scoring, "_BATCH_ROWS", 97)
    small = score(features, ledger, batch=60).sort_by("customer_id")
    assert small.num_rows == whole.num_rows
    for name in PREDICTIONS.names:
        if PREDICTIONS.field(name).type == pa.float64():
            np.testing.assert_allclose(small[name].to_numpy(), whole[name].to_numpy(), atol=2e-4 if "value" in name else 2e-9)
        else:
            assert small[name].equals(whole[name])


def test_the_order_of_rows_does_not_matter_and_the_challenger_is_the_same_every_time():
    features = behavioural()
    shuffled = features.take(pa.array(np.random.default_rng(2).permutation(features.num_rows)))
    ledger = behavioural_ledger()
    assert fit(shuffled).equals(ledger)
    one, other = (score(rows, ledger).sort_by("customer_id") for rows in (features, shuffled))
    assert one.equals(other)


def test_stores_do_not_mix():
    stores = {"s": shop(customers=150), "t": shop("bg_nbd", 150, "t", 2)}
    both = pa.concat_tables(stores.values())
    ledger = fit(both)
    found = score(both, ledger)
    for store, features in stores.items():
        alone = fit(features)
        assert ledger.filter(pc.equal(ledger["store_id"], store)).equals(alone)
        assert found.filter(pc.equal(found["store_id"], store)).equals(score(features, alone))


def test_a_store_without_rows_is_scored_by_the_built_in_parameters():
    found = columns(score(shop(), LTV_MODELS.empty_table()))
    assert set(found["churn_model"]) == {"mbg_nbd"} and set(found["value_model"]) == {"mbg_nbd_x_mean"}
    assert np.isfinite(found["predicted_value_1year"].astype(float)).all()


def test_a_first_order_at_half_price_counts_as_a_later_one():
    """Known of people with both; where orders are alike, however skewed, chance moves nothing, and few say nothing."""
    dice = np.random.default_rng(5)
    usual, repeats = dice.lognormal(3, 0.4, 600), dice.integers(0, 4, 600)
    first, later = 0.5 * usual * dice.lognormal(0, 0.1, 600), usual * dice.lognormal(0, 0.1, 600)
    mean = (first + later * repeats) / (repeats + 1)

    def people(mean, repeat_spend, some=slice(None)):
        return Buyers.of(
            table({"frequency": repeats[some], "recency_weeks": repeats[some] * 4.0, "age_weeks": np.full(600, 20.0)[some]})
            .drop_columns(["mean_spend", "repeat_spend"])
            .append_column("mean_spend", pa.array(mean[some]))
            .append_column("repeat_spend", pa.array(np.where(repeats > 0, repeat_spend, np.nan)[some], from_pandas=True))
        )

    buyers = people(mean, later)
    assert first_lift_of(buyers) == pytest.approx(2, rel=0.05)
    lifted = replace(buyers, first_lift=2.0)
    assert lifted.usual_spend == pytest.approx(mean + first / (repeats + 1))
    assert (buyers.usual_spend == buyers.mean_spend).all()
    assert first_lift_of(people(mean, later, slice(20))) == 1
    once, again = dice.lognormal(3, 1.5, 600), dice.lognormal(3, 1.5, 600)
    assert first_lift_of(people((once + again * repeats) / (repeats + 1), again)) == pytest.approx(1, abs=0.15)


def test_first_orders_come_as_early_as_they_did():
    """Nine of ten in the first 30 of 91 days; five that come evenly count as well."""
    assert early_of(np.full(5, np.nan), 30, 91) == early_of(np.arange(91) + 1.0, 91, 91) == 1
    assert early_of(np.arange(91) + 1.0, 30, 91) == pytest.approx(1, abs=0.01)
    early = early_of(np.array([*range(1, 10), 60, np.nan]), 30, 91)
    soon = (9 + 5 * 30 / 91) / 15
    people = np.zeros((3, len(BEHAVIOUR)))
    within = Propensity("rate", {"probability": 0.1, "early": early}).within(people, 30 / 91)
    assert within == pytest.approx(np.full(3, 1 - 0.9**soon))
    assert Propensity("rate", {"probability": 0.1}).within(people, 1.0) == pytest.approx(np.full(3, 0.1))


@pytest.mark.parametrize(("model", "knows"), [("bg_nbd", False), ("mbg_nbd", True), ("pareto_nbd", True)])
def test_who_has_stopped_is_not_said_where_the_model_lets_nobody_stop_yet(model, knows):
    """BG/NBD tosses its coin after repeat orders alone: whoever was there once would be a customer for ever."""
    given = dict(zip(MODELS[model].parameters, PRIORS[model], strict=True))
    ledger = pa.Table.from_pylist(
        [
            {
                "store_id": "s",
                "as_of": NIGHT,
                "target": "orders",
                "model": model,
                "is_chosen": True,
                "parameters": json.dumps(given),
            }
        ],
        LTV_MODELS,
    )
    people = table({"frequency": [0.0, 4.0], "recency_weeks": [0.0, 20.0], "age_weeks": [200.0, 200.0]})
    once, often = score(people, ledger)["alive_probability"].to_pylist()
    assert (once is not None) == knows and (not knows or 0 < once < 0.5) and 0 < often < 0.1


def test_the_plain_rate_is_drawn_towards_that_of_the_store_and_told_by_a_gamma_distribution():
    plain = pa.Table.from_pylist(
        [
            {
                "store_id": "s",
                "as_of": NIGHT,
                "target": target,
                "model": model,
                "is_chosen": True,
                "parameters": json.dumps(given),
            }
            for target, model, given in (("orders", "ratio", {"gap": 20.0, "strength": 2.0}), ("spend", "mean", {"mean": 7.0}))
        ],
        LTV_MODELS,
    )
    one = table({"frequency": [4.0], "recency_weeks": [40.0], "age_weeks": [40.0], "mean_spend": [30.0]})
    found = score(one, plain).to_pylist()[0]
    degrees, weeks = 4 + 2, 40 + 2 * 20
    assert found["alive_probability"] is None
    assert found["churn_probability"] == pytest.approx((weeks / (weeks + 90 / 7)) ** degrees, abs=1e-9)
    assert found["expected_orders_90days"] == pytest.approx(degrees / weeks * 90 / 7)
    assert found["expected_orders_1year"] == pytest.approx(degrees / weeks * 365.25 / 7)
    assert found["expected_order_value"] == 30
    assert found["expected_next_order_days"] == pytest.approx(weeks * (2 ** (1 / degrees) - 1) * 7, abs=1e-4)
    year = gamma(degrees, scale=365.25 / 7 / weeks)
    assert [found["orders_low_1year"], found["orders_high_1year"]] == pytest.approx(year.ppf([0.1, 0.9]), abs=1e-6)
    outcome = nbinom(degrees, weeks / (weeks + 365.25 / 7))
    assert [found["orders_p10_1year"], found["orders_p90_1year"]] == outcome.ppf([0.1, 0.9]).tolist()


def test_the_plain_rate_of_a_store_is_the_one_that_was_drawn():
    """Rates of 0.8 degrees over 16 weeks: a mean gap of 20 weeks, which counts as much as 0.8 orders."""
    dice = np.random.default_rng(2)
    age = dice.uniform(1, 104, 20_000)
    rows = {
        "frequency": dice.poisson(dice.gamma(0.8, 1 / 16, 20_000) * age).astype(float),
        "age_weeks": age,
        "recency_weeks": age,
    }
    found = Ratio.of(Buyers.of(table(rows)))
    assert (found.gap, found.strength) == (pytest.approx(20, rel=0.05), pytest.approx(0.8, rel=0.1))
    alike = Ratio.of(Buyers.of(table({**rows, "frequency": dice.poisson(age / 20).astype(float)})))
    assert alike.gap == pytest.approx(20, rel=0.05) and alike.strength > 20 and alike.unknown < 0.01


def test_a_few_orders_do_not_make_a_sure_rate():
    """Eleven orders of three people cannot tell how alike people are, nor what the store's gap is to a tenth."""
    rows = {"frequency": [3.0, 3.0, 2.0], "recency_weeks": [30.0, 30.0, 20.0], "age_weeks": [31.0, 33.0, 28.0]}
    buyers = Buyers.of(table(rows))
    found = Ratio.of(buyers)
    assert 0.5 <= found.strength < 3 and found.unknown > 0.4
    (low, high), _ = found.known(buyers, 13.0, usual_order_value(0.0).fit)
    assert (high - low > 1).all()
    # the expectation is the same, as if the gap were known, and more than nothing is as likely as it says
    sure = Ratio(found.gap, found.strength)
    assert found.expected(buyers, 13.0) == pytest.approx(sure.expected(buyers, 13.0))
    assert (found.silence(buyers, 13.0) > sure.silence(buyers, 13.0)).all()
    assert (1 - found.silence(buyers, 13.0) < found.expected(buyers, 13.0)).all()


def test_three_people_do_not_choose_a_model():
    """Whatever they did: the plain rate was nearer to it, and so it is in one store of two by chance."""
    people = lone(
        frequency=[3.0, 3.0, 2.0], recency_weeks=[30.0, 30.0, 20.0], age_weeks=[31.0, 33.0, 28.0], next_orders=[1.0, 1.0, 2.0]
    )
    row = chosen(fit(people), "orders")
    assert row["model"] == "mbg_nbd" and "3 people and 4 orders in the holdout, which are too few to judge by" in row["reason"]
    assert "not tried: bg_nbd, pareto_nbd, models of people with a rhythm" in row["reason"]


def test_sixty_firms_that_order_every_month_have_a_rhythm():
    """Fewer than a hundred buyers, and pauses enough to see that they are even."""
    dice = np.random.default_rng(5)
    age = dice.uniform(45, 60, 60)

    def history(weeks):
        frequency = np.floor(weeks / 4.3)
        return {"frequency": frequency, "recency_weeks": frequency * 4.3, "age_weeks": weeks}

    holdout = {**history(age), "next_orders": np.floor((age + 13) / 4.3) - np.floor(age / 4.3), "next_spend": np.full(60, 60.0)}
    both = pa.concat_tables([table({"cutoff": "holdout", **holdout}), table(history(age + 13))])
    row = chosen(fit(both), "orders")
    assert row["model"].startswith("mbg_cnbd_") and row["source"] == "prior"
    assert "not tried: bg_nbd, pareto_nbd." in row["reason"]


@pytest.mark.parametrize("others", [0, 8])
def test_two_orders_in_nineteen_days_promise_a_few_a_year(others):
    """Whether or not there is anybody else to learn from."""
    rows = {
        "frequency": [1.0] + [0.0] * others,
        "recency_weeks": [17 / 7] + [0.0] * others,
        "age_weeks": [19 / 7] + [30.0] * others,
    }
    ledger = fit(table(rows))
    assert 1 < score(table(rows), ledger)["expected_orders_1year"][0].as_py() < 6


def test_values_come_from_orders_whose_value_is_known():
    """Of ten orders three have a value: the mean of all people counts as much beside it as beside three orders."""
    features = shop()
    ledger, orders = fitted(), chosen(fitted(), "spend")
    p, q, v = (json.loads(orders["parameters"])[name] for name in "pqv")
    rows = {
        "frequency": [9.0, 9.0],
        "recency_weeks": [50.0, 50.0],
        "age_weeks": [52.0, 52.0],
        "mean_spend": [40.0, np.nan],
        "valued_orders": [3.0, 0.0],
        "valued_repeats": [2.0, 0.0],
    }
    known, unknown = score(table(rows), ledger)["expected_order_value"].to_pylist()
    assert orders["model"] == "gamma_gamma" and features.num_rows
    assert known == pytest.approx(p * (v + 3 * 40) / (3 * p + q - 1), abs=1e-3)
    assert unknown == pytest.approx(p * v / (q - 1), abs=1e-3)


def test_orders_of_unknown_value_do_not_make_a_store_cheaper():
    half = lone(
        frequency=np.full(90, 3.0),
        recency_weeks=np.full(90, 20.0),
        age_weeks=np.full(90, 30.0),
        mean_spend=np.random.default_rng(3).uniform(10, 30, 90),
        valued_orders=np.full(90, 2.0),
        valued_repeats=np.full(90, 1.0),
        net_revenue=np.full(90, 40.0),
        next_orders=np.full(90, 2.0),
        next_valued_orders=np.ones(90),
        next_spend=np.full(90, 20.0),
    )
    ledger = fit(half)
    rows = rows_of(ledger, "spend")
    assert json.loads(rows["store_mean"]["parameters"]) == {"mean": 20.0}
    assert abs(rows["store_mean"]["total_error"]) < 1e-6 and abs(chosen(ledger, "value")["total_error"]) < 0.6


def test_confidence_is_the_miss_of_the_decile_times_what_is_known():
    rows = [
        {**row, "calibration": json.dumps([{"n": 9, "predicted": 0.5, "actual": 0.7}])} if row["target"] == "churn" else row
        for row in fitted().to_pylist()
    ]
    features = shop()
    found = columns(score(features, pa.Table.from_pylist(rows, LTV_MODELS)))
    orders = features.filter(pc.equal(features["cutoff"], "now"))["orders_count"].to_numpy()
    assert found["churn_confidence"] == pytest.approx(0.8 * (orders + 1) / (orders + 2), abs=1e-9)


# Small and odd stores


def test_a_small_store_leans_on_a_prior_and_says_so():
    small = shop(customers=60)
    row = chosen(fit(small), "orders")
    assert (row["model"], row["source"]) == ("mbg_nbd", "prior")
    assert "of at least 100 repeat buyers: fitted with a weak prior" in row["reason"]


def test_stores_are_pooled_only_when_that_is_wished():
    large, small = shop(customers=600), shop("mbg_nbd", 60, "t", 2)
    both = pa.concat_tables([large, small])
    alone, pooled = fit(both), fit(both, pool_stores=True)
    assert (chosen(alone, "orders", "t")["source"], chosen(pooled, "orders", "t")["source"]) == ("prior", "pooled")
    assert chosen(alone, "orders", "t")["parameters"] != chosen(pooled, "orders", "t")["parameters"]
    of_large = pooled.filter(pc.equal(pooled["store_id"], "s"))
    assert of_large.equals(alone.filter(pc.equal(alone["store_id"], "s")))
    later = fit(small, of_large, pool_stores=True, as_of=NIGHT + timedelta(days=1))
    assert chosen(later, "orders", "t")["source"] == "pooled"


def lone(**given):
    """A store at both cutoffs, whose histories do not change in between."""
    count = len(given["frequency"])
    given = {"recency_weeks": np.zeros(count), **given}
    return pa.concat_tables(
        [
            table(
                {
                    "cutoff": "holdout",
                    **given,
                    "next_orders": given.get("next_orders", np.zeros(count)),
                    "next_spend": given.get("next_spend", np.zeros(count)),
                }
            ),
            table({name: values for name, values in given.items() if not name.startswith("next")}),
        ]
    )


MANY = np.random.default_rng(11)
DEGENERATE = {
    "one customer": (lone(frequency=[2.0], recency_weeks=[5.0], age_weeks=[30.0]), "prior"),
    "one order each": (lone(frequency=np.zeros(300), age_weeks=np.linspace(1, 60, 300)), "prior"),
    "all orders on one day": (lone(frequency=np.zeros(200), age_weeks=np.full(200, 20.0)), "prior"),
    "a store of yesterday": (
        table({"frequency": np.zeros(50), "recency_weeks": np.zeros(50), "age_weeks": np.full(50, 1 / 7)}),
        "prior",
    ),
    "a store of today": (table({"frequency": np.zeros(50), "recency_weeks": np.zeros(50), "age_weeks": np.zeros(50)}), "prior"),
    "a customer of 5,000 orders": (
        lone(
            frequency=np.append(np.arange(200) % 4, 5000.0),
            recency_weeks=np.append((np.arange(200) % 4 > 0) * 20.0, 720.0),
            age_weeks=np.append(np.full(200, 40.0), 722.0),
            next_orders=np.append(np.arange(200) % 3, 90.0),
            next_spend=np.append(np.arange(200) % 3, 90.0) * 20,
        ),
        "ratio",
    ),
    "prices of zero": (
        lone(
            frequency=np.arange(300) % 3 * 1.0,
            recency_weeks=(np.arange(300) % 3 > 0) * 10.0,
            age_weeks=np.full(300, 30.0),
            mean_spend=np.zeros(300),
            next_orders=np.arange(300) % 2,
        ),
        "ratio",
    ),
    "more returned than paid": (
        lone(
            frequency=np.arange(300) % 3 * 1.0,
            recency_weeks=(np.arange(300) % 3 > 0) * 10.0,
            age_weeks=np.full(300, 30.0),
            mean_spend=np.full(300, -5.0),
            next_orders=np.arange(300) % 2,
            next_spend=np.full(300, -1.0),
        ),
        "ratio",
    ),
    "all prices alike": (
        lone(frequency=np.arange(300) % 3 * 1.0, recency_weeks=(np.arange(300) % 3 > 0) * 10.0, age_weeks=np.full(300, 30.0)),
        "fit",
    ),
    "an order every day of all": (
        lone(
            frequency=np.full(200, 69.0),
            recency_weeks=np.full(200, 69 / 7),
            age_weeks=np.full(200, 69 / 7),
            next_orders=np.full(200, 91.0),
            next_spend=np.full(200, 1820.0),
        ),
        "fit",
    ),
    "everybody gone": (
        lone(frequency=np.arange(1000) % 3 * 1.0, recency_weeks=(np.arange(1000) % 3 > 0) * 1.0, age_weeks=np.full(1000, 500.0)),
        "fit",
    ),
    "nobody with an order": (
        lone(frequency=np.full(30, np.nan), age_weeks=np.full(30, np.nan), recency_weeks=np.full(30, np.nan)),
        "prior",
    ),
}


@pytest.mark.parametrize("kind", DEGENERATE)
def test_a_degenerate_store_has_a_row_for_each_target_and_bounded_numbers(kind):
    features, source = DEGENERATE[kind]
    with np.errstate(all="raise", under="ignore"), warnings.catch_warnings():
        warnings.simplefilter("error")
        ledger = fit(features)
        found = score(features, ledger)
        columns_of_none = score(features, LTV_MODELS.empty_table())
    assert sorted(row["target"] for row in ledger.to_pylist() if row["is_chosen"]) == sorted(TARGETS)
    assert chosen(ledger, "orders")["source"] == source
    for row in ledger.to_pylist():
        assert all(np.isfinite(value) for value in json.loads(row["parameters"]).values())
    for predictions in (found, columns_of_none):
        for name in PREDICTIONS.names:
            values = predictions[name].drop_null()
            if PREDICTIONS.field(name).type == pa.float64() and len(values):
                most = 1 if name.endswith(("probability", "confidence")) else 1e6
                assert pc.min(values).as_py() >= 0 and pc.max(values).as_py() <= most, name
    bought = found.filter(found["has_ordered"])
    blank = {name for name in PREDICTIONS.names if bought[name].null_count} - {"expected_next_order_days", "alive_probability"}
    assert not blank


def test_a_young_store_goes_from_the_prior_to_its_own_data_without_a_jump():
    """Forty customers of one order each: their first week brings a doubt at a time, and no other model."""
    expected = []
    for days in range(1, 15):
        young = table({"frequency": np.zeros(40), "recency_weeks": np.zeros(40), "age_weeks": np.full(40, days / 7)})
        expected.append(score(young, fit(young))["expected_orders_1year"][0].as_py())
    ratios = np.array(expected[1:]) / expected[:-1]
    assert 0.8 < expected[0] < 1.1 and (ratios > 0.75).all() and (ratios < 1).all()


def test_a_store_whose_holdout_is_empty_says_so():
    silent = lone(frequency=np.arange(300) % 3 * 1.0, recency_weeks=(np.arange(300) % 3 > 0) * 10.0, age_weeks=np.full(300, 60.0))
    assert chosen(fit(silent), "orders")["reason"].startswith("Nobody ordered in the holdout")


def test_settings_out_of_range_are_refused():
    for wrong in ({"holdout_days": 0}, {"discount_rate_annual": -0.1}, {"min_repeat_buyers": 0}):
        with pytest.raises(ValueError):
            Settings.from_table(settings(**wrong))
    with pytest.raises(ValueError, match="one row"):
        Settings.from_table(settings().slice(1))


def test_a_missing_label_or_history_is_refused():
    gone = table({"cutoff": "holdout", "frequency": [0.0], "recency_weeks": [0.0], "age_weeks": [1.0]})
    with pytest.raises(ValueError, match="next_orders"):
        fit(gone)
    with pytest.raises(ValueError, match="age_weeks"):
        fit(table({"frequency": [0.0], "recency_weeks": [0.0], "age_weeks": [np.nan]}))
