"""What people and visitors do: browsing with funnels, messages, content."""

from __future__ import annotations

import numpy as np

from tessera.demo import vocabulary as v
from tessera.demo.browsing import (
    ADS,
    EMAIL,
    ORDERED,
    REACH_EVENTS,
    SMS,
    SOCIAL,
    Events,
    Traffic,
    active_days,
    draw_sessions,
    events_of,
    habit_days,
    joined_events,
    walk,
)
from tessera.demo.columns import DAY, HOUR, MINUTE, SECOND
from tessera.demo.habits import CASUAL, HABITS, VISITOR_REACH
from tessera.demo.mailing import newsletters
from tessera.demo.people import People, local_moment
from tessera.demo.purchases import PLAIN, WEB, Purchases, choose_products
from tessera.demo.shop import ACCOUNT, CAMPAIGN_REFERRERS, HOME, JOURNAL, PLAIN_REFERRERS, PLAIN_SHARES

READS = [0.68, 0.19, 0.07, 0.06]  # article, video, podcast, download
# Of all visits of a shop: those that order, those of anonymous visitors.
ORDERING, ANONYMOUS = 0.034, 0.55
# Of the visits of people without an order: those of their habits at most.
HABITUAL = 0.8


def behave(people: People, bought: Purchases) -> Events:
    """Simulate all events of a chunk: its people's, and its share of purely anonymous visitors'.

    Sets `bought.session` to the session that led to an order, and returns one array element an event.
    """
    store, config = people.store, people.store.config
    rng = config.rng(store.index, people.chunk + 1, 5)
    wanted = config.events_per_customer * len(people)
    if config.planted_axes:
        who = at = np.zeros(0, dtype=np.int64)
        parts = [_messages(rng, people, bought, 0.13 * wanted), _singles(rng, people, bought, 0.05 * wanted)]
    else:
        mail, who, at = newsletters(people)
        parts = [_messages(rng, people, bought, 0.014 * wanted), _singles(rng, people, bought, 0.02 * wanted), mail]
        parts.append(_sign_ups(rng, people))
    spare = max(wanted - sum(len(part["at"]) for part in parts), 0.3 * wanted)
    traffic = _traffic(rng, people, bought, spare, who, at)
    sessions = draw_sessions(rng, people, bought, traffic)
    return joined_events([walk(rng, people, bought, sessions), *parts])


def _traffic(
    rng: np.random.Generator, people: People, bought: Purchases, wanted: float, clicked: np.ndarray, clicked_at: np.ndarray
) -> Traffic:
    """Plan the visits that make so many events: few order, and most are of people whom nobody knows."""
    n = max(len(people), 1)
    web = np.flatnonzero((bought.role == PLAIN) & (bought.source == WEB))
    casual_events = float(np.dot(HABITS[CASUAL].reach, REACH_EVENTS[:ORDERED]))
    visitor_events = float(np.dot(VISITOR_REACH, REACH_EVENTS[:ORDERED]))
    if people.store.config.planted_axes:
        # What axes see is what matters there: nearly half of the events are of visits that order.
        wanted = people.store.config.events_per_customer * n
        ordering, casual, habitual, visitors = min(0.85 * len(web), 0.05 * wanted), 0.044 * wanted, 0.0, 0.013 * wanted
    else:
        span = np.maximum(people.store.config.days - people.habits.begin, 0.0)
        often = people.habits.of("visits") * span / 30
        reach = people.habits.of("reach") @ REACH_EVENTS[:ORDERED]
        a_visit = ORDERING * REACH_EVENTS[ORDERED] + ANONYMOUS * visitor_events + (1 - ORDERING - ANONYMOUS) * casual_events
        visits = wanted / a_visit
        ordering, visitors = min(0.85 * len(web), ORDERING * visits), ANONYMOUS * visits
        rest = wanted - ordering * REACH_EVENTS[ORDERED] - visitors * visitor_events
        rest -= float(reach[clicked].sum())
        habitual = min(1.0, HABITUAL * max(rest, 0.0) / max(float((often * reach).sum()), 1e-9))
        casual = max(rest - habitual * float((often * reach).sum()), 0.0) / casual_events
    orders = np.sort(rng.choice(web, round(ordering), replace=False)) if len(web) else web
    return Traffic(orders, casual / n, habitual, round(visitors), clicked, clicked_at)


def _moments(
    rng: np.random.Generator, people: People, bought: Purchases, mean: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw Poisson many moments of people's active time; return person, local day and second of the day."""
    begin, end = active_days(rng, people, bought)
    who = np.repeat(np.arange(len(people)), rng.poisson(mean))
    share = rng.random(len(who)) ** np.exp(-0.35 * people.level("loyalty_trajectory")[who])
    day, second = local_moment(rng, people, who, begin[who] + share * (end[who] - begin[who]))
    return who, day, second


def _messages(rng: np.random.Generator, people: People, bought: Purchases, count: float) -> Events:
    """Simulate text messages and what people do with them; social and ad clicks stand beside.

    Where the ways to reach people are to show plainly, e-mails are of them too, and there is no newsletter.
    """
    limit = people.store.config.end - 5 * MINUTE
    is_mailed = bool(people.store.config.planted_axes)
    is_planted = "communication_preference" in people.store.config.planted_axes
    count *= 4.0 if is_planted else 1.0
    reachable = people.has_email
    who, day, second = _moments(rng, people, bought, reachable * count / max(reachable.sum(), 1))
    weights = np.cumsum(people.weights("communication_preference")[who], axis=1)
    habit = (rng.random(len(who))[:, None] > weights[:, :-1]).sum(axis=1)
    m = len(who)
    if is_planted:
        day, second = _times_of_habit(rng, people, habit, day)
    at = people.store.utc(day, second)
    email = is_mailed & ((habit == 0) | (rng.random(m) < (0.05 if is_planted else 0.25)))
    social = ~email & ((habit == 1) | ((not is_mailed) & ~people.habits.takes_sms[who]))
    sms = ~email & ~social
    opened = rng.random(m) < np.where(email & ~is_planted, 0.38, 0.65) * np.where(habit == 0, 1.25, 0.9)
    clicked = opened & (rng.random(m) < (0.3 if is_mailed else 0.25))
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
    # Where it leads to the shop, the shop sees the device.
    device = np.where(social & (not is_mailed), people.device_codes(who, 0), -1)
    campaign = np.where(email, rng.integers(3, 5, m), np.where(sms, 8, rng.integers(5, 7, m)))
    for when, what, happened in steps:
        keep = happened & (when < limit)
        parts.append(
            events_of(
                int(keep.sum()),
                at=when[keep] // SECOND * SECOND,
                kind=what[keep],
                person=who[keep],
                named=people.has_account[who[keep]],
                mailed=~people.has_account[who[keep]],
                channel=channel[keep],
                campaign=campaign[keep],
                filled=np.ones(int(keep.sum()), dtype=bool),
                device=device[keep],
            )
        )
    if not is_mailed:
        # Whoever follows a post or an ad lands on the home page.
        landed = np.flatnonzero(social & (at + SECOND < limit))
        parts.append(
            events_of(
                len(landed),
                at=at[landed] // SECOND * SECOND + SECOND,
                kind=np.full(len(landed), v.HOME_VIEW),
                person=who[landed],
                device=device[landed],
                campaign=campaign[landed],
                referrer=CAMPAIGN_REFERRERS[campaign[landed]],
                page=np.full(len(landed), HOME),
            )
        )
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


def _singles(rng: np.random.Generator, people: People, bought: Purchases, count: float) -> Events:
    """Simulate content, wishes, reviews, shares and referrals, each on a page of its own."""
    able = people.has_account
    who, day, second = _moments(rng, people, bought, able * count / max(able.sum(), 1))
    kinds = [v.ARTICLE, v.VIDEO, v.PODCAST, v.DOWNLOAD, v.WISHLIST, v.REVIEW, v.SHARE, v.REFERRAL]
    what = rng.choice(kinds, len(who), p=[0.24, 0.12, 0.06, 0.05, 0.25, 0.14, 0.10, 0.04])
    reader, habit_day = habit_days(rng, people, "reads", 1.0)
    habit_day, habit_second = local_moment(rng, people, reader, habit_day)
    who, what = np.concatenate([who, reader]), np.concatenate([what, rng.choice(kinds[:4], len(reader), p=READS)])
    at = people.store.utc(np.concatenate([day, habit_day]), np.concatenate([second, habit_second])) // SECOND * SECOND
    m = len(who)
    content = (what >= v.ARTICLE) & (what <= v.DOWNLOAD)
    about = np.isin(what, [v.WISHLIST, v.REVIEW])
    product = np.where(about, choose_products(rng, people, who), -1)
    page = np.where(about, people.store.product_page(np.maximum(product, 0)), np.where(content, JOURNAL, HOME))
    seconds = 15 + rng.exponential(80, m).astype(np.int64)
    done = np.minimum(at + seconds * SECOND, people.store.config.end - 5 * MINUTE)
    shared = {"person": who, "named": rng.random(m) < 0.8, "device": people.device_codes(who, 0), "page": page}
    opened = events_of(
        m,
        at=at,
        kind=np.full(m, v.PAGE),
        referrer=rng.choice(PLAIN_REFERRERS, m, p=PLAIN_SHARES),
        duration=np.where(content, seconds, -1),
        **shared,
    )
    return joined_events([opened, events_of(m, at=done // SECOND * SECOND, kind=what, product=product, **shared)])


def _sign_ups(rng: np.random.Generator, people: People) -> Events:
    """Simulate how people make their accounts, where that was seen."""
    config = people.store.config
    who = np.flatnonzero(people.has_account & (rng.random(len(people)) < 0.3))
    at = config.start + (people.created_day[who] * DAY).astype(np.int64) // SECOND * SECOND
    m = len(who)
    shared = {"person": who, "device": people.device_codes(who, 0), "page": np.full(m, ACCOUNT)}
    seconds = rng.integers(20, 90, m)
    opened = events_of(
        m,
        at=at - seconds * SECOND,
        kind=np.full(m, v.PAGE),
        duration=seconds,
        referrer=rng.choice(PLAIN_REFERRERS, m, p=PLAIN_SHARES),
        **shared,
    )
    return joined_events([opened, events_of(m, at=at, kind=np.full(m, v.SIGN_UP), named=np.ones(m, dtype=bool), **shared)])
