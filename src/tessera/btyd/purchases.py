"""Models of purchases: how often someone orders while alive, and when they stop.

While alive a customer orders at random times at a rate of their own, and rates are gamma distributed (shape r, and alpha in
the unit of time). They differ in how a customer stops:

- `BgNbd`: after every repeat order with a probability of their own, beta distributed (a, b): Fader, Hardie and Lee 2005.
- `MbgNbd`: so, and after the first order already: Batislam, Denizel and Filiztekin 2007.
- `ParetoNbd`: at any time at a rate of their own, gamma distributed (s, beta): Schmittlein, Morrison and Colombo 1987, in the
  stable form of Fader and Hardie's note on its likelihood.

In all of them the likelihood of x repeat orders, the last at t_x, seen up to T, is

    L = A1(x) * (A3(x, T) + A4(x, t_x))

in the letters of Fader, Hardie and Lee, whose A2 is a factor of both A3 and A4 here. Only A3 looks at the clock, and whoever
is alive at T starts afresh with a posterior of the same family: `posterior` gives its parameters, and `expected` and
`more_than` are about orders in a time t from there. Of people with a rhythm it matters besides how long they have been silent,
see `tessera.btyd.rhythm`.
All functions work on columns of one length and natural (not logarithmic) parameters.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.optimize.elementwise import find_root
from scipy.special import betainc, betaincinv, betaln, expit, exprel, gammaincinv, gammaln, hyp2f1
from typing_extensions import override

from tessera.btyd.histories import Floats, Histories, Pairs
from tessera.btyd.hypergeometric import gauss_ratio

NEVER = -1e30
"""Logarithm of a probability that is zero, and can be subtracted from itself."""
FAR = 20.0
"""Log of how many times the time so far (and alpha) counts as never."""
Posterior = tuple[Floats, ...]
"""The four parameters of someone alive, a column each."""
Flags = NDArray[np.bool_]
Lifetimes = Callable[[slice], tuple[Floats, Floats, Floats | None]]
"""Of some customers the draws of how they stop, shape (customers, draws), the time seen, and log odds of going on, if known."""
LEAST = 1e-300
LEAST_CHANCE = 1e-12
"""Least coin, or rate of stopping, that is drawn."""
MOST_LOG = 500.0


class PurchaseModel(ABC):
    """What a model of purchases knows."""

    name: str
    parameters: tuple[str, str, str, str]
    times: tuple[bool, bool, bool, bool]
    """Which parameters are in the unit of time."""
    stages = 1
    """Through how many stages, at the rate of which r and alpha tell, somebody comes from one order to the next."""

    def seen(self, histories: Histories) -> Pairs:
        """What of the histories tells what follows of someone alive."""
        return histories.by_age

    def rate_shapes(self, values: Floats, x: Floats, age: Floats, silent: Floats) -> tuple[Floats, Floats]:
        """Shapes of the gamma distributions of the rate of someone alive and of someone who stopped, whole numbers above r."""
        shape = values[0] + self.stages * x
        return shape, shape

    @abstractmethod
    def log_a1(self, values: Floats, x: Floats) -> Floats:
        """Log of A1, the factor of the likelihood that neither time moves."""

    @abstractmethod
    def log_a3(self, values: Floats, x: Floats, age: Floats, silent: Floats) -> Floats:
        """Log of A3, the part of the likelihood that wanes as time goes by without an order."""

    @abstractmethod
    def log_a4(self, values: Floats, x: Floats, recency: Floats) -> Floats:
        """Log of A4, the part of the likelihood that stays."""

    @abstractmethod
    def log_alive(self, values: Floats, x: Floats, age: Floats, silent: Floats) -> Floats:
        """Log of the part of the likelihood in which the customer is alive at T."""

    @abstractmethod
    def posterior(self, values: Floats, x: Floats, age: Floats, silent: Floats) -> Posterior:
        """Parameters of someone who is alive at T, for what follows; the first two are of the rate."""

    def mean_orders(self, posterior: Posterior, t: Floats) -> Floats:
        """Orders in t of someone who does not stop, on average."""
        return posterior[0] * t / posterior[1] / self.stages

    @abstractmethod
    def expected(self, posterior: Posterior, t: Floats) -> Floats:
        """Expected orders in t of someone alive."""

    @abstractmethod
    def more_than(self, posterior: Posterior, n: Floats, t: Floats) -> Floats:
        """P(more than n orders in t) of someone alive."""

    @abstractmethod
    def lifetimes(
        self, values: Floats, x: Floats, age: Floats, recency: Floats, alive: Floats, fate: Floats, chance: Floats
    ) -> Lifetimes:
        """Draws of what is known of how customers stop, and the time that their rate was seen for, of some of the customers.

        Customers are columns, with P(alive); draws are uniform numbers: someone of a `fate` below P(alive) is alive, and of those
        who are not it says where in the time since the last order they stopped. A draw is a coin or a rate of stopping, and the
        log odds of going on, where what follows needs them.
        """

    @abstractmethod
    def alive_given(self, x: Floats, silent: Floats, rate: Floats, stop: Floats, odds: Floats | None = None) -> Floats:
        """P(alive) of someone of such a rate and way of stopping (its log odds: `odds`), so long after the last order."""

    @abstractmethod
    def expected_given(self, rate: Floats, stop: Floats, t: float) -> Floats:
        """Expected orders in t of someone alive of such a rate and way of stopping."""

    def time_until(self, values: Floats, x: Floats, age: Floats, silent: Floats, log_ratio: Floats) -> Floats:
        """Time from T until the log of A3 has changed by `log_ratio`, which is below zero; infinity beyond `FAR`.

        The root in the logarithm of time, in which the log of A3 is nearly a straight line.
        """
        alpha = values[1]
        start = np.log(alpha + age)

        def above(log_time: Floats, x: Floats, age: Floats, silent: Floats, target: Floats) -> Floats:
            t = np.maximum(np.exp(log_time) - alpha - age, 0)
            return self.log_a3(values, x, age + t, silent + t) - target

        target = self.log_a3(values, x, age, silent) + log_ratio
        root = find_root(above, (start, start + FAR), args=(x, age, silent, target))
        return np.where(root.success, np.exp(root.x) - np.exp(start), np.inf)


class Coin(PurchaseModel):
    """Stopping by a coin after orders; `first` says how many coins fall with the first order."""

    parameters = ("r", "alpha", "a", "b")
    times = (False, True, False, False)
    first: int

    @override
    def log_a1(self, values: Floats, x: Floats) -> Floats:
        r, alpha, a, b = values
        return gammaln(r + self.stages * x) - gammaln(r) + r * np.log(alpha) - betaln(a, b)

    @override
    def log_a3(self, values: Floats, x: Floats, age: Floats, silent: Floats) -> Floats:
        r, alpha, a, b = values
        return of_count(lambda n: betaln(a, b + n + self.first), x) - (r + x) * np.log(alpha + age)

    @override
    def log_a4(self, values: Floats, x: Floats, recency: Floats) -> Floats:
        r, alpha, a, b = values
        coins = x + self.first
        ended = of_count(lambda n: betaln(a + 1, b + n), np.maximum(coins - 1, 0)) - (r + self.stages * x) * np.log(
            alpha + recency
        )
        return np.where(coins == 0, NEVER, ended)

    @override
    def log_alive(self, values: Floats, x: Floats, age: Floats, silent: Floats) -> Floats:
        return self.log_a3(values, x, age, silent)

    @override
    def posterior(self, values: Floats, x: Floats, age: Floats, silent: Floats) -> Posterior:
        r, alpha, a, b = values
        return r + x, alpha + age, np.full_like(x, a), b + x + self.first

    @override
    def expected(self, posterior: Posterior, t: Floats) -> Floats:
        """Formula 9 of Fader, Hardie and Lee (2005) with Euler's transformation of its 2F1.

        Their c = a + b - 1 may be negative; splitting off the orders after which the customer stops raises it by one.
        Near a = 1, where the formula is 0 / 0, it is interpolated between a = 1 - 1e-4 and a = 1 + 1e-4; beyond a = 50,
        where a 2F1 of such parameters loses its digits, the beta distribution is narrow and a quadrature serves.
        """
        r, alpha, a, b = posterior
        t = np.broadcast_to(t, r.shape)
        step = 1e-4
        share_of_step = np.clip((a - 1 + step) / (2 * step), 0, 1)
        near, narrow = (share_of_step > 0) & (share_of_step < 1), a > 50
        found = np.empty_like(r)
        for some, how in ((~near & ~narrow, _coin_orders), (narrow, _narrow_coin_orders)):
            if some.any():
                found[some] = how(r[some], alpha[some], a[some], b[some], t[some])
        if near.any():
            low, high = (
                _coin_orders(r[near], alpha[near], np.full(int(near.sum()), edge), b[near], t[near])
                for edge in (1 - step, 1 + step)
            )
            found[near] = low + share_of_step[near] * (high - low)
        return found

    @override
    def more_than(self, posterior: Posterior, n: Floats, t: Floats) -> Floats:
        """More than n: at least n + 1 orders if nothing stopped them, and n coins survived; the two are independent."""
        r, alpha, a, b = posterior
        return betainc(n + 1, r, t / (alpha + t)) * np.exp(betaln(a, b + n) - betaln(a, b))

    @override
    def lifetimes(
        self, values: Floats, x: Floats, age: Floats, recency: Floats, alive: Floats, fate: Floats, chance: Floats
    ) -> Lifetimes:
        _, _, a, b = values
        number, row = np.unique(x, return_inverse=True)
        coins = number[:, None] + self.first
        both = [betaincinv(a, b + coins, chance), betaincinv(a + 1, b + np.maximum(coins - 1, 0), chance)]
        coin = np.clip(np.concatenate(both), LEAST_CHANCE, 1 - LEAST_CHANCE)
        odds, draws = np.log1p(-coin) - np.log(coin), np.arange(len(chance))

        def of_some(some: slice) -> tuple[Floats, Floats, Floats]:
            lives = alive[some, None] > fate
            place = np.where(lives, row[some, None], row[some, None] + len(number)) * len(draws) + draws
            return coin.take(place), np.where(lives, age[some, None], recency[some, None]), odds.take(place)

        return of_some

    @override
    def alive_given(self, x: Floats, silent: Floats, rate: Floats, stop: Floats, odds: Floats | None = None) -> Floats:
        odds = np.log1p(-stop) - np.log(stop) if odds is None else odds
        return np.where(x + self.first > 0, expit(odds - rate * silent), 1)

    @override
    def expected_given(self, rate: Floats, stop: Floats, t: float) -> Floats:
        return -np.expm1(-rate * stop * t) / stop

    @override
    def time_until(self, values: Floats, x: Floats, age: Floats, silent: Floats, log_ratio: Floats) -> Floats:
        growth = -log_ratio / (values[0] + x)
        return np.where(growth > FAR, np.inf, (values[1] + age) * np.expm1(np.minimum(growth, FAR)))


class BgNbd(Coin):
    """Beta-geometric / NBD."""

    name = "bg_nbd"
    first = 0


class MbgNbd(Coin):
    """Modified beta-geometric / NBD."""

    name = "mbg_nbd"
    first = 1


class ParetoNbd(PurchaseModel):
    """Pareto / NBD."""

    name = "pareto_nbd"
    parameters = ("r", "alpha", "s", "beta")
    times = (False, True, False, True)

    @override
    def log_a1(self, values: Floats, x: Floats) -> Floats:
        r, alpha, s, beta = values
        return gammaln(r + x) - gammaln(r) + r * np.log(alpha) + s * np.log(beta)

    @override
    def log_a3(self, values: Floats, x: Floats, age: Floats, silent: Floats) -> Floats:
        r, alpha, s, beta = values
        return np.log(r + x) + _log_tail(r + x + 1, s, alpha + age, beta + age)

    @override
    def log_a4(self, values: Floats, x: Floats, recency: Floats) -> Floats:
        r, alpha, s, beta = values
        return np.log(s) + _log_tail(r + x, s + 1, alpha + recency, beta + recency)

    @override
    def log_alive(self, values: Floats, x: Floats, age: Floats, silent: Floats) -> Floats:
        r, alpha, s, beta = values
        return -(r + x) * np.log(alpha + age) - s * np.log(beta + age)

    @override
    def posterior(self, values: Floats, x: Floats, age: Floats, silent: Floats) -> Posterior:
        r, alpha, s, beta = values
        return r + x, alpha + age, np.full_like(x, s), beta + age

    @override
    def expected(self, posterior: Posterior, t: Floats) -> Floats:
        """Formula 22 of Schmittlein, Morrison and Colombo (1987), written so that s = 1 is no exception."""
        r, alpha, s, beta = posterior
        span = np.log1p(t / beta)
        return r * beta / alpha * span * exprel((1 - s) * span)

    @override
    def more_than(self, posterior: Posterior, n: Floats, t: Floats) -> Floats:
        """More than n: the order n + 1 comes before t, and the customer has not stopped by then.

        The time of that order over alpha is beta prime (n + 1, r). Its logarithm has a density without a corner, which
        24 points of Gauss and Legendre integrate to three decimals at the worst and mostly to five, between where a
        millionth is left out and t.
        """
        r, alpha, s, beta = posterior
        k, left_out = n + 1, np.log(1e-6)
        log_beta, centre, width = betaln(k, r), np.log(k / r), np.sqrt(1 / k + 1 / r)
        low = np.maximum(centre - width * (5 + 9 / np.sqrt(k)), (np.log(k) + log_beta + left_out) / k)
        high = np.minimum(centre + width * (5 + 9 / np.sqrt(r)), -(np.log(r) + log_beta + left_out) / r)
        length = np.maximum(np.minimum(high, np.log(np.maximum(t, 1e-300) / alpha)) - low, 0)
        found = np.zeros_like(r)
        for node, weight in zip(NODES, WEIGHTS, strict=True):
            log_time = low + node * length
            time = np.exp(log_time)
            found += weight * np.exp(k * log_time - (k + r) * np.log1p(time) - s * np.log1p(time * alpha / beta) - log_beta)
        return np.minimum(found * length, 1)

    @override
    def lifetimes(
        self, values: Floats, x: Floats, age: Floats, recency: Floats, alive: Floats, fate: Floats, chance: Floats
    ) -> Lifetimes:
        """The time of stopping has the density (alpha + u)^-(r + x) (beta + u)^-(s + 1), nearly a power of one clock."""
        r, alpha, s, beta = values
        of_alive, of_stopped = gammaincinv(s, chance), gammaincinv(s + 1, chance)

        def of_some(some: slice) -> tuple[Floats, Floats, None]:
            x_, age_, recency_, alive_ = (column[some, None] for column in (x, age, recency, alive))
            lives = alive_ > fate
            stop_share = np.clip((fate - alive_) / np.maximum(1 - alive_, LEAST), 0, 1)
            m = r + x_ + s + 1
            clock = ((r + x_) * alpha + (s + 1) * beta) / m
            whole = (m - 1) * np.log1p((age_ - recency_) / (clock + recency_))
            passed = -np.log1p(stop_share * np.expm1(-np.minimum(whole, FAR))) / (m - 1)
            seen = np.where(lives, age_, np.minimum(recency_ + (clock + recency_) * np.expm1(passed), age_))
            return np.maximum(np.where(lives, of_alive, of_stopped) / (beta + seen), LEAST_CHANCE), seen, None

        return of_some

    @override
    def alive_given(self, x: Floats, silent: Floats, rate: Floats, stop: Floats, odds: Floats | None = None) -> Floats:
        both = rate + stop
        return 1 / (1 + stop / both * np.expm1(np.minimum(both * silent, MOST_LOG)))

    @override
    def expected_given(self, rate: Floats, stop: Floats, t: float) -> Floats:
        return -rate * np.expm1(-stop * t) / stop


NODES, WEIGHTS = (part / 2 for part in np.polynomial.legendre.leggauss(24))
NODES = NODES + 0.5


def _log_tail(m: Floats, n: float, first: Floats, second: Floats) -> Floats:
    """Log of the integral over t from 0 to infinity of (first + t)^-m (second + t)^-n, all columns of one length.

    Whichever is greater is the base: the 2F1 then has an argument in [0, 1).
    """
    greater, less = np.maximum(first, second), np.minimum(first, second)
    k = np.where(first >= second, m, n)
    total = m + n
    ratio = gauss_ratio(k, total, less / greater)
    return -k * np.log(greater) - (total - k - 1) * np.log(less) - np.log(total - 1) + np.log(ratio)


def of_count(function: Callable[[Floats], Floats], x: Floats) -> Floats:
    """A function of whole numbers, found once for every number up to the greatest where that is less work."""
    most = x.max(initial=0)
    return function(x) if most >= len(x) else function(np.arange(most + 1))[x.astype(np.int64)]


def _coin_orders(r: Floats, alpha: Floats, a: Floats, b: Floats, t: Floats) -> Floats:
    """Expected orders of the coin models for a that is not 1."""
    z = t / (alpha + t)
    log_rest = np.log(alpha) - np.log(alpha + t)
    go_on = -np.expm1((a - 1) * log_rest + np.log(hyp2f1(a - 1, a + b - r, a + b, z))) * b / (a - 1)
    last = -np.expm1(a * log_rest + np.log(hyp2f1(a, a + b - r, a + b, z)))
    return np.maximum(go_on + last, 0)


def _narrow_coin_orders(r: Floats, alpha: Floats, a: Floats, b: Floats, t: Floats) -> Floats:
    """Expected orders by Gauss-Legendre quadrature in the probability of the coin, for a narrow distribution of it."""
    found = np.zeros_like(r)
    for node, weight in zip(NODES, WEIGHTS, strict=True):
        coin = np.maximum(betaincinv(a, b, node), 1e-300)
        found -= weight * np.expm1(-r * np.log1p(coin * t / alpha)) / coin
    return found
