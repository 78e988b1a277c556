"""Lifetime value: what the fits and scores of a million customers cost, beside lifetimes on some of them in the same run.

    python benchmarks/btyd.py
    python benchmarks/btyd.py --customers 100000 --others 20000

Draws customers from each model, in whole days over two years, and fits and scores each in a process of its own, whose
peak memory it prints. Scores are all that the project keeps: alive, silent, next order, orders of 90 days, discounted orders
of one, three and five years, intervals of orders and of value, what is known of value, and the interval of the total.
lifetimes does what it has of that, for the models that it has: the fit, alive, and the orders of 90 days, on the first of the
same customers.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np

from tessera.btyd import (
    alive_probability,
    discounted_orders,
    expectation_interval,
    expected_orders,
    expected_spend,
    fit_purchases,
    fit_spend,
    group,
    order_interval,
    silence_probability,
    simulate,
    simulate_spend,
    time_to_next_order,
    total_interval,
    value_interval,
)

TRUTH = {
    "bg_nbd": (0.6, 40.0, 0.8, 4.0),
    "mbg_nbd": (0.6, 40.0, 0.8, 4.0),
    "pareto_nbd": (0.6, 40.0, 0.7, 60.0),
    "mbg_cnbd_4": (1.2, 20.0, 0.8, 4.0),
}
SPEND = (3.0, 4.0, 60.0)
OTHERS = {"bg_nbd": "BetaGeoFitter", "mbg_nbd": "ModifiedBetaGeoFitter", "pareto_nbd": "ParetoNBDFitter"}
DAYS = 365.25


def gigabytes() -> float:
    """Most memory that this process has had."""
    return int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]) / 1e6


def timed(work: Callable) -> tuple[float, object]:
    """Seconds, and what came of it."""
    start = time.perf_counter()
    found = work()
    return time.perf_counter() - start, found


def step(model: str, customers: int, others: int) -> dict[str, float]:
    """One model in this process."""
    dice = np.random.default_rng(1)
    drawn = simulate(model, TRUTH[model], np.floor(dice.uniform(0, 730, customers)), 90, dice)
    frequency, recency, age = drawn.frequency, np.floor(drawn.recency), drawn.age
    mean, _ = simulate_spend(SPEND, frequency, drawn.later, dice)
    held = gigabytes()
    grouping, histories = timed(lambda: group(frequency, recency, age))
    fitting, fit = timed(lambda: fit_purchases(model, histories))
    spending, spend = timed(lambda: fit_spend(frequency, mean))
    scoring, _ = timed(
        lambda: (
            alive_probability(fit, histories),
            silence_probability(fit, histories, 90),
            time_to_next_order(fit, histories),
            expected_orders(fit, histories, 90),
            discounted_orders(fit, histories, (1, 3, 5), 0.1, DAYS),
            expected_spend(spend, frequency, mean),
            order_interval(fit, histories, 90),
            value_interval(fit, spend, histories, frequency, mean, DAYS),
            total_interval(fit, histories, 90),
            expectation_interval(fit, histories, DAYS, 0.8, spend, frequency),
        )
    )
    found = {
        "held": held,
        "peak": gigabytes(),
        "distinct": len(histories.age),
        "group": grouping,
        "fit": fitting,
        "spend": spending,
        "score": scoring,
    }
    if others and model in OTHERS:
        import lifetimes

        few = group(frequency[:others], recency[:others], age[:others])
        found["fit_few"], _ = timed(lambda: fit_purchases(model, few))
        found["simple_few"], _ = timed(lambda: (alive_probability(fit, few), expected_orders(fit, few, 90)))
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            some = frequency[:others], recency[:others], age[:others]
            found["other_fit"], other = timed(lambda: getattr(lifetimes, OTHERS[model])().fit(*some))
            found["other_simple"], _ = timed(
                lambda: (
                    other.conditional_probability_alive(*some),
                    other.conditional_expected_number_of_purchases_up_to_time(90, *some),
                )
            )
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--others", type=int, default=100_000, help="customers for lifetimes; 0 to leave it out")
    parser.add_argument("--step", choices=TRUTH, help=argparse.SUPPRESS)
    wanted = parser.parse_args()
    if wanted.step:
        print(json.dumps(step(wanted.step, wanted.customers, min(wanted.others, wanted.customers))))
        return
    total = 0.0
    for model in TRUTH:
        run = subprocess.run(
            [sys.executable, __file__, "--step", model, "--customers", str(wanted.customers), "--others", str(wanted.others)],
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
        found = json.loads(run.stdout)
        total += found["group"] + found["fit"] + found["score"] + (found["spend"] if model == "bg_nbd" else 0)
        print(
            f"{model}: {wanted.customers:,} customers, {found['distinct']:,} distinct histories; grouped in "
            f"{found['group']:.1f} s, fitted in {found['fit']:.1f} s, spend fitted in {found['spend']:.1f} s, scored in "
            f"{found['score']:.1f} s; peak {found['peak']:.2f} GB, of which {found['held']:.2f} GB before",
            flush=True,
        )
        if "other_fit" in found:
            print(
                f"  {wanted.others:,} of them: fit {found['fit_few']:.2f} s, lifetimes {found['other_fit']:.2f} s "
                f"({found['other_fit'] / found['fit_few']:.1f} times); alive and orders {found['simple_few']:.2f} s, "
                f"lifetimes {found['other_simple']:.2f} s ({found['other_simple'] / found['simple_few']:.1f} times)",
                flush=True,
            )
    print(f"all models and spend: {total:.1f} s")


if __name__ == "__main__":
    main()
