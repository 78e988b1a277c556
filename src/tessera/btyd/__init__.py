"""Lifetime value by buy-till-you-die models, in closed form.

`group` histories, `fit_purchases` and `fit_spend`, then ask: `silence_probability`, `order_probability`,
`time_to_next_order`, `expected_orders`, `discounted_orders`, `expected_spend`, and the intervals `order_interval`,
`value_interval` and `total_interval`, and `expectation_interval` for what is known of an expectation. Nothing here draws random
numbers but `simulate`; the same rows in any order give the same numbers.
"""

import tessera.scientific  # noqa: F401
from tessera.btyd.fitting import Fit, Prior, fit_purchases, purchase_likelihood
from tessera.btyd.histories import Histories, group
from tessera.btyd.knowledge import expectation_interval, expectation_intervals
from tessera.btyd.models import MODELS, PLAIN, RHYTHMS
from tessera.btyd.outcomes import order_distribution, order_interval, randomised_pit, total_interval, value_interval
from tessera.btyd.predictions import (
    alive_probability,
    discounted_orders,
    expected_orders,
    expected_orders_of_new,
    order_probability,
    silence_probability,
    time_to_next_order,
)
from tessera.btyd.simulation import Shop, simulate, simulate_spend
from tessera.btyd.spend import expected_spend, fit_spend

__all__ = [
    "MODELS",
    "PLAIN",
    "RHYTHMS",
    "Fit",
    "Histories",
    "Prior",
    "Shop",
    "alive_probability",
    "discounted_orders",
    "expectation_interval",
    "expectation_intervals",
    "expected_orders",
    "expected_orders_of_new",
    "expected_spend",
    "fit_purchases",
    "fit_spend",
    "group",
    "order_distribution",
    "order_interval",
    "order_probability",
    "purchase_likelihood",
    "randomised_pit",
    "silence_probability",
    "simulate",
    "simulate_spend",
    "time_to_next_order",
    "total_interval",
    "value_interval",
]
