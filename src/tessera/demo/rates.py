"""How often people order, when they stop, what they spend: BG/NBD and Gamma-Gamma parameters and draws."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.special import betaincinv, gammaincinv, hyp2f1, ndtr, ndtri

from tessera.demo.config import DemoConfig
from tessera.demo.people import People, buyer_share, draw_people
from tessera.demo.shop import Store

# Orders beside the process itself (cancelled, test, unidentified), see purchases.py.
BESIDE = 1.045


@dataclass
class Purchasing:
    """BG/NBD and Gamma-Gamma parameters of a store; time in days, spend in the store's currency."""

    r: float
    alpha: float
    a: float
    b: float
    spend_p: float
    spend_q: float
    spend_v: float
    buyer_share: float


def expected_repeats(r: float, alpha: float, a: float, b: float, t: np.ndarray) -> np.ndarray:
    """Return E[X(t)] of the BG/NBD model, equation 9 of Fader, Hardie and Lee (2005)."""
    hyper = hyp2f1(r, b, a + b - 1, t / (alpha + t))
    return (a + b - 1) / (a - 1) * (1 - (alpha / (alpha + t)) ** r * hyper)


def purchasing_of(store: Store) -> Purchasing:
    """Return a store's parameters; alpha is solved for so that people place `orders_per_customer` orders on average."""
    return _solve(store.config, store.index)


@lru_cache(maxsize=128)
def _solve(config: DemoConfig, index: int) -> Purchasing:
    store, share = Store(config, index), buyer_share(config)
    r, a, b = (0.9, 0.7, 3.5) if store.is_pixel else (0.7, 0.8, 4.0)
    spend_p, spend_q, mean_spend = (6.0, 4.0, 62.0) if store.is_pixel else (5.0, 3.6, 54.0)
    span = draw_people(store, -1, 2000).buying_days
    ever = max(float((span > 0).mean()), 0.05)
    span = span[span > 0]
    wanted = max(config.orders_per_customer / (share * ever * BESIDE) - 1, 0.01)
    low, high = np.log(1e-2), np.log(1e6)
    for _ in range(60):
        middle = (low + high) / 2
        too_many = expected_repeats(r, np.exp(middle), a, b, span).mean() > wanted
        low, high = (middle, high) if too_many else (low, middle)
    return Purchasing(r, float(np.exp(low)), a, b, spend_p, spend_q, mean_spend * (spend_q - 1) / spend_p, share)


def buying_traits(people: People, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return every person's purchase rate a day, dropout probability and spend rate (Gamma-Gamma's nu).

    Types move people by their rank within the distribution, so over all people the rates stay exactly
    Gamma(r, alpha), the dropout probabilities Beta(a, b) and the spend rates Gamma(spend_q, spend_v). Where types are
    planted to show plainly, they move rates and spend themselves, and nobody drops out.
    """
    of = purchasing_of(people.store)
    if people.store.config.planted_axes:
        rate = _plain_rate(people.store.config, people.store.index) * _pace(people)
        spend_rate = (
            of.spend_q
            / of.spend_v
            * np.exp(
                -0.9 * people.plain("purchase_value")
                - 0.6 * people.plain("value_sophistication")
                - 0.3 * people.level("purchase_value")
            )
        )
        return rate, np.zeros(len(people)), spend_rate
    rate = gammaincinv(of.r, people.latent["purchase_frequency"].uniform) / of.alpha
    decline = -ndtri(people.latent["loyalty_trajectory"].uniform)
    mixed = ndtr(0.5 * decline + np.sqrt(0.75) * rng.standard_normal(len(people)))
    dropout = betaincinv(of.a, of.b, np.clip(mixed, 1e-9, 1 - 1e-9))
    spend_rate = gammaincinv(of.spend_q, 1 - people.latent["purchase_value"].uniform) / of.spend_v
    return np.maximum(rate, 1e-12), dropout, np.maximum(spend_rate, 1e-6)


def _pace(people: People) -> np.ndarray:
    """Return how much faster than others people order, shape (n,)."""
    return np.exp(0.75 * people.plain("purchase_frequency") + 0.2 * people.level("purchase_frequency"))


@lru_cache(maxsize=128)
def _plain_rate(config: DemoConfig, index: int) -> float:
    """Return the purchase rate a day at pace 1 with which people place `orders_per_customer` orders on average."""
    people = draw_people(Store(config, index), -1, 2000)
    wanted = max(config.orders_per_customer / (buyer_share(config) * BESIDE) - 1, 0.01)
    return wanted / float((_pace(people) * people.buying_days).mean())
