"""What people and visitors do: browsing with funnels, messages, content."""

from __future__ import annotations

import numpy as np

from tessera.demo import vocabulary as v
from tessera.demo.browsing import (
    ADS,
    EMAIL,
    MESSAGE_EVENTS,
    ORDER_SESSION_EVENTS,
    SMS,
    SOCIAL,
    Events,
    active_days,
    draw_sessions,
    events_of,
    joined_events,
    walk,
)
from tessera.demo.columns import HOUR, MINUTE, SECOND
from tessera.demo.people import People, local_moment
from tessera.demo.purchases import PLAIN, WEB, Purchases, choose_products
from tessera.demo.shop import HOME, JOURNAL


def behave(people: People, bought: Purchases) -> Events:
    """Simulate all events of a chunk: its people's, and its share of purely anonymous visitors'.

    Sets `bought.session` to the session that led to an order, and returns one array element an event.
    """
    store, config = people.store, people.store.config
    rng = config.rng(store.index, people.chunk + 1, 5)
    n = max(len(people), 1)
    web = (bought.role == PLAIN) & (bought.source == WEB)
    wanted = config.events_per_customer
    per_person = max(web.sum() / n, 1e-9) * ORDER_SESSION_EVENTS
    tracked = min(0.85, 0.45 * wanted / per_person)
    rest = max(wanted - tracked * per_person, 0.1 * wanted)
    orders = np.flatnonzero(web & (rng.random(len(web)) < tracked))

    sessions = draw_sessions(rng, people, bought, orders, rest)
    web_events = walk(rng, people, bought, sessions)
    messages = _messages(rng, people, bought, 0.35 * rest / MESSAGE_EVENTS)
    singles = _singles(rng, people, bought, 0.10 * rest)
    return joined_events([web_events, messages, singles])


def _moments(
    rng: np.random.Generator, people: People, bought: Purchases, mean: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw Poisson many moments of people's active time; return person, local day and second of the day."""
    begin, end = active_days(rng, people, bought)
    who = np.repeat(np.arange(len(people)), rng.poisson(mean))
    share = rng.random(len(who)) ** np.exp(-0.35 * people.level("loyalty_trajectory")[who])
    day, second = local_moment(rng, people, who, begin[who] + share * (end[who] - begin[who]))
    return who, day, second


def _messages(rng: np.random.Generator, people: People, bought: Purchases, mean: float) -> Events:
    """Simulate sends and what people do with them; social and ad clicks stand beside."""
    limit = people.store.config.end - 5 * MINUTE
    reachable = people.has_email
    is_planted = "communication_preference" in people.store.config.planted_axes
    mean *= 4.0 if is_planted else 1.0
    who, day, second = _moments(rng, people, bought, np.where(reachable, mean / max(reachable.mean(), 0.1), 0.0))
    weights = np.cumsum(people.weights("communication_preference")[who], axis=1)
    habit = (rng.random(len(who))[:, None] > weights[:, :-1]).sum(axis=1)
    m = len(who)
    if is_planted:
        day, second = _times_of_habit(rng, people, habit, day)
    at = people.store.utc(day, second)
    email = (habit == 0) | (rng.random(m) < (0.05 if is_planted else 0.25))
    social = ~email & (habit == 1)
    sms = ~email & ~social
    opened = rng.random(m) < np.where(email & ~is_planted, 0.38, 0.65) * np.where(habit == 0, 1.25, 0.9)
    clicked = opened & (rng.random(m) < 0.3)
    left = email & (rng.random(m) < 0.006)
    later = at + (rng.exponential(1.0 if is_planted else 2.5, m) * HOUR).astype(np.int64) + MINUTE
    parts = []
    paid = rng.random(m) < 0.4
    steps = [
        (at, np.where(email, v.EMAIL_SENT, v.SMS_SENT), ~social),
        (later, np.where(email, v.EMAIL_OPEN, v.SMS_OPEN), ~social & opened),
        (later + 30 * SECOND, np.where(email, v.EMAIL_CLICK, v.SMS_CLICK), ~social & clicked),
        (later + 50 * SECOND, np.full(m, v.UNSUBSCRIBE), left),
        (at, np.where(paid, v.AD_CLICK, v.SOCIAL_CLICK), social),
    ]
    channel = np.where(email, EMAIL, np.where(sms, SMS, np.where(paid, ADS, SOCIAL)))
    campaign = np.where(email, rng.integers(3, 5, m), np.where(sms, 8, rng.integers(5, 7, m)))
    for when, what, happened in steps:
        keep = happened & (when < limit)
        parts.append(events_of(
            int(keep.sum()), at=when[keep] // SECOND * SECOND, kind=what[keep], person=who[keep],
            named=people.has_account[who[keep]], mailed=~people.has_account[who[keep]], channel=channel[keep],
            campaign=campaign[keep], filled=np.ones(int(keep.sum()), dtype=bool)))
    return joined_events(parts)


def _times_of_habit(
    rng: np.random.Generator, people: People, habit: np.ndarray, day: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return days and seconds at which people are reached by e-mail (early), social networks (evening and weekend), SMS."""
    m = len(habit)
    low, high = np.array([6.0, 19.0, 12.0])[habit], np.array([9.0, 23.0, 15.0])[habit]
    weekend = rng.random(m) < np.array([0.1, 0.6, 0.1])[habit]
    weekday = people.store.weekday[day]
    wanted = np.where(weekend, rng.integers(5, 7, m), rng.integers(0, 5, m))
    day = np.where(day + wanted - weekday >= 0, day + wanted - weekday, day)
    return day, (low + (high - low) * rng.random(m)) * 3600


def _singles(rng: np.random.Generator, people: People, bought: Purchases, mean: float) -> Events:
    """Simulate content, wishes, reviews, shares and referrals, each on its own."""
    able = people.has_account
    who, day, second = _moments(rng, people, bought, np.where(able, mean / max(able.mean(), 0.1), 0.0))
    at = people.store.utc(day, second)
    m = len(who)
    kinds = [v.ARTICLE, v.VIDEO, v.PODCAST, v.DOWNLOAD, v.WISHLIST, v.REVIEW, v.SHARE, v.REFERRAL]
    what = rng.choice(kinds, m, p=[0.28, 0.14, 0.06, 0.05, 0.25, 0.12, 0.07, 0.03])
    content = (what >= v.ARTICLE) & (what <= v.DOWNLOAD)
    about = np.isin(what, [v.WISHLIST, v.REVIEW])
    product = np.where(about, choose_products(rng, people, who), -1)
    named = rng.random(m) < 0.8
    page = np.where(about, people.store.product_page(np.maximum(product, 0)), np.where(content, JOURNAL, HOME))
    return events_of(
        m, at=at // SECOND * SECOND, kind=what, person=who, named=named, device=people.device_codes(who, 0), page=page,
        product=product, duration=np.where(content, 20 + rng.exponential(90, m).astype(np.int64), -1))


