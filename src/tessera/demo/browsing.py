"""Browsing: sessions of people and visitors, each laid out over one funnel."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from tessera.demo import vocabulary as v
from tessera.demo.columns import DAY, MINUTE, SECOND, scramble, unit
from tessera.demo.habits import ADMIRER, VISITOR_REACH, VISITOR_VIEWS
from tessera.demo.people import MAX_DEVICES, People, local_moment
from tessera.demo.purchases import UNIDENTIFIED, Purchases, choose_products
from tessera.demo.shop import (
    ACCOUNT,
    CAMPAIGN_REFERRERS,
    CAMPAIGNS,
    CART,
    CATEGORIES,
    CHECKOUT,
    CONTACT,
    FIRST_BARGAIN_SEARCH,
    HOME,
    JOURNAL,
    NEWSLETTER,
    NOVEMBER,
    PLAIN_REFERRERS,
    PLAIN_SHARES,
    SEARCHES,
    THANKS,
    newsletter_of,
)

LANDED, BROWSED, CARTED, CHECKED, ORDERED = range(5)
WEBSITE, APP, EMAIL, SMS, SOCIAL, ADS = range(6)
CHANNELS = ["website", "mobile_app", "email", "sms", "social_media", "ads"]
# Mean events of a visit that goes so far; they turn the wanted number of events into numbers of visits.
REACH_EVENTS = np.array([1.1, 4.3, 6.9, 8.4, 10.0])
# Shares of visits that go so far where types are planted to show plainly.
PLAIN_REACH = (0.0, 0.78, 0.15, 0.07)
VIEWS = 6

# Value of a field where an event says nothing.
DEFAULTS = {
    "at": 0,
    "kind": 0,
    "person": -1,
    "named": False,
    "mailed": False,
    "device": -1,
    "session": -1,
    "page": -1,
    "campaign": 0,
    "referrer": -1,
    "filled": False,
    "product": -1,
    "collection": -1,
    "query": -1,
    "order": -1,
    "cents": -1,
    "channel": WEBSITE,
    "duration": -1,
}
Events = dict[str, np.ndarray]


@dataclass
class Traffic:
    """How many visits of which kind a chunk has.

    Parameters
    ----------
    orders
        The orders that a visit leads to.
    casual
        Visits a person who comes by, beside those of orders.
    habitual
        Factor on the visits of people's habits.
    visitors
        Visits of anonymous visitors.
    clicked, clicked_at
        Who clicked in a newsletter, and when: each is a visit.
    """

    orders: np.ndarray
    casual: float
    habitual: float
    visitors: int
    clicked: np.ndarray
    clicked_at: np.ndarray


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


def habit_days(rng: np.random.Generator, people: People, amount: str, factor: float) -> tuple[np.ndarray, np.ndarray]:
    """Draw when people do what their habit has them do so often in 30 days; return person and calendar day."""
    span = np.maximum(people.store.config.days - people.habits.begin, 0.0)
    who = np.repeat(np.arange(len(people)), rng.poisson(factor * people.habits.of(amount) * span / 30))
    return who, people.habits.begin[who] + rng.random(len(who)) * span[who]


def draw_sessions(rng: np.random.Generator, people: People, bought: Purchases, traffic: Traffic) -> dict[str, np.ndarray]:
    """Draw when, on which device and how far people and visitors browse.

    `bought.session` is set to the visit that led to an order.

    Returns
    -------
    dict of str to np.ndarray
        One element a session: `start` (for an order's session the order's time, its end), `person` (-1 for visitors),
        `device`, `logged`, `kind`, `order` (-1 for none), `mailed` (whether a newsletter was clicked).
    """
    store, config, n = people.store, people.store.config, len(people)
    orders, visits = traffic.orders, traffic.visitors
    begin, end = active_days(rng, people, bought)
    count = rng.poisson(traffic.casual * rng.gamma(1.5, 1 / 1.5, n))
    who = np.repeat(np.arange(n), count)
    share = rng.random(len(who)) ** np.exp(-0.35 * people.level("loyalty_trajectory")[who])
    day = store.calendar_time(
        store.season_time(begin[who]) + share * (store.season_time(end[who]) - store.season_time(begin[who]))
    )
    often, habit_day = habit_days(rng, people, "visits", traffic.habitual)
    who, day = np.concatenate([who, often]), np.concatenate([day, habit_day])
    day, second = local_moment(rng, people, who, day)
    start = np.concatenate([store.utc(day, second), traffic.clicked_at])
    who = np.concatenate([who, traffic.clicked])
    reach = np.tile(PLAIN_REACH, (len(who), 1)) if config.planted_axes else people.habits.of("reach")[who]
    kind = _reached(rng, reach)

    # Most devices of visitors come once or twice, a few again and again; what follows a first visit follows it soon.
    visitors = max(1, round(visits / 1.9))
    guest = np.floor(visitors * rng.random(visits) ** 1.6).astype(np.int64)
    guest_day = unit((np.int64(people.chunk) << 32) + guest * 7 + store.index) * config.days + rng.exponential(18.0, visits)
    guest_day = np.where(guest_day < config.days, guest_day, rng.random(visits) * config.days)
    guest_start = store.utc(store.calendar_time(guest_day), 6 * 3600 + rng.beta(3, 2, visits) * 17.9 * 3600)

    person = np.concatenate([who, bought.person[orders]])
    slot = np.minimum(rng.geometric(0.65, len(person)) - 1, people.devices[person] - 1)
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
    logged[order >= 0] &= ~bought.is_guest[orders]
    mailed = np.zeros(len(person), dtype=bool)
    mailed[len(who) - len(traffic.clicked) : len(who)] = True
    visitor_kind = _reached(rng, np.tile(VISITOR_REACH, (visits, 1)))
    return {
        "start": start,
        "person": person,
        "device": np.concatenate([device, visitor_device]),
        "logged": logged,
        "kind": np.concatenate([kind, np.full(len(orders), ORDERED), visitor_kind]),
        "order": order,
        "mailed": mailed,
    }


def _reached(rng: np.random.Generator, reach: np.ndarray) -> np.ndarray:
    """Draw how far visits go, by shares a visit, shape (m, 4)."""
    return (rng.random(len(reach))[:, None] > np.cumsum(reach, axis=1)[:, :-1]).sum(axis=1)


def walk(rng: np.random.Generator, people: People, bought: Purchases, of: dict[str, np.ndarray]) -> Events:
    """Lay every session out over the slots of one funnel and keep the slots that happened."""
    store, m = people.store, len(of["start"])
    if not m:
        return events_of(0)
    kind, person = of["kind"], of["person"]
    buying = kind == ORDERED
    chance = rng.random
    shopper = np.maximum(person, 0)
    known = person >= 0
    thrift = np.where(known, people.level("price_sensitivity")[shopper], 0)
    landed = kind == LANDED
    keen = np.where(buying, 0.1, np.where(known, people.habits.of("views")[shopper], VISITOR_VIEWS))
    views = np.where(landed, 1, 1 + rng.binomial(VIEWS - 1, keen))
    # Every visit lands on one page: the home page, a list, a product, or, where that is all, the journal.
    at = chance(m)
    home = at < np.where(landed, 0.46, 0.42)
    lists = ~home & (at < 0.62)
    reads = landed & ~home & ~lists & (at < 0.87)
    lists |= ~landed & (chance(m) < np.where(buying, 0.2, 0.25))
    carts = kind >= CARTED
    slots = [
        (v.PAGE, reads),
        (v.HOME_VIEW, home),
        (v.CLICK, home & ~landed & (chance(m) < 0.12)),
        (v.DEPARTMENT, lists),
        (v.COLLECTION_VIEW, lists & ~landed),
        (v.SEARCHED, (home | lists) & ~landed & (chance(m) < 0.3)),
    ]
    first_view = len(slots)
    for i in range(VIEWS):
        seen = np.where(landed, ~home & ~lists & ~reads & (i == 0), (views > i) & (carts | (chance(m) < 0.72)))
        slots += [(v.PAGE, seen & (landed | (chance(m) < 0.93))), (v.PRODUCT_VIEW, seen & (~landed | (chance(m) < 0.8)))]
    writes = (kind == BROWSED) & (chance(m) < 0.012)
    slots += [
        (v.PAGE, writes),
        (v.LEAD, writes),
        (v.LOGIN, of["logged"] & ~landed & (chance(m) < 0.2)),
        (v.ADD, carts),
        (v.REMOVE, carts & ~buying & (chance(m) < 0.15)),
        (v.CART_VIEW, carts & (chance(m) < 0.7)),
        (v.CHECKOUT_START, kind >= CHECKED),
        (v.CHECKOUT_STEP, (kind >= CHECKED) & (chance(m) < np.where(buying, 0.95, 0.5))),
        (v.PAYMENT, buying & (chance(m) < 0.95)),
        (v.PURCHASE, buying),
    ]
    code = np.array([kind_of for kind_of, _ in slots])
    present = np.column_stack([happened for _, happened in slots])
    empty = ~present.any(axis=1)
    present[empty, 0] = True
    row, slot = np.nonzero(present)
    what = code[slot]
    first = np.concatenate([[True], row[1:] != row[:-1]])
    # A page view and the view it carries share their second; people now and then leave for an hour.
    companion = np.isin(what, [v.COLLECTION_VIEW, v.PRODUCT_VIEW]) & (slot > 0) & present[row, slot - 1]
    gap = rng.exponential(40.0, len(row)) * np.where(chance(len(row)) < 0.008, 60, 1) + 1
    passed = np.cumsum(np.where(companion | first, 0, np.round(gap)).astype(np.int64))
    begins = np.flatnonzero(first)
    elapsed = passed - passed[begins][row]
    whole = elapsed[np.concatenate([begins[1:], [len(row)]]) - 1] * SECOND
    start = np.where(buying, of["start"] - whole, of["start"])
    start = np.minimum(start, store.config.end - 5 * MINUTE - whole)
    at = start[row] // SECOND * SECOND + elapsed * SECOND

    order = of["order"][row]
    buyer = person[row]
    view_number = np.clip((slot - first_view) // 2, 0, VIEWS - 1)
    on_product = (slot >= first_view) & (slot < first_view + 2 * VIEWS)
    # Product of every session and view: what the person likes; in an order's session the first is the order's first.
    shown = np.arange(VIEWS)[None, :] < np.maximum(views, 1)[:, None]
    liked = np.zeros((m, VIEWS), dtype=np.int64)
    liked[shown] = choose_products(rng, people, np.where(known, person, rng.integers(0, len(people), m))[np.nonzero(shown)[0]])
    dear = known & (people.habits.code[shopper] == ADMIRER)
    of_category = store.category[liked[dear]]
    liked[dear] = store.category_start[of_category] + np.floor(
        (0.82 + 0.18 * chance(of_category.shape)) * store.category_size[of_category]
    ).astype(np.int64)
    first_line = np.flatnonzero(bought.line_number == 0)
    if len(first_line):
        liked[:, 0] = np.where(buying, bought.product[first_line[of["order"]]], liked[:, 0])
    about = on_product | np.isin(what, [v.ADD, v.REMOVE])
    product = np.where(about, liked[row, np.where(np.isin(what, [v.ADD, v.REMOVE]), 0, view_number)], -1)
    bargain = ~dear & (chance(m) < expit(-2.2 + 1.2 * thrift))
    collection = np.where(bargain, len(CATEGORIES), store.category[liked[:, 0]])[row]
    query = np.where(
        bargain,
        rng.integers(FIRST_BARGAIN_SEARCH, len(SEARCHES), m),
        np.where(chance(m) < 0.7, store.category[liked[:, 0]], rng.integers(len(CATEGORIES), FIRST_BARGAIN_SEARCH, m)),
    )[row]
    listed = np.isin(what, [v.DEPARTMENT, v.COLLECTION_VIEW])
    page = np.select(
        [
            np.isin(what, [v.HOME_VIEW, v.CLICK]),
            what == v.SEARCHED,
            listed,
            about,
            what == v.CART_VIEW,
            what == v.PURCHASE,
            slot == 0,
            what == v.LOGIN,
            (what == v.PAGE) | (what == v.LEAD),
        ],
        [
            HOME,
            store.search_page(query),
            store.collection_page(collection),
            store.product_page(product),
            CART,
            THANKS,
            JOURNAL,
            ACCOUNT,
            CONTACT,
        ],
        CHECKOUT,
    )
    source = np.where(chance(m) < 0.3, _campaign(rng, people, person), 0)
    local_day = np.clip((start - store.config.start) // DAY, 0, store.config.days)
    source = np.where(of["mailed"], newsletter_of(store, local_day), source)
    came_from = np.where(source > 0, CAMPAIGN_REFERRERS[source], rng.choice(PLAIN_REFERRERS, m, p=PLAIN_SHARES))
    campaign = np.where(first, source[row], 0)
    # The view that a landing page carries has the landing page's address.
    carried = np.concatenate([[False], companion[1:] & first[:-1]])
    campaign = np.where(carried, np.concatenate([[0], campaign[:-1]]), campaign)
    referrer = np.where(first | carried, came_from[row], -1)
    following = np.concatenate([np.where(row[1:] == row[:-1], at[1:] - at[:-1], -SECOND), [-SECOND]]) // SECOND
    duration = np.where(following > 0, following, -1)
    # Events say values in the store's currency, whatever the order was paid in.
    level = np.array([1.0, *store.foreign.values()])
    total = np.round(bought.total * level[bought.currency]).astype(np.int64)
    value = np.where(what == v.PURCHASE, total[order] if len(total) else -1, np.where(what == v.ADD, store.price[product], -1))
    at_checkout = np.isin(what, [v.CHECKOUT_START, v.CHECKOUT_STEP, v.PAYMENT, v.PURCHASE]) & (order >= 0)
    guest = bought.is_guest[order] if len(bought.is_guest) else np.zeros(len(order), dtype=bool)
    return events_of(
        len(row),
        at=at,
        kind=what,
        person=buyer,
        named=of["logged"][row] | (at_checkout & ~guest),
        mailed=at_checkout & guest,
        device=of["device"][row],
        session=row,
        page=page,
        campaign=campaign,
        referrer=referrer,
        filled=(campaign > 0) & (chance(m) < 0.5)[row],
        product=product,
        collection=np.where(listed, collection, -1),
        query=np.where(what == v.SEARCHED, query, -1),
        order=np.where(what == v.PURCHASE, order, -1),
        cents=value,
        duration=duration,
        channel=np.where((scramble(of["device"]) % np.uint64(8) == 0)[row] & ~store.is_pixel, APP, WEBSITE),
    )


def _campaign(rng: np.random.Generator, people: People, person: np.ndarray) -> np.ndarray:
    """Return a campaign (1 and up) for every session, by how people like to be reached."""
    is_planted = "communication_preference" in people.store.config.planted_axes
    anyway = rng.integers(1, len(CAMPAIGNS) + 1, len(person))
    weights = np.cumsum(people.weights("communication_preference")[np.maximum(person, 0)], axis=1)
    habit = (rng.random(len(person))[:, None] > weights[:, :-1]).sum(axis=1)
    own = np.array([[3, 4], [5, 6], [8, 8]])[habit, rng.integers(0, 2, len(person))]
    faithful = 0.95 if is_planted else 0.6
    chosen = np.where((person >= 0) & (rng.random(len(person)) < faithful), own, anyway)
    # Newsletters and text messages reach those whom the shop knows; clicks in newsletters are visits of their own.
    paid = rng.choice([1, 2, 7], len(person), p=[0.45, 0.4, 0.15])
    sms = (chosen == 8) & ((person < 0) | ~people.habits.takes_sms[np.maximum(person, 0)])
    mail = (chosen == NEWSLETTER) | (chosen == NOVEMBER)
    return chosen if is_planted else np.where(mail | sms, paid, chosen)
