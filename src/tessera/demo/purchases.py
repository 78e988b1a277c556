"""Orders and what hangs on them: lines, refunds, attributions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from scipy.special import expit

from tessera.demo.columns import (
    DAY,
    HOUR,
    MINUTE,
    pick,
    scramble,
    text,
    unit,
)
from tessera.demo.people import People, local_moment
from tessera.demo.rates import buying_traits, purchasing_of
from tessera.demo.shop import CATEGORIES

WEB, POS, DRAFT = range(3)
PLAIN, CANCELLED, TEST, UNIDENTIFIED, NOT_YET = range(5)


@dataclass
class Purchases:
    """Orders of a chunk of people, and their lines; one array element an order or a line."""

    rate: np.ndarray
    dropout: np.ndarray
    spend_rate: np.ndarray
    person: np.ndarray
    at: np.ndarray
    role: np.ndarray
    source: np.ndarray
    is_guest: np.ndarray
    currency: np.ndarray
    total: np.ndarray
    discount: np.ndarray
    key: np.ndarray
    session: np.ndarray
    loaded: np.ndarray
    line_order: np.ndarray
    line_number: np.ndarray
    product: np.ndarray
    quantity: np.ndarray
    price: np.ndarray
    line_discount: np.ndarray
    refund: np.ndarray
    refund_quantity: np.ndarray
    refund_at: np.ndarray

    def order_ids(self, at: np.ndarray) -> pa.Array:
        """Return order ids; -1 is no order."""
        return pick(text(self.key), at)


def repeat_times(
    rng: np.random.Generator, rate: np.ndarray, dropout: np.ndarray, span: np.ndarray, regularity: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Simulate BG/NBD purchases: exponential gaps, and after every repeat purchase a chance to leave for good.

    Parameters
    ----------
    rate, dropout, span
        Purchases a day, chance to leave, days observed; shape (n,). Nobody with a span of 0 buys.
    regularity
        Shape of gamma distributed gaps instead of exponential ones (1), shape (n,).

    Returns
    -------
    person, time
        Every purchase, the first one at 0, ordered by person and time; shape (m,).
    """
    person = np.flatnonzero(span > 0)
    time = np.zeros(len(person))
    who, when = [person], [time]
    while len(person):
        shape = 1.0 if regularity is None else regularity[person]
        gap = rng.exponential(1.0, len(person)) if regularity is None else rng.gamma(shape) / shape
        time = time + gap / rate[person]
        seen = time < span[person]
        person, time = person[seen], time[seen]
        who.append(person)
        when.append(time)
        stays = rng.random(len(person)) >= dropout[person]
        person, time = person[stays], time[stays]
    person, time = np.concatenate(who), np.concatenate(when)
    order = np.lexsort((time, person))
    return person[order], time[order]


def choose_products(rng: np.random.Generator, people: People, at: np.ndarray) -> np.ndarray:
    """Choose a product for every row, by what the person likes.

    A person has favourites (slots of a personal list) and else takes new products. Both come from categories the
    person knows, at the price level the person shops at.
    """
    store, m = people.store, len(at)
    z = {
        axis: people.level(axis)[at]
        for axis in ("repurchase_behavior", "product_knowledge", "category_exploration", "value_sophistication")
    }
    plain = {axis: people.plain(axis)[at] for axis in z}
    again = rng.random(m) < expit(
        -0.4
        + 1.1 * z["repurchase_behavior"]
        + 0.7 * plain["repurchase_behavior"]
        + 0.7 * plain["product_knowledge"]
        - 0.9 * plain["category_exploration"]
    )
    favourite = np.minimum(
        rng.geometric(
            expit(-0.2 + 0.9 * z["product_knowledge"] + 0.9 * plain["product_knowledge"] + 0.4 * plain["repurchase_behavior"])
        )
        - 1,
        7,
    )
    slot = np.where(again, favourite, 8 + rng.integers(0, 1 << 20, m))
    number = people.number[at].astype(np.int64)
    known = np.clip(
        np.round(
            2.4
            + 1.5 * z["category_exploration"]
            + plain["category_exploration"]
            - 3 * plain["product_knowledge"]
            + unit(number + 11)
        ),
        1,
        len(CATEGORIES),
    )
    tag = number * (1 << 22) + slot
    main = rng.random(m) < expit(
        -0.6 + 0.8 * z["product_knowledge"] + plain["product_knowledge"] - 0.6 * plain["category_exploration"]
    )
    rank = np.where(main, 0, np.floor(unit(tag * 3) * known)).astype(np.int64)
    category = (scramble(number + 99) % np.uint64(len(CATEGORIES))).astype(np.int64) + rank * 5
    # 5 and 12 have no common factor: ranks walk through all categories.
    category %= len(CATEGORIES)
    reach = 3.0 if "product_knowledge" in store.config.planted_axes else 1.1
    level = expit(1.1 * z["value_sophistication"] + 0.9 * plain["value_sophistication"] + reach * (unit(tag * 3 + 1) * 2 - 1))
    return store.category_start[category] + np.floor(level * 0.9999 * store.category_size[category]).astype(np.int64)


def buy(people: People) -> Purchases:
    """Simulate all orders of a chunk of people."""
    store, config = people.store, people.store.config
    rng = config.rng(store.index, people.chunk + 1, 1)
    rate, dropout, spend_rate = buying_traits(people, rng)
    span = np.where(people.is_buyer, people.buying_days, 0.0)
    is_plain = bool(config.planted_axes)
    regularity = 6 * np.exp(-1.1 * people.plain("purchase_frequency")) if is_plain else None
    person, time = repeat_times(rng, rate, dropout, span, regularity)
    # Trajectory bends time within the span: rising customers order late, declining ones early.
    share = time / span[person]
    bent = _bent(people, person, share)
    calendar = store.calendar_time(people.first_season_day[person] + bent * span[person])
    day, second = local_moment(rng, people, person, calendar)
    at = store.utc(day, second)

    # Cancelled, test, unidentified and not yet loaded orders are further orders: the process above stays whole.
    extra = [(CANCELLED, 0.03), (TEST, 0.006), (UNIDENTIFIED, 0.008)]
    if config.dirt:
        extra.append((NOT_YET, 0.004 * config.dirt))
    roles = [np.zeros(len(at), dtype=np.int64)]
    pools = [np.arange(len(at))]
    for kind, portion in extra:
        count = min(len(at), max(1, round(portion * len(at)))) if len(at) else 0
        pools.append(rng.choice(len(at), count, replace=False))
        roles.append(np.full(count, kind))
    role, copied = np.concatenate(roles), np.concatenate(pools)
    jitter = np.where(role == PLAIN, 0, rng.integers(0, 30 * DAY, len(role)))
    at = np.clip(at[copied] + jitter, None, config.end - 15 * MINUTE - rng.integers(0, 5 * DAY, len(role)) * (role > 0))
    at = np.where(role == PLAIN, np.minimum(at, config.end - 10 * MINUTE), at)
    person = person[copied]
    late = role == NOT_YET
    at[late] = config.end + rng.integers(-2 * HOUR, 2 * DAY, int(late.sum()))
    order = np.lexsort((np.arange(len(at)), at, person))
    person, at, role = person[order], at[order], role[order]
    n = len(at)

    source = rng.choice(3, n, p=[0.83, 0.13, 0.04])
    source[role == UNIDENTIFIED] = POS
    guest = ~people.has_account[person] | (people.has_email[person] & (rng.random(n) < np.where(source == POS, 0.4, 0.04)))
    spend_p = purchasing_of(store).spend_p
    if is_plain:
        base = spend_p if "value_sophistication" in config.planted_axes else 4 * spend_p
        steadiness = base * np.exp(0.8 * people.plain("value_sophistication"))[person]
        spend = rng.gamma(steadiness) * spend_p / steadiness / spend_rate[person] * _growth(people, person)
    else:
        spend = rng.gamma(spend_p, 1.0, n) / spend_rate[person]
    codes = [store.currency, *store.foreign]
    currency = np.where(rng.random(n) < 0.06, rng.integers(0, len(codes), n), 0)
    # The level round which a currency's rate moves; staging converts with the day's own rate.
    spend = spend / np.array([1.0, *store.foreign.values()])[currency]

    lines = 1 + rng.binomial(4, 0.22, n)
    line_order = np.repeat(np.arange(n), lines)
    line_number = np.arange(len(line_order)) - np.repeat(np.cumsum(lines) - lines, lines)
    buyer = person[line_order]
    product = choose_products(rng, people, buyer)
    returned = rng.random(len(product)) < expit(
        -3.2
        + 0.9 * people.level("return_behavior")[buyer]
        + 0.5 * people.level("problem_complexity_profile")[buyer]
        + 1.1 * people.plain("return_behavior")[buyer]
        + 1.6 * people.plain("problem_complexity_profile")[buyer]
    )
    returned &= role[line_order] == PLAIN
    refund_at = at[line_order] + rng.integers(3 * DAY, 25 * DAY, len(product))
    returned &= refund_at < config.end - HOUR
    _switch(rng, people, person, at, line_order, line_number, product, returned, refund_at)

    if is_plain:
        deal = _planned_deals(rng, people, person)
        depth = np.clip(
            (0.3 if "value_sophistication" in config.planted_axes else 0.14) + 0.02 * rng.standard_normal(n), 0.05, 0.6
        )
    else:
        deal = rng.random(n) < expit(-1.3 + 1.1 * people.level("price_sensitivity")[person])
        depth = np.clip(0.14 + 0.06 * people.level("price_sensitivity")[person] + 0.05 * rng.standard_normal(n), 0.05, 0.6)
    off = np.where(deal[line_order] & (rng.random(len(product)) < 0.85), np.round(depth[line_order], 2), 0.0)
    wanted = spend[line_order] / lines[line_order]
    listed = store.price[product] / 100.0 * np.exp(0.7 * people.plain("value_sophistication"))[buyer]
    quantity = np.clip(np.floor(wanted / (listed * (1 - off)) + rng.random(len(product))), 1, 8).astype(np.int64)
    # Variants and price changes: unit prices stretch so that the order costs what the spend model says.
    stretch = spend / np.bincount(line_order, quantity * listed * (1 - off), minlength=n)
    price = np.maximum(np.round(listed * stretch[line_order] * 100), 1).astype(np.int64)
    line_discount = np.round(quantity * price * off).astype(np.int64)
    paid = quantity * price - line_discount
    total = np.bincount(line_order, paid, minlength=n).astype(np.int64)
    discount = np.bincount(line_order, line_discount, minlength=n).astype(np.int64)
    refund_quantity = np.where(returned, 1 + np.floor(rng.random(len(product)) * quantity).astype(np.int64), 0)
    loaded = at + rng.integers(MINUTE, 15 * MINUTE, n)
    return Purchases(
        rate,
        dropout,
        spend_rate,
        person,
        at,
        role,
        source,
        guest,
        currency,
        total,
        discount,
        key=10_000_000_000 + (people.chunk * 100_000_000) + (np.arange(n) * 7_919 + 13) % 99_999_989,
        session=np.full(n, -1),
        loaded=loaded,
        line_order=line_order,
        line_number=line_number,
        product=product,
        quantity=quantity,
        price=price,
        line_discount=line_discount,
        refund=np.where(returned, paid * refund_quantity // quantity, 0),
        refund_quantity=refund_quantity,
        refund_at=refund_at,
    )


def order_ranks(people: People, person: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the number, from 0, of each order among its person's, and how many these are; `person` is in order of time."""
    orders = np.bincount(person, minlength=len(people))
    return np.arange(len(person)) - (np.cumsum(orders) - orders)[person], orders[person]


def _planned_deals(rng: np.random.Generator, people: People, person: np.ndarray) -> np.ndarray:
    """Return which orders have a discount where types show plainly: of n orders as many as the person likes, spread evenly."""
    planted = people.store.config.planted_axes
    share = np.clip(
        0.3
        + 0.38 * people.plain("price_sensitivity")
        + 0.08 * ("price_sensitivity" in planted)
        + 0.3 * people.plain("problem_complexity_profile")
        - 0.3 * people.plain("value_sophistication")
        + 0.18 * ("value_sophistication" in planted),
        0.02,
        0.98,
    )[person]
    done = order_ranks(people, person)[0] * share + rng.random(len(people))[person]
    return np.floor(done + share) > np.floor(done)


def _bent(people: People, person: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Return when within the span, 0 to 1, what would happen at a steady pace happens at people's own, shape (m,)."""
    loyalty = people.level("loyalty_trajectory")
    if not people.store.config.planted_axes:
        return share ** np.exp(-0.35 * loyalty[person])
    rise = 1.1 * people.plain("loyalty_trajectory")
    if "loyalty_trajectory" in people.store.config.planted_axes:
        rise = rise + 0.22
    if "customer_maturity" in people.store.config.planted_axes:
        rise = rise - 0.22 * np.maximum(people.plain("customer_maturity") + 1.2, 0)
    pace = np.exp(-np.abs(rise))[person]
    return np.where(rise[person] > 0, share**pace, 1 - (1 - share) ** pace)


def _growth(people: People, person: np.ndarray) -> np.ndarray:
    """Return by how much what people spend has changed at each order; `person` is in order of time, shape (n,)."""
    rank, orders = order_ranks(people, person)
    rise = 0.9 * people.plain("purchase_value") + 1.1 * people.plain("loyalty_trajectory")
    return np.exp(rise[person] * ((rank + 0.5) / orders - 0.5))


def _switch(
    rng: np.random.Generator,
    people: People,
    person: np.ndarray,
    at: np.ndarray,
    line_order: np.ndarray,
    line_number: np.ndarray,
    product: np.ndarray,
    returned: np.ndarray,
    refund_at: np.ndarray,
) -> None:
    """Let switchers replace a returned product: their next order within 30 days opens with a sibling of it."""
    back = np.flatnonzero(returned)
    z = people.level("problem_complexity_profile")[person[line_order[back]]]
    plain = people.plain("problem_complexity_profile")[person[line_order[back]]]
    back = back[rng.random(len(back)) < expit(-0.5 + 1.3 * z + plain)]
    following = line_order[back] + 1
    inside = following < len(at)
    back, following = back[inside], following[inside]
    fits = (
        (person[following] == person[line_order[back]])
        & (at[following] > refund_at[back])
        & (at[following] < refund_at[back] + 30 * DAY)
    )
    back, following = back[fits], following[fits]
    first_line = np.flatnonzero(line_number == 0)
    store = people.store
    category = store.category[product[back]]
    sibling = (product[back] - store.category_start[category] + 1) % store.category_size[category]
    product[first_line[following]] = store.category_start[category] + sibling
