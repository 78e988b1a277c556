"""Forecasts of a store's revenue: shapes that are planted are found, intervals hold, and odd stores say what they are."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pytest

from tessera.forecast import REVENUE_FORECASTS, revenue_forecasts
from tessera.forecast.methods import (
    METHODS,
    damped_trend,
    damped_trend_of_year,
    tempered,
    week_shape,
    weeks_of,
    year_index,
    years_alike,
)
from tessera.forecast.revenue import AHEAD, judge

BEGINS = date(2025, 7, 1)


def of(series, store: str = "s", begins: date = BEGINS) -> pa.Table:
    """The rows of a store whose last day is yesterday; days without revenue are left out."""
    known = [
        (begins - timedelta(days=len(series) - place), float(value)) for place, value in enumerate(series) if value or place == 0
    ]
    return pa.table(
        {
            "store_id": [store] * len(known),
            "activity_date": pa.array([day for day, _ in known], pa.date32()),
            "as_of_date": pa.array([begins] * len(known), pa.date32()),
            "net_revenue": [value for _, value in known],
        }
    )


def revenue(forecast: pa.Table) -> np.ndarray:
    """What is expected of each day."""
    return forecast["revenue"].to_numpy()


def noisy(days: int, seed: int = 1, week=(1.0,) * 7, of_year: float = 0.0, growth: float = 0.0) -> np.ndarray:
    """Days of about a hundred, the last one being yesterday."""
    place = np.arange(-days, 0)
    usual = 100 * np.resize(week, days) * (1 + of_year * np.cos(2 * np.pi * place / 365)) * np.exp(growth * place / 365)
    return usual * np.random.default_rng(seed).gamma(20, 1 / 20, days)


def test_a_week_goes_on_as_it_was():
    week = np.array([50.0, 60, 70, 80, 90, 200, 150])
    for method, _ in METHODS.values():
        assert method(np.tile(week, 100), 14) == pytest.approx(np.tile(week, 2), rel=0.1)
    shape = week_shape(np.tile(week, 30))
    assert shape.mean() == pytest.approx(1)
    assert shape == pytest.approx(week / 100, rel=0.1)


def test_a_trend_flattens_and_never_falls_below_nothing():
    rising = damped_trend(np.repeat(np.arange(40) * 10.0, 7), AHEAD)
    assert rising[0] > 390
    assert np.diff(rising).min() >= 0
    assert rising[-1] - rising[-8] < rising[8] - rising[1]
    assert damped_trend(np.repeat(np.maximum(20 - np.arange(30.0), 0), 7), AHEAD).min() >= 0


def test_a_season_that_was_there_twice_is_known_and_chosen():
    series = noisy(900, of_year=0.5)
    index = year_index(series)
    assert index.mean() == pytest.approx(1, abs=0.01)
    assert index[:30].mean() > 1.25
    assert index[170:200].mean() < 0.75
    found = revenue_forecasts(of(series))
    assert set(found["model"].to_pylist()) == {"damped_trend_of_year"}
    truth = 100 * (1 + 0.5 * np.cos(2 * np.pi * np.arange(AHEAD) / 365))
    assert np.abs(revenue(found) - truth).mean() < 15
    assert np.abs(damped_trend(series, AHEAD) - truth).mean() > np.abs(damped_trend_of_year(series, AHEAD) - truth).mean()


def test_a_quiet_time_that_was_there_twice_is_quiet_the_third_time():
    """A shop of one season: nine in ten of its days' revenue in two months, as of ten days before them."""
    of_day = 100 * np.repeat([0.12, 5.4], [304, 61])[(294 + np.arange(-760, AHEAD)) % 365]
    series, ahead = of_day[:760] * np.random.default_rng(2).gamma(20, 1 / 20, 760), of_day[760:]
    assert damped_trend_of_year(series, AHEAD).sum() == pytest.approx(ahead.sum(), rel=0.15)


def test_the_season_of_the_seed_is_taken_out_of_the_days_and_put_into_those_ahead():
    # April to June sold at half of the usual, July to September will sell at one and a half
    months = [1.0] * 3 + [0.5] * 3 + [1.5] * 3 + [1.0] * 3
    seed = pa.table({"store_id": ["s"] * 12, "month": [str(n) for n in range(1, 13)], "seasonal_index": [str(n) for n in months]})
    day = np.datetime64(BEGINS) + np.arange(-300, AHEAD)
    series = noisy(300) * np.array(months)[day[:300].astype("datetime64[M]").astype(int) % 12]
    found = revenue_forecasts(of(series), seed)
    assert revenue(found).mean() == pytest.approx(150, rel=0.1)
    assert "time of the year is that of seed seasonality" in found["reason"][0].as_py()
    without = revenue_forecasts(of(series), seed.slice(0, 0))
    assert revenue(without).mean() < 70
    assert "time of the year is not known" in without["reason"][0].as_py()
    # whoever knows the shop is believed where its days are few, and where months that were all alike tell nothing
    young = revenue_forecasts(of(series[-60:]), seed)
    assert young["cuts"][0].as_py() == 0
    assert revenue(young).mean() == pytest.approx(150, rel=0.1)
    # a store of more than two years knows better
    old = revenue_forecasts(of(noisy(900)), seed)
    assert old.equals(revenue_forecasts(of(noisy(900))))
    assert "time of the year" not in old["reason"][0].as_py()


def test_a_day_is_expected_below_nothing_where_days_were():
    rng = np.random.default_rng(5)
    rare = np.where(rng.random(400) < 0.4, rng.gamma(2, 50, 400), 0.0)
    assert revenue_forecasts(of(rare))["revenue_low"].to_numpy().min() == 0
    returned = rare - np.where(rng.random(400) < 0.3, 80.0, 0.0)
    assert revenue_forecasts(of(returned))["revenue_low"].to_numpy().min() < 0


def test_the_forecast_is_the_mean_of_what_erred_little_and_tells_its_shares():
    series = noisy(400, week=(1, 1, 1, 1, 1, 2, 2))
    judged = judge(series, 90, 28)
    assert sum(judged.shares.values()) == pytest.approx(1)
    assert judged.forecast.shape == judged.actual.shape == (6, 90)
    found = revenue_forecasts(of(series))
    assert found.num_rows == AHEAD
    assert found.schema == REVENUE_FORECASTS
    (model,) = set(found["model"].to_pylist())
    assert model == max(judged.shares, key=lambda name: judged.shares[name])
    assert revenue(found) == pytest.approx(sum(share * METHODS[name][0](series, AHEAD) for name, share in judged.shares.items()))
    assert found["relative_error"][0].as_py() == pytest.approx(judged.error, abs=1e-6)
    assert judged.error < 0.9
    for name, share in judged.shares.items():
        assert f"{name} {share:.3f}" in found["reason"][0].as_py()
    assert found["forecast_date"].to_pylist() == [BEGINS + timedelta(days=number) for number in range(AHEAD)]
    assert revenue_forecasts(of(series)).equals(found)


def test_who_knows_the_season_weighs_most_in_the_quiet_months_before_it():
    """A shop of one season in its third autumn: all ways said as much of the quiet months after the cuts."""
    of_day = 100 * np.repeat([0.12, 5.4], [304, 61])[(294 + np.arange(-760, AHEAD)) % 365]
    series, ahead = of_day[:760] * np.random.default_rng(2).gamma(20, 1 / 20, 760), of_day[760:]
    assert years_alike(series) > 0.9
    assert years_alike(noisy(760)) < 0.1
    found = revenue_forecasts(of(series))
    assert found["model"][0].as_py() == "damped_trend_of_year"
    assert revenue(found).sum() == pytest.approx(ahead.sum(), rel=0.15)
    assert found["total_low"][0].as_py() < ahead.sum() < found["total_high"][0].as_py()


def sparse(seed: int, days: int = 540, ahead: int = AHEAD, chance: float = 0.04) -> tuple[np.ndarray, np.ndarray]:
    """A shop that sells something large every few weeks: its days, and those that come."""
    rng = np.random.default_rng(seed)
    every = np.where(rng.random(days + ahead) < chance, rng.lognormal(7, 0.6, days + ahead), 0.0)
    return every[:days], every[days:]


def test_a_shop_that_sells_in_few_weeks_is_told_their_mean():
    expected, came, held = [], [], []
    for seed in range(40):
        series, ahead = sparse(seed)
        found = revenue_forecasts(of(series))
        expected.append(revenue(found).sum())
        came.append(ahead.sum())
        held.append(found["total_low"][0].as_py() <= ahead.sum() <= found["total_high"][0].as_py())
        assert revenue(found).sum() > 0
    assert np.mean(expected) == pytest.approx(np.mean(came), rel=0.2)
    assert np.mean(held) == pytest.approx(0.8, abs=0.12)


def test_one_order_in_a_young_shop_is_worth_its_share_of_its_days():
    found = revenue_forecasts(of(np.r_[325.0, np.zeros(71)]))
    assert revenue(found).sum() == pytest.approx(325 / 72 * AHEAD)
    assert found["total_low"][0].as_py() == 0
    assert found["total_high"][0].as_py() > 500
    assert found["cuts"][0].as_py() == 0


def test_a_week_of_refunds_is_no_quarter_of_them():
    series = noisy(480) * (np.arange(480) % 5 == 0)
    before = revenue(revenue_forecasts(of(series[:-7]))).sum()
    series[-7:] = 0
    series[-2] = -2000
    found = revenue_forecasts(of(series))
    assert 0.3 * before < revenue(found).sum() < before
    assert revenue(found).min() >= 0


def test_a_sale_is_no_new_level_and_a_new_level_is_one():
    series = noisy(500)
    usual = revenue(revenue_forecasts(of(series))).sum()
    sale = np.r_[series[:-7], 4 * series[-7:]]
    assert revenue(revenue_forecasts(of(sale))).sum() == pytest.approx(usual, rel=0.15)
    assert tempered(weeks_of(sale)).sum() == pytest.approx(sale[-497:].sum(), rel=0.05)
    grown = np.r_[series[:-91], 3 * series[-91:]]
    assert revenue(revenue_forecasts(of(grown))).sum() > 2.3 * usual


def test_another_night_is_no_other_forecast():
    changes = []
    for seed in range(20):
        series = sparse(seed, chance=0.1)[0]
        nights = [revenue(revenue_forecasts(of(series[: 534 + night]))).sum() for night in range(7)]
        changes += list(np.abs(np.diff(np.log(nights))))
    assert max(changes) < 0.5
    assert np.mean(changes) < 0.07


def test_four_days_in_five_lie_within_the_interval():
    held, in_all = [], []
    for seed in range(8):
        series = noisy(500, seed, week=(1, 1, 1, 1, 1, 2, 2))
        found = revenue_forecasts(of(series[:410], begins=BEGINS - timedelta(days=90)))
        low, high = (found[name].to_numpy() for name in ("revenue_low", "revenue_high"))
        assert (low <= revenue(found)).all()
        assert (revenue(found) <= high).all()
        in_all.append(found["total_low"][0].as_py() <= series[410:].sum() <= found["total_high"][0].as_py())
        held.append(((low <= series[410:]) & (series[410:] <= high)).mean())
    assert np.mean(held) == pytest.approx(0.8, abs=0.06)
    assert np.mean(in_all) > 0.7


@pytest.mark.parametrize(
    ("series", "said"),
    [
        ([10.0], "1 days are known"),
        ([10.0] * 13, "13 days are known"),
        ([0.0] * 200, "nothing was sold in the last 90 days"),
        ([-5.0] * 200, "nothing was sold in the last 90 days"),
        ([10.0] * 100 + [0.0] * 100, "nothing was sold in the last 90 days"),
    ],
)
def test_a_store_without_a_forecast_says_why(series, said):
    (row,) = revenue_forecasts(of(series)).to_pylist()
    assert said in row["reason"]
    assert (row["forecast_date"], row["revenue"], row["model"], row["cuts"]) == (None, None, None, 0)


@pytest.mark.parametrize(
    ("days", "cuts", "cut_days"),
    [(14, 0, None), (83, 0, None), (84, 4, 7), (125, 6, 7), (126, 4, 28), (229, 6, 28), (230, 4, 90), (286, 6, 90)],
)
def test_a_young_store_is_judged_by_shorter_cuts_or_not_at_all(days, cuts, cut_days):
    found = revenue_forecasts(of(noisy(days)))
    first = found.to_pylist()[0]
    assert (found.num_rows, first["cuts"], first["cut_days"], first["history_days"]) == (AHEAD, cuts, cut_days, days)
    assert (first["relative_error"] is None) == (cuts == 0)
    assert np.abs(revenue(found) / 100 - 1).max() < 0.5


def test_gaps_jumps_and_rest_are_numbers():
    rng = np.random.default_rng(3)
    hostile = {
        "gaps": np.where(rng.random(700) < 0.03, rng.lognormal(5, 2, 700), 0.0),
        "jump": np.r_[np.full(300, 1e-2), np.full(60, 9e15)],
        "one": np.r_[1.0, np.zeros(150), 1e6],
        "refunds": rng.normal(0, 100, 400),
        "same": np.full(400, 42.0),
        "given_back": np.r_[np.zeros(100), 5.0, np.zeros(80), -5.0],
        "large_order": np.r_[np.full(300, 10.0), 1e9, np.full(20, 10.0)],
    }
    for name, series in hostile.items():
        found = revenue_forecasts(of(series))
        for column in ("revenue", "revenue_low", "revenue_high", "relative_error", "mase", "total_low", "total_high"):
            assert all(value is None or np.isfinite(value) for value in found[column].to_pylist()), (name, column)
        if found.num_rows == 1:
            continue
        assert (found["revenue_low"].to_numpy() <= revenue(found)).all()
        assert (revenue(found) <= found["revenue_high"].to_numpy()).all()
        assert found["total_low"][0].as_py() <= revenue(found).sum() <= found["total_high"][0].as_py(), name
    assert revenue(revenue_forecasts(of(hostile["same"]))) == pytest.approx(42)


def test_stores_are_apart_and_what_is_before_the_first_thousandth_is_an_accident():
    early = np.r_[5.0, np.zeros(1000), noisy(300)]
    both = pa.concat_tables([of(early, "b"), of(noisy(300), "a")])
    found = revenue_forecasts(both)
    one, other = (found.filter(pa.compute.equal(found["store_id"], store)) for store in ("a", "b"))
    assert other["history_days"][0].as_py() == 300
    assert revenue(one) == pytest.approx(revenue(revenue_forecasts(of(noisy(300), "a"))))
    assert revenue_forecasts(both.slice(0, 0)).num_rows == 0


def test_a_batch_on_the_first_is_expected_on_the_first():
    """Weekdays know nothing of it; a store without such a day is told as if nobody had looked."""
    day = np.datetime64(BEGINS) + np.arange(-500, AHEAD)
    is_first = day == day.astype("datetime64[M]").astype("datetime64[D]")
    series = np.where(is_first[:500], 10_000 + noisy(500), noisy(500, seed=2) / 10)
    found = revenue_forecasts(of(series))
    expected = revenue(found)
    assert expected[is_first[500:]] == pytest.approx(10_100, rel=0.25)
    assert expected[~is_first[500:]].max() < 50
    assert found["total_low"][0].as_py() < 3 * 10_100 + 87 * 10 < found["total_high"][0].as_py()
    assert "days of the month" not in revenue_forecasts(of(noisy(500)))["reason"][0].as_py().lower()
