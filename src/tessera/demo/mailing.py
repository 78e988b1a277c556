"""The shop's newsletter, week by week, and what people do with it."""

from __future__ import annotations

import numpy as np

from tessera.demo import vocabulary as v
from tessera.demo.browsing import EMAIL, Events, events_of, joined_events
from tessera.demo.columns import HOUR, MINUTE, SECOND
from tessera.demo.people import People
from tessera.demo.shop import newsletter_of

# The mail program remembers half a year.
WEEKS = 26
THURSDAY = 3
BOUNCES, LEAVES = 0.006, 0.011  # of sent, of opened
# Share of all events that may be mail, and how many events a person a newsletter makes.
MAIL_SHARE, EVENTS_A_LETTER = 0.4, 0.66


def newsletter_days(people: People) -> np.ndarray:
    """Return the days on which a newsletter goes out; in a shop of few events a person it is rarer than weekly."""
    config = people.store.config
    thursdays = np.flatnonzero(people.store.weekday[: config.days] == THURSDAY)[-WEEKS:]
    pause = max(1, int(np.ceil(EVENTS_A_LETTER * len(thursdays) / (MAIL_SHARE * config.events_per_customer))))
    return thursdays[::-1][::pause][::-1]


def newsletters(people: People) -> tuple[Events, np.ndarray, np.ndarray]:
    """Simulate all newsletters; sets `people.left_list`.

    Returns
    -------
    events, person, at
        The events of mail, and who clicked when: each click opens a visit.
    """
    store, config, habits = people.store, people.store.config, people.habits
    rng = config.rng(store.index, people.chunk + 1, 13)
    limit = config.end - 5 * MINUTE
    days = newsletter_days(people)
    n, weeks = len(people), len(days)
    reached = habits.is_subscribed & people.has_account & people.has_email
    chance = rng.random((4, n, weeks))
    sent_at = store.utc(np.broadcast_to(days, (n, weeks)), 36_000 + 1200 * rng.random((n, weeks)))
    sent = reached[:, None] & (people.created_day[:, None] + 1 < days[None, :]) & (sent_at < limit)
    bounced = sent & (chance[0] < BOUNCES)
    opened_at = sent_at + (np.exp(rng.normal(np.log(2.5), 1.2, (n, weeks))) * HOUR).astype(np.int64) + MINUTE
    opened = sent & ~bounced & (chance[1] < habits.opens[:, None]) & (opened_at < limit - 2 * MINUTE)
    clicked = opened & (chance[2] * habits.opens[:, None] < habits.clicks[:, None])
    leaves = opened & (chance[3] < LEAVES)
    # Whoever left gets nothing more; what an earlier letter was opened for stays.
    has_left = np.cumsum(leaves, axis=1) - leaves > 0
    sent, bounced, opened, clicked, leaves = (steps & ~has_left for steps in (sent, bounced, opened, clicked, leaves))
    left_at = opened_at + 50 * SECOND
    people.left_list = np.where(leaves, left_at, np.iinfo(np.int64).max).min(axis=1, initial=np.iinfo(np.int64).max)

    campaign = np.broadcast_to(newsletter_of(store, days), (n, weeks))
    parts = []
    for happened, at, kind in (
        (sent, sent_at, v.EMAIL_SENT),
        (bounced, sent_at + 20 * SECOND, v.EMAIL_BOUNCED),
        (opened, opened_at, v.EMAIL_OPEN),
        (clicked, opened_at + 30 * SECOND, v.EMAIL_CLICK),
        (leaves, left_at, v.UNSUBSCRIBE),
    ):
        who = np.nonzero(happened)[0]
        m = len(who)
        parts.append(
            events_of(
                m,
                at=at[happened] // SECOND * SECOND,
                kind=np.full(m, kind),
                person=who,
                named=np.ones(m, dtype=bool),
                channel=np.full(m, EMAIL),
                campaign=campaign[happened],
                filled=np.ones(m, dtype=bool),
            )
        )
    return joined_events(parts), np.nonzero(clicked)[0], opened_at[clicked] + 32 * SECOND
