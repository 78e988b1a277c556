"""Fits of the stores that are due."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import closing

import numpy as np
import pyarrow as pa
from threadpoolctl import threadpool_limits

from tessera.btyd import MODELS
from tessera.btyd.spend import NAMES
from tessera.ltv.choosing import (
    choose_churn,
    choose_first_order,
    choose_orders,
    choose_season,
    choose_spend,
    choose_upgrade,
    choose_value,
)
from tessera.ltv.clock import Clock
from tessera.ltv.ledger import FITTED, LTV_MODELS, ORDERS, SPEND, Row, current_rows
from tessera.ltv.people import Buyers, labels
from tessera.ltv.reading import SAMPLE, Reader
from tessera.ltv.season import RECENT_DAYS, Series, seeded
from tessera.ltv.settings import BEHAVIOUR, DAYS_PER_WEEK, HISTORY, HOLDOUT, LABELS, NEXT_ORDER_DAYS, NOW, Settings
from tessera.ltv.spend import GAMMA_GAMMA
from tessera.ltv.store import Known, StoreFit
from tessera.refits import is_due


def fit_ltv(
    read: Reader, settings: pa.Table, earlier: pa.Table, days: pa.Table | None = None, seasonality: pa.Table | None = None
) -> pa.Table:
    """Fit the stores that are due tonight, judge what was fitted on their holdout, and choose.

    A store is due when it has no rows, when its last fit is `refit_days` ago, or when that is forced. Models are judged by a
    fit to what was known at the holdout cutoff; the chosen ones are fitted again to what is known now.

    Parameters
    ----------
    read
        Features. Only the stores are read when nothing is due.
    settings
        One row, see `Settings`.
    earlier
        Rows of this ledger. Those from before tonight count.
    days
        Columns store_id, purchase_date, first_purchases and repeat_purchases; without, stores have no season and no level.
    seasonality
        Columns store_id, month and seasonal_index: seasons of stores with less than two years of orders.

    Returns
    -------
    pyarrow.Table
        One row per store that is due, target and model that was tried, columns as in `LTV_MODELS`; one model of each target is
        chosen.

    Raises
    ------
    ValueError
        If the settings are malformed, or a feature or label is missing where it must be there.
    """
    chosen = Settings.from_table(settings)
    past = current_rows(earlier, chosen.as_of)
    rows: list[Row] = []
    with threadpool_limits(limits=1), closing(read):
        stores = read.stores()
        known = _known(past)
        # Large stores first: what small ones lean on, where they do.
        for store_id in sorted(stores, key=lambda store_id: (-stores[store_id], store_id)):
            last = past.get(store_id, [])
            if is_due(chosen, last[0]["as_of"] if last else None):
                models = {row["target"]: row["model"] for row in last if row["is_chosen"]}
                found = _fit_store(read, store_id, chosen, models, known, days, seasonality)
                rows += found
                known |= _known({store_id: found})
    rows.sort(key=lambda row: row["store_id"])
    return pa.Table.from_pylist(rows, schema=LTV_MODELS)


def _known(past: Mapping[str, list[Row]]) -> Known:
    """Store -> model -> logs of the parameters that a store found on its own data."""
    found: Known = {}
    for store_id, rows in past.items():
        own = [
            row
            for row in rows
            if row["source"] == FITTED and row["model"] in (*MODELS, GAMMA_GAMMA) and row["target"] in (ORDERS, SPEND)
        ]
        if own:
            found[store_id] = {row["model"]: _logs(row) for row in own}
    return found


def _logs(row: Row) -> tuple[float, ...]:
    """Logs of a model's own parameters."""
    values = json.loads(row["parameters"])
    names = MODELS[row["model"]].parameters if row["model"] in MODELS else NAMES
    return tuple(np.log([values[name] for name in names]).tolist())


def _fit_store(
    read: Reader,
    store_id: str,
    settings: Settings,
    last: Mapping[str, str],
    known: Known,
    days: pa.Table | None,
    seasonality: pa.Table | None,
) -> list[Row]:
    """Rows of one store, by target."""
    others = {other: logs for other, logs in known.items() if other != store_id} if settings.pool_stores else {}
    cutoffs = settings.cutoff(NOW), settings.cutoff(HOLDOUT)
    series = {
        cutoff: Series.of(days, store_id, Clock.at(day).cutoff) for cutoff, day in zip((NOW, HOLDOUT), cutoffs, strict=True)
    }
    now, before = (
        _of_this_shop(read.buyers(store_id, cutoff, names), series[cutoff])
        for cutoff, names in ((NOW, HISTORY), (HOLDOUT, (*HISTORY, *LABELS)))
    )
    store = StoreFit(store_id, settings, Buyers.of(now), Buyers.of(before), *labels(before), last, others, series)
    choose_season(store, seeded(seasonality, store_id))
    orders = choose_orders(store)
    spend_then, spend_now, shape_then = choose_spend(store)
    sample = read.sample(store_id, HOLDOUT, True, SAMPLE, settings.fit_sample)
    churn = choose_churn(store, orders, sample)
    choose_value(store, orders, (spend_then, spend_now), churn, sample)
    choose_first_order(store, read.sample(store_id, HOLDOUT, False, (*BEHAVIOUR, *LABELS, NEXT_ORDER_DAYS), settings.fit_sample))
    choose_upgrade(store, shape_then)
    return store.rows


def _of_this_shop(buyers: pa.Table, series: Series) -> pa.Table:
    """Without those who ordered for the last time long before a store's first day: it had no shop for a year between."""
    if not len(series.people):
        return buyers
    return buyers.filter(pa.array(Buyers.of(buyers).silent_weeks * DAYS_PER_WEEK <= len(series.people) + RECENT_DAYS))
