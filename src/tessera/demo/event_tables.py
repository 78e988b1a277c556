"""Raw rows of what people did: events, app sessions without events, identity calls, and who was who."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from tessera.demo import vocabulary as v
from tessera.demo.browsing import CHANNELS, WEBSITE, Events
from tessera.demo.columns import (
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    hex_id,
    joined,
    nulls_where,
    pick,
    scramble,
    table,
    text,
    times,
    unit,
)
from tessera.demo.people import MAX_DEVICES, People, device_ids
from tessera.demo.purchases import Purchases
from tessera.demo.schemas import RAW_SCHEMAS
from tessera.demo.shop import CAMPAIGNS, CATEGORIES, PRODUCTS, REFERRERS, SEARCHES, VERTICALS, Store

# Device type, browser, system, user agent.
DEVICES = [
    ("mobile", "Safari", "iOS", "Mozilla/5.0 (iPhone; CPU iPhone OS 18_4 like Mac OS X) Safari/604.1"),
    ("mobile", "Chrome", "Android", "Mozilla/5.0 (Linux; Android 15) Chrome/135.0 Mobile Safari/537.36"),
    ("mobile", "Chrome", "iOS", "Mozilla/5.0 (iPhone; CPU iPhone OS 18_4 like Mac OS X) CriOS/135.0"),
    ("desktop", "Chrome", "Windows", "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/135.0 Safari/537.36"),
    ("desktop", "Safari", "macOS", "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/18.4 Safari/605.1.15"),
    ("desktop", "Firefox", "Linux", "Mozilla/5.0 (X11; Linux x86_64; rv:137.0) Gecko/20100101 Firefox/137.0"),
    ("tablet", "Safari", "iPadOS", "Mozilla/5.0 (iPad; CPU OS 18_4 like Mac OS X) Version/18.4 Safari/604.1"),
]
DEVICE_SHARES = [0.27, 0.29, 0.07, 0.20, 0.08, 0.04, 0.05]
LATE_SHARE = 0.02


def session_ids(people: People, session: np.ndarray) -> pa.Array:
    """Return ids of web sessions, null in stores that give none."""
    if not people.store.is_pixel:
        return pa.nulls(len(session), pa.string())
    tag = (np.int64(people.chunk) << 32) + np.maximum(session, 0)
    return nulls_where(hex_id(scramble(tag ^ 0x5E55), "s-"), session < 0)


def event_table(people: People, bought: Purchases, events: Events) -> tuple[pa.Table, np.ndarray, int]:
    """Return the clean rows of `events`, which of them are of customers not to be tracked, and how many came late."""
    store, config = people.store, people.store.config
    rng = config.rng(store.index, people.chunk + 1, 6)
    n = len(events["at"])
    person, device, page, product, kind = (events[name] for name in ("person", "device", "page", "product", "kind"))
    tag = (np.int64(people.chunk) << 32) + np.arange(n)
    web = device != -1
    looks = np.searchsorted(np.cumsum(DEVICE_SHARES)[:-1], unit(device * 13), side="right")
    looks = np.where(web, looks, -1)
    home = np.where(person >= 0, people.city[np.maximum(person, 0)], (unit(device) * len(store.cities)).astype(int))
    city_of = np.where(web & (rng.random(n) < 0.97), home, -1)
    known = np.where(rng.random(n) < 0.95, city_of, -1)
    campaign = events["campaign"]
    filled = np.where(events["filled"], campaign - 1, -1)
    content = np.select([kind == v.ARTICLE, kind == v.VIDEO, kind == v.PODCAST], [0, 1, 2], -1)
    carries = np.isin(kind, [v.PRODUCT_VIEW, v.ADD, v.REMOVE, v.WISHLIST, v.REVIEW])
    shown = np.where(carries, product, -1)
    names = [kind_of.replace("_", " ") for kind_of in v.KINDS]
    received = events["at"] + rng.integers(0, 5 * SECOND, n)
    loaded = received + rng.integers(30 * SECOND, 10 * MINUTE, n)
    late = rng.random(n) < LATE_SHARE * min(config.dirt, 10)
    delay = np.minimum(np.exp(rng.normal(np.log(6), 1.2, n)), 24 * 6) * HOUR
    loaded = np.minimum(loaded + np.where(late, delay, 0).astype(np.int64), config.end - 1)
    late &= loaded - received > HOUR
    lat, lon = (np.array([city[i] for city in store.cities]) for i in (3, 4))
    scatter = rng.normal(0, 0.05, (2, n))
    number = scramble(np.where(person >= 0, people.number[np.maximum(person, 0)] * MAX_DEVICES, device) + 5)
    ip = joined(
        "198.",
        text(18 + (number & np.uint64(1)).astype(np.int64)),
        ".",
        text(((number >> np.uint64(8)) & np.uint64(255)).astype(np.int64)),
        ".",
        text(((number >> np.uint64(16)) & np.uint64(255)).astype(np.int64)),
    )
    columns = {
        "store_id": store.store_id,
        "event_id": hex_id(scramble(tag), "e-"),
        "event_type": pick(v.raw_names(store.is_pixel), kind),
        "occurred_at": times(events["at"]),
        "received_at": times(received),
        "event_name": pick(names, np.where(rng.random(n) < 0.2, kind, -1)),
        "customer_id": people.customer_ids(np.where(events["named"], person, -1)),
        "anonymous_id": device_ids(device),
        "email": people.emails(np.where(events["mailed"], person, -1)),
        "session_id": session_ids(people, events["session"]),
        "page_url": pick(store.urls, np.where(page < 0, -1, page * (len(CAMPAIGNS) + 1) + campaign)),
        "page_title": pick(store.paths[1], page),
        "page_type": pick(store.paths[2], page),
        "referrer": pick(REFERRERS, np.where(web, events["referrer"], -1)),
        "content_id": nulls_where(joined("content-", text(tag % 40)), content < 0),
        "content_type": pick(["article", "video", "podcast"], content),
        "vertical": pick(VERTICALS, np.where(product < 0, -1, store.category[product])),
        "product_id": pick(store.product_id, shown),
        "variant_id": pick([f"{name}-v1" for name in store.product_id], np.where(kind == v.ADD, product, -1)),
        "product_name": pick(store.product_name, shown),
        "product_category": pick(CATEGORIES, np.where(shown < 0, -1, store.category[shown])),
        "collection_id": pick([f"col-{i}" for i in range(len(CATEGORIES))] + ["col-sale"], events["collection"]),
        "search_query": pick(SEARCHES, events["query"]),
        "order_id": bought.order_ids(events["order"]),
        "event_value": pa.array(events["cents"] / 100.0, mask=events["cents"] < 0),
        "channel": pick(CHANNELS, events["channel"]),
        "source": pick([c[0] for c in CAMPAIGNS], filled),
        "medium": pick([c[1] for c in CAMPAIGNS], filled),
        "campaign": pick([c[2] for c in CAMPAIGNS], filled),
        "device_type": pick([d[0] for d in DEVICES], looks),
        "browser": pick([d[1] for d in DEVICES], np.where(events["channel"] == WEBSITE, looks, -1)),
        "os": pick([d[2] for d in DEVICES], looks),
        "country": pick([c[2] for c in store.cities], city_of),
        "city": pick([c[0] for c in store.cities], known),
        "latitude": pa.array(np.round(lat[np.maximum(known, 0)] + scatter[0], 4), mask=known < 0),
        "longitude": pa.array(np.round(lon[np.maximum(known, 0)] + scatter[1], 4), mask=known < 0),
        "ip_address": nulls_where(ip, ~web),
        "user_agent": pick([d[3] for d in DEVICES], looks),
        "view_duration": pa.array(events["duration"].astype(np.float64), mask=events["duration"] < 0),
        "properties": pick(_properties(store), np.where(carries & (rng.random(n) < 0.3), product, -1)),
        "loaded_at": times(loaded),
    }
    hidden = events["named"] & people.do_not_track[np.maximum(person, 0)] & (person >= 0)
    return table(RAW_SCHEMAS["events"], columns, n), hidden, int(late.sum())


def _properties(store: Store) -> list[str]:
    return [
        f'{{"price": {store.price[i] / 100:.2f}, "currency": "{store.currency}", "position": {i % 24 + 1}}}'
        for i in range(PRODUCTS)
    ]


def session_table(people: People) -> tuple[pa.Table, np.ndarray, np.ndarray] | None:
    """Return app sessions that left no events, and their devices and people.

    Only stores with the plain dialect have them; others get None.
    """
    store, config = people.store, people.store.config
    if store.is_pixel:
        return None
    rng = config.rng(store.index, people.chunk + 1, 7)
    who = np.repeat(np.arange(len(people)), rng.poisson(np.where(people.has_account, 0.15, 0.0)))
    n = len(who)
    created = config.start + (people.created_day[who] * DAY).astype(np.int64)
    started = np.minimum(created + (rng.random(n) * (config.end - created)).astype(np.int64), config.end - HOUR)
    ended = started + (20 + rng.exponential(200, n) * SECOND).astype(np.int64)
    ended = np.minimum(ended, config.end - 2 * MINUTE)
    device = np.where(rng.random(n) < 0.5, people.device_codes(who, 0), -1)
    rows = table(
        RAW_SCHEMAS["sessions"],
        {
            "store_id": store.store_id,
            "session_id": hex_id(scramble(((np.int64(people.chunk) << 32) + np.arange(n)) ^ 0xA99), "app-"),
            "customer_id": people.customer_ids(who),
            "anonymous_id": device_ids(device),
            "started_at": times(started),
            "ended_at": times(ended, rng.random(n) < 0.1),
            "device_type": "mobile",
            "browser": None,
            "referrer_type": pick(["direct", "push"], rng.integers(0, 2, n)),
            "loaded_at": times(np.minimum(ended + MINUTE, config.end - 1)),
        },
        n,
    )
    return rows, device, who


def identity_tables(
    people: People, events: Events, app: tuple[pa.Table, np.ndarray, np.ndarray] | None
) -> tuple[pa.Table, dict[str, np.ndarray]]:
    """Return `identities`, and every pair of device and person with whether raw rows tie the two.

    Parameters
    ----------
    people, events
        The chunk.
    app
        What `session_table` returned.

    Returns
    -------
    table, pairs
        `pairs` holds `device`, `person` (place in the chunk, -1 for visitors) and `linked`.
    """
    store, config = people.store, people.store.config
    rng = config.rng(store.index, people.chunk + 1, 8)
    seen = np.flatnonzero(events["device"] != -1)
    person, device, at = events["person"][seen], events["device"][seen], events["at"][seen]
    counted = ~people.do_not_track[np.maximum(person, 0)] | (person < 0)
    says = (events["named"][seen] | events["mailed"][seen]) & counted
    if app is not None:
        rows, app_device, app_person = app
        on = app_device != -1
        person, device = np.concatenate([person, app_person[on]]), np.concatenate([device, app_device[on]])
        says = np.concatenate([says, np.ones(int(on.sum()), dtype=bool)])
        started = rows["started_at"].to_numpy().astype("M8[us]").astype(np.int64)
        at = np.concatenate([at, started[on]])
    order = np.lexsort((~says, device, person))
    person, device, says, at = person[order], device[order], says[order], at[order]
    first = np.ones(len(order), dtype=bool)
    first[1:] = (person[1:] != person[:-1]) | (device[1:] != device[:-1])
    person, device, linked, at = person[first], device[first], says[first].copy(), at[first]

    own = (person >= 0) & (device >= 0)
    own &= device // MAX_DEVICES == people.number[np.maximum(person, 0)]
    known = people.has_account[np.maximum(person, 0)]
    chosen = np.flatnonzero(own & (rng.random(len(person)) < np.where(known, np.where(linked, 0.6, 0.15), 0.5)))
    linked[chosen] = True
    n = len(chosen)
    who = person[chosen]
    # Households that share an address never say so here: two customer ids on one address stay two people.
    household = people.shares_email | np.concatenate([people.shares_email[1:], [False]])[: len(people)]
    named = people.has_account[who]
    with_email = ~named | (~household[who] & (rng.random(n) < 0.8))
    phone = pick(people.phones(), np.where(named & (rng.random(n) < 0.4), who, -1))
    created = config.start + (people.created_day[who] * DAY).astype(np.int64)
    identified = np.minimum(np.maximum(at[chosen], created), config.end - 5 * MINUTE)
    first_name, last_name = people.names(who)
    rows = table(
        RAW_SCHEMAS["identities"],
        {
            "store_id": store.store_id,
            "identified_at": times(identified),
            "anonymous_id": device_ids(device[chosen]),
            "customer_id": people.customer_ids(np.where(named, who, -1)),
            "email": people.emails(np.where(with_email, who, -1)),
            "phone": phone,
            "first_name": first_name,
            "last_name": last_name,
            "loaded_at": times(np.minimum(identified + 2 * MINUTE, config.end - 1)),
        },
        n,
    )
    return rows, {"device": device, "person": person, "linked": linked | (person < 0)}
