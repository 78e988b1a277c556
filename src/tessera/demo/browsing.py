"""Browsing: sessions of people and visitors, each laid out over one funnel."""

from __future__ import annotations

import numpy as np
from scipy.special import expit

from tessera.demo import vocabulary as v
from tessera.demo.columns import DAY, MINUTE, SECOND, scramble
from tessera.demo.people import MAX_DEVICES, People, local_moment
from tessera.demo.purchases import UNIDENTIFIED, Purchases, choose_products
from tessera.demo.shop import (
    CAMPAIGNS,
    CART,
    CATEGORIES,
    CHECKOUT,
    FIRST_BARGAIN_SEARCH,
    HOME,
    SEARCHES,
    THANKS,
)

BROWSE, CARTED, CHECKED, ORDERED = range(4)
WEBSITE, APP, EMAIL, SMS, SOCIAL, ADS = range(6)
CHANNELS = ["website", "mobile_app", "email", "sms", "social_media", "ads"]
# Mean events of the templates below; they turn the wanted number of events into numbers of sessions and messages.
ORDER_SESSION_EVENTS = 9.0
BROWSE_SESSION_EVENTS = 5.36
MESSAGE_EVENTS = 1.475
VISITOR_SESSION_EVENTS = 5.0

# Value of a field where an event says nothing.
DEFAULTS = {
    "at": 0, "kind": 0, "person": -1, "named": False, "mailed": False, "device": -1, "session": -1, "page": -1,
    "campaign": 0, "filled": False, "product": -1, "collection": -1, "query": -1, "order": -1, "cents": -1,
    "channel": WEBSITE, "duration": -1,
}
Events = dict[str, np.ndarray]


def events_of(count: int, **given: np.ndarray) -> Events:
    """Return events with the given fields and the default of every other one."""
    return {name: np.asarray(given.get(name, np.full(count, default))) for name, default in DEFAULTS.items()}


def joined_events(parts: list[Events]) -> Events:
    """Return the events of all parts."""
    return {name: np.concatenate([part[name] for part in parts]) for name in DEFAULTS}


def active_days(rng: np.random.Generator, people: People, bought: Purchases) -> tuple[np.ndarray, np.ndarray]:
    """Return first and last day on which people show any interest."""
    config = people.store.config
    plain = np.flatnonzero(bought.role < UNIDENTIFIED)
    last = people.acquired_day.copy()
    np.maximum.at(last, bought.person[plain], (bought.at[plain] - config.start) / DAY)
    return people.acquired_day, np.minimum(last + rng.exponential(45.0, len(people)), config.days - 0.01)


def draw_sessions(
    rng: np.random.Generator, people: People, bought: Purchases, orders: np.ndarray, rest: float
) -> dict[str, np.ndarray]:
    """Draw when, on which device and how far people and visitors browse.

    Parameters
    ----------
    orders
        The orders that a session leads to; `bought.session` is set to it.
    rest
        Events a person beside those of order sessions, of which browsing takes its share.

    Returns
    -------
    dict of str to np.ndarray
        One element a session: `start` (for an order's session the order's time, its end), `person` (-1 for visitors),
        `device`, `logged`, `kind`, `order` (-1 for none).
    """
    store, config, n = people.store, people.store.config, len(people)
    begin, end = active_days(rng, people, bought)
    count = rng.poisson(0.43 * rest / BROWSE_SESSION_EVENTS * rng.gamma(1.5, 1 / 1.5, n))
    who = np.repeat(np.arange(n), count)
    share = rng.random(len(who)) ** np.exp(-0.35 * people.level("loyalty_trajectory")[who])
    day = store.calendar_time(
        store.season_time(begin[who]) + share * (store.season_time(end[who]) - store.season_time(begin[who])))
    day, second = local_moment(rng, people, who, day)
    start = store.utc(day, second)
    kind = rng.choice([BROWSE, CARTED, CHECKED], len(who), p=[0.78, 0.15, 0.07])

    visits = round(0.12 * rest * n / VISITOR_SESSION_EVENTS)
    visitors = max(1, round(visits / 1.3))
    guest = rng.integers(0, visitors, visits)
    guest_day = store.calendar_time(rng.random(visits) * config.days)
    guest_start = store.utc(guest_day, 6 * 3600 + rng.beta(3, 2, visits) * 17.9 * 3600)

    slot = np.minimum(rng.geometric(0.65, len(who) + len(orders)) - 1, people.devices[np.concatenate(
        [who, bought.person[orders]])] - 1)
    person = np.concatenate([who, bought.person[orders]])
    # Now and then somebody uses the neighbour's device, always logged in.
    neighbour = np.where((person ^ 1) < n, person ^ 1, person)
    borrowed = people.borrows[person] & (rng.random(len(person)) < 0.5) & people.has_account[person]
    borrowed &= neighbour != person
    device = np.where(borrowed, people.number[neighbour] * MAX_DEVICES, people.device_codes(person, slot))
    visitor_device = -2 - ((np.int64(people.chunk) << 32) + guest)
    start = np.concatenate([start, bought.at[orders], guest_start])
    person = np.concatenate([person, np.full(visits, -1)])
    created = config.start + (people.created_day[person] * DAY).astype(np.int64)
    logged = (person >= 0) & people.has_account[person] & (start > created) & (rng.random(len(person)) < 0.65)
    logged |= np.concatenate([borrowed, np.zeros(visits, dtype=bool)])
    order = np.concatenate([np.full(len(who), -1), orders, np.full(visits, -1)])
    bought.session[orders] = len(who) + np.arange(len(orders))
    # A guest checkout is not a login.
    logged &= (order < 0) | ~bought.is_guest[order]
    return {
        "start": start, "person": person, "device": np.concatenate([device, visitor_device]), "logged": logged,
        "kind": np.concatenate([kind, np.full(len(orders), ORDERED), rng.choice([BROWSE, CARTED], visits,
                                                                                 p=[0.92, 0.08])]),
        "order": order,
    }


def walk(rng: np.random.Generator, people: People, bought: Purchases, of: dict[str, np.ndarray]) -> Events:
    """Lay every session out over the slots of one funnel and keep the slots that happened."""
    store, m = people.store, len(of["start"])
    if not m:
        return events_of(0)
    kind, person = of["kind"], of["person"]
    buying = kind == ORDERED
    chance = rng.random
    shopper = np.maximum(person, 0)
    thrift = np.where(person >= 0, people.level("price_sensitivity")[shopper], 0)
    views = 1 + rng.binomial(3, np.where(buying, 0.2, 0.25), m)
    has_list = chance(m) < np.where(buying, 0.3, 0.45)
    carts = kind != BROWSE
    slots = [
        (v.HOME_VIEW, chance(m) < 0.75), (v.SEARCHED, chance(m) < 0.22),
        (v.DEPARTMENT, has_list), (v.COLLECTION_VIEW, has_list),
    ]
    for i in range(4):
        seen = (views > i) & (buying | carts | (chance(m) < 0.9))
        slots += [(v.PAGE, seen & (chance(m) < 0.9)), (v.PRODUCT_VIEW, seen)]
    slots += [
        (v.ADD, carts), (v.REMOVE, carts & ~buying & (chance(m) < 0.15)), (v.CART_VIEW, carts & (chance(m) < 0.45)),
        (v.CHECKOUT_START, kind >= CHECKED), (v.PAYMENT, buying & (chance(m) < 0.95)), (v.PURCHASE, buying),
    ]
    code = np.array([kind_of for kind_of, _ in slots])
    present = np.column_stack([happened for _, happened in slots])
    empty = ~present.any(axis=1)
    present[empty, 0] = True
    # A page view and the view it carries share their second; people now and then leave for an hour.
    gap = rng.exponential(40.0, present.shape) * np.where(chance(present.shape) < 0.008, 60, 1) + 1
    companion = (code == v.COLLECTION_VIEW) | (code == v.PRODUCT_VIEW)
    companion = companion[None, :] & np.column_stack([np.zeros(m, dtype=bool), present[:, :-1]])
    gap = np.where(present & ~companion, np.round(gap), 0).astype(np.int64)
    gap[:, 0] = 0
    elapsed = np.cumsum(gap, axis=1)
    start = np.where(buying, of["start"] - elapsed[:, -1] * SECOND, of["start"])
    start = np.minimum(start, store.config.end - 5 * MINUTE - elapsed[:, -1] * SECOND)
    row, slot = np.nonzero(present)
    what = code[slot]
    at = start[row] // SECOND * SECOND + elapsed[row, slot] * SECOND

    order = of["order"][row]
    buyer = person[row]
    view_number = np.clip((slot - 4) // 2, 0, 3)
    # Product of every session and view: what the person likes; in an order's session the first is the order's first.
    liked = np.column_stack([
        choose_products(rng, people, np.where(person >= 0, person, rng.integers(0, len(people), m))) for _ in range(4)])
    first_line = np.flatnonzero(bought.line_number == 0)
    if len(first_line):
        liked[:, 0] = np.where(buying, bought.product[first_line[of["order"]]], liked[:, 0])
    about = np.isin(what, [v.PRODUCT_VIEW, v.PAGE, v.ADD, v.REMOVE])
    product = np.where(about, liked[row, np.where(np.isin(what, [v.ADD, v.REMOVE]), 0, view_number)], -1)
    bargain = chance(m) < expit(-2.2 + 1.2 * thrift)
    collection = np.where(bargain, len(CATEGORIES), store.category[liked[:, 0]])[row]
    query = np.where(bargain, rng.integers(FIRST_BARGAIN_SEARCH, len(SEARCHES), m), np.where(
        chance(m) < 0.7, store.category[liked[:, 0]], rng.integers(len(CATEGORIES), FIRST_BARGAIN_SEARCH, m)))[row]
    listed = np.isin(what, [v.DEPARTMENT, v.COLLECTION_VIEW])
    page = np.select(
        [what == v.HOME_VIEW, what == v.SEARCHED, listed, about, what == v.CART_VIEW, what == v.PURCHASE],
        [HOME, store.search_page(query), store.collection_page(collection), store.product_page(product), CART, THANKS],
        CHECKOUT)
    first = np.concatenate([[True], row[1:] != row[:-1]])
    campaign = np.where(first, np.where(chance(m) < 0.3, _campaign(rng, people, person), 0)[row], 0)
    # The view that a landing page carries has the landing page's address.
    carried = np.concatenate([[False], companion[row, slot][1:] & first[:-1]])
    campaign = np.where(carried, np.concatenate([[0], campaign[:-1]]), campaign)
    following = np.concatenate([np.where(row[1:] == row[:-1], at[1:] - at[:-1], -SECOND), [-SECOND]]) // SECOND
    duration = np.where(following > 0, following, -1)
    # Events say values in the store's currency, whatever the order was paid in.
    level = np.array([1.0, *store.foreign.values()])
    total = np.round(bought.total * level[bought.currency]).astype(np.int64)
    value = np.where(what == v.PURCHASE, total[order] if len(total) else -1,
                     np.where(what == v.ADD, store.price[product], -1))
    at_checkout = np.isin(what, [v.CHECKOUT_START, v.PAYMENT, v.PURCHASE]) & (order >= 0)
    guest = bought.is_guest[order] if len(bought.is_guest) else np.zeros(len(order), dtype=bool)
    return events_of(
        len(row), at=at, kind=what, person=buyer, named=of["logged"][row] | (at_checkout & ~guest),
        mailed=at_checkout & guest, device=of["device"][row], session=row, page=page, campaign=campaign,
        filled=(campaign > 0) & (chance(m) < 0.5)[row], product=product,
        collection=np.where(listed, collection, -1), query=np.where(what == v.SEARCHED, query, -1),
        order=np.where(what == v.PURCHASE, order, -1), cents=value, duration=duration,
        channel=np.where((scramble(of["device"]) % np.uint64(8) == 0)[row] & ~store.is_pixel, APP, WEBSITE),
    )


def _campaign(rng: np.random.Generator, people: People, person: np.ndarray) -> np.ndarray:
    """Return a campaign (1 and up) for every session, by how people like to be reached."""
    anyway = rng.integers(1, len(CAMPAIGNS) + 1, len(person))
    weights = np.cumsum(people.weights("communication_preference")[np.maximum(person, 0)], axis=1)
    habit = (rng.random(len(person))[:, None] > weights[:, :-1]).sum(axis=1)
    own = np.array([[3, 4], [5, 6], [8, 8]])[habit, rng.integers(0, 2, len(person))]
    faithful = 0.95 if "communication_preference" in people.store.config.planted_axes else 0.6
    return np.where((person >= 0) & (rng.random(len(person)) < faithful), own, anyway)
