"""Raw rows of a store itself: its record, its products, its exchange rates, what its campaigns cost."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from tessera.demo.columns import DAY, HOUR, MINUTE, money, pick, table, times
from tessera.demo.dirt import Spoiler, Tally
from tessera.demo.dirt_kinds import ACCEPTED
from tessera.demo.names import MAKERS, shop_name
from tessera.demo.schemas import RAW_SCHEMAS
from tessera.demo.shop import CAMPAIGN_COSTS, CAMPAIGNS, CATEGORIES, PRODUCT_TYPES, PRODUCTS, VERTICALS, Store


def store_tables(store: Store, tally: Tally) -> dict[str, pa.Table]:
    """Return `stores`, `products`, `exchange_rates` and `campaign_costs` of a store and count their rows."""
    config = store.config
    opened = config.start - 400 * DAY
    stores = table(
        RAW_SCHEMAS["stores"],
        {
            "store_id": store.store_id,
            "domain": store.domain,
            "name": shop_name(store.index),
            "email": f"office@{store.domain}",
            "timezone": store.timezone,
            "currency": store.currency,
            "created_at": times(np.array([opened])),
            "updated_at": times(np.array([config.start])),
            "loaded_at": times(np.array([config.start + MINUTE])),
        },
        1,
    )
    rng = config.rng(store.index, 0, 101)
    created = opened + rng.integers(0, 300 * DAY, PRODUCTS)
    products = table(
        RAW_SCHEMAS["products"],
        {
            "store_id": store.store_id,
            "product_id": pa.array(store.product_id),
            "title": pa.array(store.product_name),
            "category": pick(CATEGORIES, store.category),
            "product_type": pick(PRODUCT_TYPES, store.product_type),
            "vendor": pick(MAKERS, np.where(rng.random(PRODUCTS) < 0.02, -1, store.vendor)),
            "vertical": pick(VERTICALS, store.category),
            "price": money(store.price),
            "is_available": pa.array(np.arange(PRODUCTS) % 40 != 7),
            "created_at": times(created),
            "loaded_at": times(created + HOUR),
        },
        PRODUCTS,
    )
    made = {"stores": stores, "products": products}
    if store.foreign:
        made["exchange_rates"] = _rates(store)
    for name, rows in made.items():
        tally.fates[store.store_id, name, ACCEPTED] += rows.num_rows
    spoiler = Spoiler(store, 0, "campaign_costs", config.rng(store.index, 0, 104), tally)
    made["campaign_costs"] = spoiler.spoil(_costs(store))
    return made


def _rates(store: Store) -> pa.Table:
    """Return a rate for every day on which a market is open: a weekend's order takes the last one before it."""
    config = store.config
    rng = config.rng(store.index, 0, 102)
    days = config.start // DAY - 10 + np.arange(config.days + 10)
    days = days[(days + 3) % 7 < 5]
    parts = [level * np.exp(np.cumsum(rng.normal(0, 0.003, len(days)))) for level in store.foreign.values()]
    currency = np.repeat(np.arange(len(parts)), len(days))
    day = np.tile(days, len(parts))
    return table(
        RAW_SCHEMAS["exchange_rates"],
        {
            "store_id": store.store_id,
            "currency": pick(list(store.foreign), currency),
            "rate_date": pa.array(day.astype(np.int32)).cast(pa.date32()),
            "rate": pa.array(np.round(np.concatenate(parts), 5)),
            "loaded_at": times(np.minimum(day * DAY + 17 * HOUR, config.end - MINUTE)),
        },
        len(day),
    )


def _costs(store: Store) -> pa.Table:
    """Return what each campaign cost on each day on which it was clicked, as its advertiser tells the next morning."""
    config = store.config
    rng = config.rng(store.index, 0, 103)
    rate, price, shown = (np.array(column) for column in zip(*CAMPAIGN_COSTS, strict=True))
    busy = np.diff(store.busy)
    clicks = rng.poisson(np.outer(busy / busy.mean(), rate * config.people_of(store.index)))
    day, campaign = np.nonzero(clicks)
    clicks = clicks[day, campaign]
    cents = np.round(clicks * price[campaign] * np.exp(rng.normal(0, 0.15, len(day)))).astype(np.int64)
    # an advertiser bills in a currency of its own
    currency = list(store.foreign)[:1] or [store.currency]
    is_foreign = np.array([source == "facebook" for source, _, _ in CAMPAIGNS])[campaign]
    first = config.start // DAY
    return table(
        RAW_SCHEMAS["campaign_costs"],
        {
            "store_id": store.store_id,
            "cost_date": pa.array((first + day).astype(np.int32)).cast(pa.date32()),
            **{
                column: pick([names[place] for names in CAMPAIGNS], campaign)
                for place, column in enumerate(("source", "medium", "campaign"))
            },
            "cost": money(cents),
            "currency": pick([store.currency, *currency], is_foreign.astype(int)),
            "impressions": pa.array(np.round(clicks * shown[campaign]).astype(np.int32)),
            "clicks": pa.array(clicks.astype(np.int32)),
            "loaded_at": times(np.minimum((first + day + 1) * DAY + 14 * HOUR, config.end - MINUTE)),
        },
        len(day),
    )
