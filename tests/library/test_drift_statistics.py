"""The formulas that stand in for functions that engines lack, against scipy."""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import pytest
from jinja2 import Environment
from scipy import stats

MACROS = Path(__file__).resolve().parents[2] / "macros" / "statistics.sql"


@pytest.fixture(scope="module")
def macros() -> object:
    """The macros as functions that give SQL."""
    return Environment(extensions=["jinja2.ext.do"]).from_string(MACROS.read_text(encoding="utf-8")).module


def values(expression: str, x: np.ndarray) -> np.ndarray:
    """What SQL makes of each x."""
    return np.array(
        [duckdb.sql(f"select {expression} from (select cast({value} as double) as x)").fetchall()[0][0] for value in x]
    )


def test_the_tail_of_the_normal_distribution_is_within_a_third_of_a_percent(macros):
    z = np.linspace(0, 12, 241)
    assert np.abs(values(macros.normal_tail("x"), z) / stats.norm.sf(z) - 1).max() < 0.0034
    # further out nothing underflows
    assert 0 < values(macros.normal_tail("x"), np.array([1000.0]))[0] < 1e-190


@pytest.mark.parametrize("degrees", [12, 18, 20, 30, 60])
def test_t_is_as_rare_as_the_normal_value_that_stands_for_it(macros, degrees):
    t = np.concatenate([np.linspace(-8, -0.5, 30), np.linspace(0.5, 8, 30)])
    z = values(macros.t_as_normal("x", degrees), t)
    assert np.abs(z - np.sign(t) * stats.norm.isf(stats.t.sf(np.abs(t), degrees))).max() < 0.02
    assert values(macros.t_as_normal("x", degrees), np.zeros(1))[0] == 0


@pytest.mark.parametrize("degrees", range(1, 10))
def test_chi_square_is_as_rare_as_the_normal_value_that_stands_for_it_or_rarer(macros, degrees):
    tails = np.array([0.1, 0.01, 1e-3, 1e-4, 1e-6])
    off = values(macros.chi_square_as_normal("x", degrees), stats.chi2.isf(tails, degrees)) - stats.norm.isf(tails)
    assert (off < 0.025).all() and (off > -0.3).all() and np.abs(off[:3]).max() < 0.05


def test_an_index_of_people_without_change_passes_its_threshold_once_in_a_hundred_times():
    draw = np.random.default_rng(3)
    passed = []
    for people, earlier in ((100, 100), (300, 2000), (5000, 5000)):
        shares = [(draw.multinomial(size, np.full(10, 0.1), 20000) + 0.5) / (size + 5) for size in (people, earlier)]
        psi = ((shares[0] - shares[1]) * np.log(shares[0] / shares[1])).sum(axis=1)
        passed.append((psi > stats.chi2.isf(0.01, 9) * (1 / people + 1 / earlier)).mean())
    assert all(0.006 < share < 0.0125 for share in passed), passed
