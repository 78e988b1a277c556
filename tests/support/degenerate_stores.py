"""Stores that leave a model little or nothing to go by."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np

NONE = np.array([], dtype=np.int64)
dice = np.random.default_rng(1)


def scattered(customers: int, orders: int, latest: int, earliest: int) -> tuple[np.ndarray, np.ndarray]:
    """Customers of orders, and the days ago; every customer has one at least."""
    return np.r_[np.arange(customers), dice.integers(customers, size=orders - customers)], dice.integers(latest, earliest, orders)


def ordinary(customers: np.ndarray) -> np.ndarray:
    """Values of orders."""
    return 20 + customers % 7 * 5 + dice.integers(0, 30, len(customers))


USUAL, USUAL_DAYS = scattered(200, 500, 1, 600)
FREE, FREE_DAYS = scattered(150, 450, 1, 500)
SILENT, SILENT_DAYS = scattered(200, 700, 200, 600)
# Three orders each of 150 people, every eleven days.
THRICE = np.repeat(np.arange(150), 3)
ELEVENTH = 180 - np.arange(450) % 3 * 11
# Customers, days before the night, and values of orders; where its parameters come from.
STORES = {
    "one_customer": (np.array([0]), np.array([200]), np.array([50]), "prior"),
    "one_order_each": (np.arange(60), np.arange(60) * 5 + 1, np.arange(60) + 20, "prior"),
    "one_day": (np.arange(60) % 50, np.full(60, 100), np.arange(60) + 20, "prior"),
    "yesterday": (np.arange(50) % 40, np.full(50, 1), np.arange(50) + 20, "prior"),
    "today": (np.arange(40), np.full(40, 0), np.arange(40) + 20, "prior"),
    "wholesaler": (
        np.r_[np.full(5000, 1000), USUAL],
        np.r_[np.arange(5000) % 700 + 1, USUAL_DAYS],
        np.r_[np.arange(5000) % 7 + 10, ordinary(USUAL)],
        "ratio",
    ),
    "ordinary": (USUAL, USUAL_DAYS, ordinary(USUAL), "fit"),
    "free": (FREE, FREE_DAYS, np.zeros(len(FREE)), "ratio"),
    "silent": (SILENT, SILENT_DAYS, ordinary(SILENT), "fit"),
    "giant": (THRICE, ELEVENTH - THRICE % 13, np.where(THRICE == 7, 999_999_999_999, 20), "fit"),
    "alike": (THRICE, ELEVENTH, np.full(450, 20), "fit"),
    "two_kinds": (THRICE, ELEVENTH - THRICE % 13, np.where(THRICE < 3, 500, 20), "fit"),
    "visits_only": (NONE, NONE, NONE, "prior"),
}


def statements(night: datetime) -> list[str]:
    """What lands them: orders and events up to an hour before a night."""
    landed = [
        f"""
        insert into raw.orders (store_id, order_id, customer_id, ordered_at, total_price, loaded_at)
        select '{store_id}', '{store_id}-' || number, 'c' || customer, ordered_at, total_price, ordered_at
        from (
            select
                unnest(array{list(range(len(customers)))}) as number, unnest(array{customers.tolist()}) as customer,
                timestamp '{night - timedelta(hours=1)}' - unnest(array{ago.tolist()}) * interval '1 day' as ordered_at,
                unnest(array{values.tolist()}) as total_price
        ) as told"""
        for store_id, (customers, ago, values, _) in STORES.items()
        if len(customers)
    ]
    # nobody bought anything there
    return [
        *landed,
        f"""
        insert into raw.events (store_id, event_id, event_type, customer_id, occurred_at, loaded_at)
        select 'visits_only', 'e' || n, 'page_view', 'c' || n % 50, occurred_at, occurred_at
        from (
            select n, timestamp '{night}' - (1 + n * 37 % 300) * interval '1 day' as occurred_at
            from generate_series(0, 399) as numbers(n)
        ) as told""",
    ]
