"""Season and level of a store, the clock that they make, and the totals that come of them, against shops that were drawn."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from functools import cache

import numpy as np
import pyarrow as pa
import pytest
from test_ltv import chosen, one_story, reading, rows_of, table

from tessera.btyd import expected_orders_of_new
from tessera.forecast.methods import smoothed
from tessera.ltv import FORECASTS, LTV_MODELS, PredictionReader, expected_by_week, fit_ltv, fitting, score_ltv, store_forecasts
from tessera.ltv.clock import CALENDAR, Clock, as_season, written
from tessera.ltv.people import Buyers
from tessera.ltv.purchases import PRIORS, Dying, Ratio, orders_of, restored
from tessera.ltv.season import LEAST_WEIGHT, WEIGHT, Series, level_of, season_of, seeded, weight_of
from tessera.ltv.settings import HISTORY

FIRST, DAYS = date(2022, 1, 1), 1186
AHEAD = 91
IN_OCTOBER = (date(2024, 10, 20) - FIRST).days
CHRISTMAS = as_season([0.12] * 10 + [5.4, 5.4])
SUMMER = as_season([1 + 0.6 * np.sin((number - 1) * np.pi / 6) for number in range(12)])
NAMES = ("r", "alpha", "a", "b")
MODEL = Dying(restored("mbg_nbd", NAMES, dict(zip(NAMES, PRIORS["mbg_nbd"], strict=True))))


@cache
def drawn(season=SUMMER, people=3000, days=DAYS, seed=3):
    """Order days of people who come in all the time, stop by a coin, and order as the season has it: person and day, once."""
    dice = np.random.default_rng(seed)
    index = Clock(season=season).index((FIRST - date(1970, 1, 1)).days + np.arange(days + AHEAD))
    clock, first = np.append(0, np.cumsum(index)), dice.choice(days + AHEAD, people, p=index / index.sum())
    rate, stop = dice.gamma(0.8, 1 / (0.8 * 75), people), dice.beta(0.8, 3.0, people)
    place, alive, rows = clock[first], np.full(people, True), [np.stack([np.arange(people), first])]
    while alive.any():
        alive &= dice.random(people) >= stop
        place = place + dice.exponential(1, people) / rate
        alive &= place < clock[-1]
        rows.append(np.stack([np.flatnonzero(alive), np.searchsorted(clock, place[alive], side="right") - 1]))
    return np.unique(np.concatenate(rows, axis=1), axis=1)


def features(orders, cutoff, name):
    """Histories as of a day, with what came in the 91 days after it."""
    person, day = orders[:, orders[1] <= cutoff]
    people, first, count = np.unique(person, return_index=True, return_counts=True)
    last = day[first + count - 1]
    later = orders[:, (orders[1] > cutoff) & (orders[1] <= cutoff + AHEAD)]
    came = np.bincount(later[0], minlength=orders[0].max() + 1)[people].astype(float)
    label = {"next_orders": came, "next_spend": came * 20} if name == "holdout" else {}
    return came, table(
        {
            "cutoff": name,
            "frequency": count - 1.0,
            "recency_weeks": (last - day[first]) / 7,
            "age_weeks": (cutoff - day[first]) / 7,
            **label,
        }
    )


def purchase_days(orders, cutoff):
    person, day = orders[:, orders[1] <= cutoff]
    is_first = np.r_[True, person[1:] != person[:-1]]
    firsts, repeats = (np.bincount(day[some], minlength=cutoff + 1) for some in (is_first, ~is_first))
    dates = [FIRST + timedelta(one) for one in range(cutoff + 1)]
    return pa.table(
        {"store_id": ["s"] * (cutoff + 1), "purchase_date": dates, "first_purchases": firsts, "repeat_purchases": repeats}
    )


def settings(cutoff):
    return pa.Table.from_pylist([{"as_of": datetime.combine(FIRST, datetime.min.time()) + timedelta(days=cutoff)}])


@cache
def predicted(season=SUMMER, cutoff=DAYS, days=DAYS):
    """A ledger, the predictions of a night, what came in the 91 days after it, and purchases by day."""
    orders = drawn(season, days=days)
    came, now = features(orders, cutoff, "now")
    rows, by_day = pa.concat_tables([features(orders, cutoff - AHEAD, "holdout")[1], now]), purchase_days(orders, cutoff)
    ledger = fit_ltv(reading(rows), settings(cutoff), LTV_MODELS.empty_table(), by_day)
    return ledger, score_ltv(now.to_batches(), ledger, rows.slice(0, 0), settings(cutoff)).read_all(), came, by_day


# The clock


def test_a_clock_counts_days_as_the_season_has_them():
    clock = Clock.at(date(2025, 3, 1), as_season([1, 3, 2] + [1] * 9))
    whole = 12 / 15
    assert float(clock.ahead(31 / 7)) == pytest.approx(31 * 2 * whole / 7)
    assert float(clock.ahead(0.5 / 7)) == pytest.approx(0.5 * 2 * whole / 7)
    assert clock.before(np.array([28, 29]) / 7) == pytest.approx(np.array([28 * 3, 28 * 3 + 1]) * whole / 7)
    assert clock.back(clock.ahead(np.array([1.0, 20, 100]))) == pytest.approx([1, 20, 100])
    assert clock.back(np.array([np.inf, 1e9])).tolist() == [np.inf, np.inf]
    assert float(clock.ahead(365.25 * 4 / 7)) == pytest.approx(365.25 * 4 / 7, rel=0.01)
    assert (CALENDAR.ahead(5), CALENDAR.before(5.0), CALENDAR.back(5.0)) == (5, 5, 5)


def test_histories_by_a_clock_are_histories():
    clock = Clock.at(date(2025, 3, 1), as_season([0.0] * 6 + [1] * 6))
    rows = table({"frequency": [1.0, 3.0, 0.0], "recency_weeks": [1 / 7, 20.0, 0.0], "age_weeks": [1 / 7, 30.0, 2.0]})
    buyers = Buyers.of(rows, clock)
    histories = buyers.histories
    assert (histories.recency <= histories.age).all() and (histories.recency[histories.frequency > 0] > 0).all()
    assert buyers.age[1] == 30 and buyers.exposure[1] == pytest.approx(float(clock.before(np.float64(30))), abs=0.01)


# Season and level


def test_a_season_is_found_in_a_store_of_three_years():
    ledger, _, _, _ = predicted()
    row = chosen(ledger, "season")
    assert (row["model"], row["source"]) == ("months", "fit")
    found = np.array(list(json.loads(row["parameters"]).values()))
    assert found.mean() == pytest.approx(1)
    assert found == pytest.approx(np.array(SUMMER), rel=0.2)


def miss(found, came):
    """How far the total of 91 days was off."""
    return found["expected_orders_90days"].to_numpy().sum() * AHEAD / 90 / came.sum() - 1


@pytest.mark.parametrize("seed", [3, 4])
def test_totals_before_the_one_season_of_a_year_come_within_a_sixth(seed):
    """Nine in ten orders in November and December, as of October: the quiet months before say little of the level."""
    orders = drawn(CHRISTMAS, people=1500, seed=seed)
    came, now = features(orders, IN_OCTOBER, "now")
    rows, by_day = (
        pa.concat_tables([features(orders, IN_OCTOBER - AHEAD, "holdout")[1], now]),
        purchase_days(orders, IN_OCTOBER),
    )
    ledger = fit_ltv(reading(rows), settings(IN_OCTOBER), LTV_MODELS.empty_table(), by_day)
    assert abs(miss(score_ltv(now.to_batches(), ledger, rows.slice(0, 0), settings(IN_OCTOBER)).read_all(), came)) < 1 / 6


def test_the_more_months_differ_the_less_speaks_for_a_usual_one():
    usual = np.full(12, 40.0)
    assert weight_of(usual + 5 * np.resize([1, -1], 12), usual) == WEIGHT
    assert weight_of(usual * (1 + 0.5 * np.resize([1, -1], 12)), usual) == pytest.approx(1 / (0.25 - 1 / 40))
    assert weight_of(usual * np.array([0.12] * 10 + [5.4, 5.4]), usual) == LEAST_WEIGHT


def test_totals_of_a_seasonal_store_come_within_a_tenth():
    """60% more in summer and less in winter: without the season they are 25 to 87% off."""
    _, found, came, _ = predicted()
    one_story({name: found[name].to_numpy() for name in found.column_names})
    assert abs(miss(found, came)) < 0.1


@pytest.mark.torture
@pytest.mark.parametrize("cutoff", [DAYS - 273, DAYS - 182, DAYS - 91, DAYS])
def test_totals_of_seasonal_stores_come_within_a_tenth_in_every_season(cutoff):
    misses = []
    for seed in range(4):
        orders = drawn(people=6000, seed=seed)
        came, now = features(orders, cutoff, "now")
        rows = pa.concat_tables([features(orders, cutoff - AHEAD, "holdout")[1], now])
        ledger = fit_ltv(reading(rows), settings(cutoff), LTV_MODELS.empty_table(), purchase_days(orders, cutoff))
        misses.append(miss(score_ltv(now.to_batches(), ledger, rows.slice(0, 0), settings(cutoff)).read_all(), came))
    assert np.abs(misses).mean() < 0.1


@pytest.mark.torture
def test_a_store_without_a_season_has_nearly_none():
    ledger, found, came, _ = predicted((1.0,) * 12)
    assert list(json.loads(chosen(ledger, "season")["parameters"]).values()) == pytest.approx([1] * 12, abs=0.2)
    assert abs(miss(found, came)) < 0.1


def test_a_store_of_less_than_two_years_takes_the_seed_or_none():
    seed = pa.table({"store_id": ["s", "s", "t"], "month": [1, 7, 1], "seasonal_index": [3.0, 1.0, 9.0]})
    assert seeded(seed, "s") == as_season([3.0] + [1.0] * 11) and seeded(seed, "u") is None
    orders = drawn(days=600, people=120)
    rows = pa.concat_tables([features(orders, 600 - AHEAD, "holdout")[1], features(orders, 600, "now")[1]])
    found = [
        chosen(fit_ltv(reading(rows), settings(600), LTV_MODELS.empty_table(), purchase_days(orders, 600), one), "season")
        for one in (None, seed)
    ]
    assert [(row["model"], row["source"]) for row in found] == [("none", "ratio"), ("seed", "seed")]
    assert json.loads(found[0]["parameters"]) == {} and json.loads(found[1]["parameters"])["1"] == pytest.approx(3 * 12 / 14)


def test_a_store_that_cannot_know_its_season_keeps_its_model_through_one_and_has_no_level():
    """The quarter that is seen is a high one: the plain rate promises more, and is nearer to its total, by its season alone."""
    orders = drawn(days=517, people=1500)
    rows = pa.concat_tables([features(orders, 517 - AHEAD, "holdout")[1], features(orders, 517, "now")[1]])
    found = rows_of(fit_ltv(reading(rows), settings(517), LTV_MODELS.empty_table(), purchase_days(orders, 517)), "orders")
    model = next(name for name, row in found.items() if row["is_chosen"])
    assert model == "bg_nbd" and found[model]["deviance"] > found["ratio"]["deviance"]
    assert found[model]["total_error"] < found["ratio"]["total_error"] < 0
    assert all("level" not in json.loads(row["parameters"]) for row in found.values())


def test_a_store_begins_with_its_first_hundredth_of_orders():
    dates = [date(2010, 1, 1), *(FIRST + timedelta(day) for day in range(300))]
    days = pa.table(
        {"store_id": ["s"] * 301, "purchase_date": dates, "first_purchases": [1] + [10] * 300, "repeat_purchases": [0] * 301}
    )
    assert Series.of(days, "s", (FIRST - date(1970, 1, 1)).days + 400).days == pytest.approx(398, abs=2)
    assert Series.of(days, "t", 20_000).days == Series.of(None, "s", 20_000).days == 0


def series_of(fit, people, factor, weeks=104):
    """A store that gets as many people a day, and orders as the model has them, times a factor in the last half year."""
    days = weeks * 7
    expected = Series(0, np.full(days, float(people)), np.zeros(days)).expected(fit, CALENDAR)
    return Series(0, np.full(days, float(people)), expected * np.where(np.arange(days) >= days - 182, factor, 1))


@pytest.mark.parametrize("factor", [0.7, 1.0, 1.5])
def test_the_level_is_that_of_the_last_half_year(factor):
    series = series_of(MODEL.fit, 20, factor)
    assert level_of(series, MODEL.fit, CALENDAR) == pytest.approx(factor, rel=0.02)
    few = series_of(MODEL.fit, 0.002, factor)
    assert level_of(few, MODEL.fit, CALENDAR) == pytest.approx(1, abs=0.02)
    assert level_of(series_of(MODEL.fit, 20, factor, 51), MODEL.fit, CALENDAR) == 1


def test_a_season_is_told_apart_from_growth():
    clock = Clock(season=SUMMER)
    days = np.arange(3 * 365)
    people = 5 * np.exp(days / 500)
    orders = Series(0, people, Series(0, people, people).expected(MODEL.fit, CALENDAR) * clock.index(days))
    assert season_of(orders, MODEL.fit) == pytest.approx(SUMMER, rel=0.15)


def test_a_level_is_time_ahead_alone():
    buyers = Buyers.of(table({"frequency": [2.0, 0.0], "recency_weeks": [10.0, 0.0], "age_weeks": [20.0, 20.0]}))
    raised = Dying(MODEL.fit, 1.3)
    assert raised.expected(buyers, 10) == pytest.approx(MODEL.expected(buyers, 13))
    assert raised.silence(buyers, 10) == pytest.approx(MODEL.silence(buyers, 13))
    assert raised.alive(buyers) == pytest.approx(MODEL.alive(buyers))
    assert raised.next_order(buyers, np.ones(2))[0] == pytest.approx(MODEL.next_order(buyers, np.ones(2))[0] / 1.3)
    assert orders_of("mbg_nbd", raised.parameters()).level == 1.3 and MODEL.parameters().get("level") is None


# Looking back, and totals


def test_expectations_of_weeks_follow_the_season():
    days = pa.table({"store_id": ["s"], "purchase_date": [date(2024, 6, 1)], "first_purchases": [1000]})
    weeks = pa.table({"store_id": ["s"] * 2, "week_number": [13, 30], "week_end": [date(2024, 8, 31), date(2024, 12, 28)]})
    rows = [
        {
            "store_id": "s",
            "as_of": datetime(2025, 1, 1),
            "target": target,
            "model": model,
            "is_chosen": True,
            "parameters": json.dumps(given),
        }
        for target, model, given in (("orders", "mbg_nbd", MODEL.fit.named()), ("season", "months", written(SUMMER)))
    ]
    found = expected_by_week(pa.Table.from_pylist(rows, LTV_MODELS), days, weeks)["expected_orders"].to_pylist()
    clock = Clock.at(date(2024, 6, 1), SUMMER)
    wanted = expected_orders_of_new(MODEL.fit, [float(clock.ahead(92 / 7)), float(clock.ahead(211 / 7))]) * 1000
    assert found == pytest.approx(wanted.tolist(), rel=1e-4)


def test_a_series_goes_on_with_a_damped_trend():
    assert smoothed(np.full(60, 7.0), 13) == pytest.approx([7] * 13)
    rising = smoothed(np.arange(60) * 2.0, 13)
    assert rising[0] == pytest.approx(120, rel=0.03) and 130 < rising[-1] < 146 and (np.diff(rising) > 0).all()
    noise = np.random.default_rng(1).poisson(40, 120)
    assert smoothed(noise, 13).mean() == pytest.approx(40, rel=0.1)
    assert (smoothed(np.maximum(60 - 3.0 * np.arange(30), 0), 13) >= 0).all()


def test_people_and_the_series_of_their_store_tell_the_same_total():
    ledger, found, came, by_day = predicted()
    orders = drawn()
    (row,) = store_forecasts(ledger, by_day, settings(DAYS)).to_pylist()
    person, day = orders
    is_repeat = np.r_[False, person[1:] == person[:-1]]
    actual = ((day > DAYS) & (day <= DAYS + 90) & is_repeat).sum()
    people = found["expected_orders_90days"].to_numpy().sum()
    assert row["newcomer_orders"] == pytest.approx(actual - came.sum(), rel=0.3)
    assert row["forecast_orders"] == pytest.approx(actual, rel=0.15)
    assert (people + row["newcomer_orders"]) / row["forecast_orders"] == pytest.approx(1, abs=0.15)
    assert 0 < row["window_spread"] < 0.2 and row["past_windows"] > 8


def test_windows_of_a_year_without_an_order_are_none():
    """Of a history with a hole of 400 days, which begins a year before what is there now."""
    ledger, _, _, by_day = predicted()
    first = min(by_day["purchase_date"].to_pylist())
    old = pa.table(
        {
            "store_id": pa.array(["s"] * 300),
            "purchase_date": pa.array([first - timedelta(days=700 - number) for number in range(300)]),
            "first_purchases": pa.array([1] * 300),
            "repeat_purchases": pa.array([3] * 300),
        }
    ).cast(by_day.schema)
    (row,) = store_forecasts(ledger, pa.concat_tables([old, by_day]), settings(DAYS)).to_pylist()
    (without,) = store_forecasts(ledger, by_day, settings(DAYS)).to_pylist()
    assert without["past_windows"] <= row["past_windows"] <= without["past_windows"] + 4
    assert row["window_spread"] < 1


def test_who_ordered_long_before_the_store_began_again_is_not_fitted_to():
    buyers = pa.table({name: pa.array([0.0, 2.0, 1.0]) for name in HISTORY})
    for name, weeks in (("age_weeks", [30.0, 90.0, 120.0]), ("recency_weeks", [0.0, 50.0, 10.0])):
        buyers = buyers.set_column(HISTORY.index(name), name, pa.array(weeks))
    series = Series(0, np.ones(200), np.zeros(200))
    assert fitting._of_this_shop(buyers, series)["age_weeks"].to_pylist() == [30, 90]
    assert fitting._of_this_shop(buyers, Series(0, np.empty(0), np.empty(0))) is buyers


def test_a_young_store_and_one_of_plain_rates_have_what_there_is_to_say():
    rows = [
        {
            "store_id": store,
            "as_of": datetime(2022, 4, 1),
            "target": "orders",
            "model": "ratio",
            "is_chosen": True,
            "parameters": json.dumps(Ratio(10.0, 1.0).parameters()),
        }
        for store in ("s", "t")
    ]
    by_day = purchase_days(drawn(), 90)
    found = store_forecasts(pa.Table.from_pylist(rows, LTV_MODELS), by_day, settings(90))
    nothing = {"newcomer_orders": None, "forecast_orders": None, "window_spread": None, "past_windows": 0}
    assert found.schema == FORECASTS and found.to_pylist() == [{"store_id": store, **nothing} for store in ("s", "t")]
    older = store_forecasts(pa.Table.from_pylist(rows, LTV_MODELS), purchase_days(drawn(), 300), settings(300)).to_pylist()[0]
    assert older["newcomer_orders"] > 0 and older["forecast_orders"] > 0 and older["window_spread"] is None


def test_a_night_before_seasons_were_kept_is_scored_as_it_was():
    ledger, _, _, _ = predicted()
    rows = [
        {name: value for name, value in row.items() if name != "covariance"}
        for row in ledger.to_pylist()
        if row["target"] != "season"
    ]
    old = pa.Table.from_pylist(rows, pa.schema([field for field in LTV_MODELS if field.name != "covariance"]))
    _, now = features(drawn(), DAYS, "now")
    found = score_ltv(now.to_batches(), old, now.slice(0, 0), settings(DAYS)).read_all()
    assert found.num_rows == now.num_rows and rows_of(ledger, "season")
    assert isinstance(reading(now), PredictionReader)
