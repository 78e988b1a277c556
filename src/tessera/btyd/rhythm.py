"""Purchases of people with a rhythm, who order at more even distances than chance makes.

From one order to the next someone passes through k stages at a rate of their own, so that pauses are Erlang distributed, and
rates and coins are those of the MBG/NBD: the MBG/CNBD-k of Platzer and Reutterer (2016) and Reutterer, Platzer and Schröder
(2021). k = 1 is the MBG/NBD itself. It is the same for everybody of a store and chosen, not fitted: its part of the likelihood
looks at every single pause.

In the likelihood L = A1(x) * (A3(x, t_x, T) + A4(x, t_x)) only A3 has a sum more: over the stages j = 0 ... k - 1 that may have
been passed since the last order, as likely as

    w(j) = ((T - t_x) / (alpha + T))^j * Gamma(r + k x + j) / (Gamma(r + k x) j!)

tells. Given the stage all is as before: the rate is gamma (r + k x + j, alpha + T), and the order n of the time ahead comes with
the stage n k - j of it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc, betaincinv, betaln, expit
from typing_extensions import override

from tessera.btyd.histories import Floats, Histories, Pairs
from tessera.btyd.purchases import NODES, WEIGHTS, MbgNbd, Posterior, PurchaseModel, of_count

SOON = 3
"""Mean pauses ahead up to which orders are counted stage by stage; beyond, what stage somebody is in hardly matters."""
LEAST_TIME = 1e-300
LEAST_COIN = 1e-9
LEFT_OUT = 1e-8
MOST_STAGES = 20_000


class MbgCnbd(MbgNbd):
    """Modified beta-geometric / NBD of pauses of k stages."""

    def __init__(self, stages: int) -> None:
        """Take the number of stages, k, of 2 or more."""
        self.stages = stages
        self.name = f"mbg_cnbd_{stages}"

    @override
    def seen(self, histories: Histories) -> Pairs:
        return histories.by_silence

    @override
    def rate_shapes(self, values: Floats, x: Floats, age: Floats, silent: Floats) -> tuple[Floats, Floats]:
        shape = values[0] + self.stages * x
        passed = self._passed(shape, values[1] + age, silent) @ np.arange(self.stages)
        return shape + np.round(passed), shape

    @override
    def log_a3(self, values: Floats, x: Floats, age: Floats, silent: Floats) -> Floats:
        r, alpha, a, b = values
        shape = r + self.stages * x
        total = np.logaddexp.reduce(self._log_passed(shape, alpha + age, silent), axis=-1)
        return of_count(lambda n: betaln(a, b + n + 1), x) - shape * np.log(alpha + age) + total

    @override
    def posterior(self, values: Floats, x: Floats, age: Floats, silent: Floats) -> Posterior:
        r, alpha, a, b = values
        return r + self.stages * x, alpha + age, np.full_like(x, a), b + x + 1, np.broadcast_to(silent, x.shape)

    @override
    def expected(self, posterior: Posterior, t: Floats) -> Floats:
        """Stage by stage where few pauses are ahead; else by the generating function of whole pauses."""
        r, alpha = posterior[:2]
        t = np.broadcast_to(t, r.shape)
        soon, found = r * t < SOON * self.stages * alpha, np.empty_like(r)
        for some, how in ((soon, self._orders_soon), (~soon, self._orders_later)):
            if some.any():
                found[some] = how(tuple(part[some] for part in posterior), t[some])
        return found

    @override
    def more_than(self, posterior: Posterior, n: Floats, t: Floats) -> Floats:
        """More than n: the stage of the order n + 1 is reached, and n coins survived."""
        r, alpha, a, b, silent = posterior
        passed, share = self._passed(r, alpha, silent), t / (alpha + t)
        reached = sum(
            (passed[:, stage] * betainc((n + 1) * self.stages - stage, r + stage, share) for stage in range(self.stages)),
            start=np.zeros_like(r),
        )
        return reached * np.exp(betaln(a, b + n) - betaln(a, b))

    @override
    def alive_given(self, x: Floats, silent: Floats, rate: Floats, stop: Floats, odds: Floats | None = None) -> Floats:
        odds = np.log1p(-stop) - np.log(stop) if odds is None else odds
        stages = rate * silent
        term, waits = np.ones_like(stages), np.ones_like(stages)
        for stage in range(1, self.stages):
            term = term * stages / stage
            waits = waits + term
        return expit(odds - stages + np.log(waits))

    @override
    def expected_given(self, rate: Floats, stop: Floats, t: float) -> Floats:
        return super().expected_given(rate / self.stages, stop, t)

    @override
    def time_until(self, values: Floats, x: Floats, age: Floats, silent: Floats, log_ratio: Floats) -> Floats:
        """By the root, as of any model: A3 is no power of the time here."""
        return PurchaseModel.time_until(self, values, x, age, silent, log_ratio)

    def _log_passed(self, shape: Floats, over: Floats, silent: Floats) -> Floats:
        """Log of the weights w of stages passed since the last order, shape (..., k)."""
        step = np.log(np.maximum(silent, LEAST_TIME)) - np.log(over)
        logs = [np.zeros(np.broadcast_shapes(np.shape(shape), np.shape(step)))]
        for stage in range(1, self.stages):
            logs.append(logs[-1] + step + np.log((shape + stage - 1) / stage))
        return np.stack(logs, axis=-1)

    def _passed(self, shape: Floats, over: Floats, silent: Floats) -> Floats:
        """Probabilities of stages passed since the last order, shape (..., k)."""
        logs = self._log_passed(shape, over, silent)
        weights = np.exp(logs - logs.max(axis=-1, keepdims=True))
        return weights / weights.sum(axis=-1, keepdims=True)

    def _orders_soon(self, posterior: Posterior, t: Floats) -> Floats:
        """Sum over the stages m of the time ahead of P(m are reached) for whom m is an order, and who has not stopped by then."""
        r, alpha, a, b, silent = posterior
        passed = self._passed(r, alpha, silent)
        shape, share = r[:, None] + np.arange(self.stages), (t / (alpha + t))[:, None]
        exactly = np.exp(shape * (np.log(alpha) - np.log(alpha + t))[:, None])
        reached = 1 - exactly
        found, goes_on, rows = np.zeros_like(r), np.ones_like(r), np.arange(len(r))
        for stage in range(1, MOST_STAGES):
            before = -stage % self.stages
            found[rows] += passed[:, before] * reached[:, before] * goes_on
            exactly = exactly * share * (shape + stage - 1) / stage
            reached = np.maximum(reached - exactly, 0)
            if not before:
                orders = stage // self.stages
                goes_on = goes_on * (b + orders - 1) / (a + b + orders - 1)
                # each by itself, so that nobody's number depends on who is asked about beside them
                left = reached.max(axis=1) * goes_on >= LEFT_OUT
                if not left.any():
                    break
                if not left.all():
                    rows, passed, shape, share, exactly, reached, goes_on, a, b = (
                        part[left] for part in (rows, passed, shape, share, exactly, reached, goes_on, a, b)
                    )
        return found

    def _orders_later(self, posterior: Posterior, t: Floats) -> Floats:
        """(1 - E[(1 - p)^orders]) / p by quadrature in the coin p.

        Of M stages M // k are orders, and (1 - p)^(M // k) is a sum of k powers z^M, one for each root z^k = 1 - p. The powers of
        the root that is real stay; the others, which tell whole pauses apart, wane within a few of them and are taken at the mean
        coin.
        """
        r, alpha, a, b, silent = posterior
        k, passed = self.stages, self._passed(r, alpha, silent)
        beyond = np.cumsum(passed[:, ::-1], axis=1)[:, ::-1]
        number, row = np.unique(np.stack([a, b]), axis=1, return_inverse=True)
        found = np.zeros_like(r)
        for node, weight in zip(NODES, WEIGHTS, strict=True):
            coin = np.clip(betaincinv(number[0], number[1], node), LEAST_COIN, 1 - LEAST_COIN)
            log_root = np.log1p(-coin) / k
            log_share = np.log(np.expm1(-log_root * k) / (k * np.expm1(-log_root)))
            coin, log_root, log_share = (part[row] for part in (coin, log_root, log_share))
            growth = np.log1p(-t * np.expm1(log_root) / alpha)
            stays, power = log_share - r * growth, np.exp(log_root - growth)
            ahead = sum((power**stage * beyond[:, stage + 1] for stage in range(k - 1)), start=np.zeros_like(r))
            found += weight * (np.exp(stays) * (1 - power) * ahead - np.expm1(stays)) / coin
        stay = 1 - np.clip(a / (a + b), LEAST_COIN, 1 - LEAST_COIN)
        for turn in range(1, k):
            root: NDArray[np.complex128] = stay ** (1 / k) * np.exp(2j * np.pi * turn / k)
            grown = 1 + t * (1 - root) / alpha
            of_stage = sum((passed[:, stage] * (root / grown) ** stage for stage in range(k)), start=np.zeros_like(root))
            found += (np.exp(-r * np.log(grown)) * of_stage / (1 - 1 / root)).real / (k * stay)
        return np.maximum(found, 0)
