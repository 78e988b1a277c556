"""Raw rows that describe customers: accounts, tickets, imported segments."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy.special import expit

from tessera.demo.columns import (
    DAY,
    HOUR,
    MINUTE,
    boolean_text,
    hex_id,
    iso_text,
    joined,
    nulls_where,
    pick,
    scramble,
    seconds_text,
    table,
    text,
    times,
)
from tessera.demo.people import SECOND_ACCOUNT, People
from tessera.demo.purchases import PLAIN, Purchases, order_ranks
from tessera.demo.schemas import RAW_SCHEMAS

TAGS = ["newsletter", "vip,newsletter", "wholesale", "b2b, net30", "staff"]
METAFIELDS = ['{"size": "M", "loyalty_card": true}', '{"size": "L"}', '{"birthday_month": 5, "size": "S"}']
ACQUISITIONS = [
    ("google", None),
    ("direct", None),
    ("google", "brand"),
    ("google", "generic"),
    ("instagram", "stories"),
    ("facebook", "catalogue"),
    ("partner", "bloggers"),
]
ACQUISITION_SHARES = [0.3, 0.26, 0.13, 0.12, 0.09, 0.06, 0.04]
TOPICS = ["delivery", "return", "sizing", "payment", "product question"]
SLUGS = ["wholesale-partners", "press-list", "beta-testers"]


def customer_table(people: People) -> tuple[pa.Table, np.ndarray]:
    """Return `customers` as text, and when each row was last updated."""
    store, config = people.store, people.store.config
    rng = config.rng(store.index, people.chunk + 1, 9)
    second = np.flatnonzero(people.has_second_account)
    who = np.concatenate([np.flatnonzero(people.has_account), second])
    n = len(who)
    again = np.arange(n) >= n - len(second)
    number = people.number[who]
    created = config.start + (people.created_day[who] * DAY).astype(np.int64)
    created = np.where(again, created + rng.integers(0, DAY, n) * 5, created)
    created = np.minimum(created, config.end - HOUR)
    # Most records stay as they were made, so that an earlier night knows them too; leaving the list is written into them.
    touched = rng.random(n) < 0.04
    has_left = people.left_list[who] < config.end - HOUR
    updated = np.where(touched, created + (rng.random(n) * (config.end - HOUR - created)).astype(np.int64), created)
    updated = np.where(has_left, people.left_list[who] + MINUTE, updated)
    email = people.emails(who)
    email = pc.if_else(pa.array(again), pc.replace_substring(email, "@", "+2@"), email)
    # Zeros instead of a number: a value that many share and that must tie nobody to anybody.
    blocked = ~people.has_phone[who] & (rng.random(n) < 0.01 * min(config.dirt, 1))
    phone = pick(people.phones(), np.where(again, -1, who))
    phone = pc.if_else(pa.array(rng.random(n) < 0.2), _spaced(phone), phone)
    phone = pc.if_else(pa.array(blocked), pa.scalar("+0000000000"), phone)
    # Who has not ordered has given no address.
    city = np.where(people.is_buyer[who], people.city[who], -1)
    subscribed = people.habits.is_subscribed[who]
    consent = rng.random(n)
    # A second account is only known to be the same person by the payment provider's id.
    external = pc.if_else(
        pa.array(people.has_second_account[who]),
        joined('{"stripe_id": "cus-', text(number), '"}'),
        pc.if_else(
            pa.array(rng.random(n) < 0.4),
            joined('{"shopify_id": "', text(8_000_000 + number + again), '"}'),
            pa.scalar(None, pa.string()),
        ),
    )
    won = rng.choice(len(ACQUISITIONS), n, p=ACQUISITION_SHARES)
    first_name, last_name = people.names(who)
    rows = table(
        RAW_SCHEMAS["customers"],
        {
            "store_id": store.store_id,
            "customer_id": joined("c", text(1_000_001 + number + np.where(again, SECOND_ACCOUNT, 0))),
            "email": email,
            "phone": phone,
            "first_name": first_name,
            "last_name": last_name,
            "display_name": joined(first_name, " ", last_name),
            "avatar_url": nulls_where(joined(f"https://{store.domain}/avatars/", text(number), ".png"), rng.random(n) < 0.7),
            "created_at": iso_text(rng, created),
            "updated_at": iso_text(rng, updated),
            "city": pick([c[0] for c in store.cities], city),
            "state": pick([c[1] for c in store.cities], city),
            "country": pick([c[2] for c in store.cities], city),
            "timezone": nulls_where(pa.repeat(pa.scalar(store.timezone), n), rng.random(n) < 0.5),
            "locale": pick(["en-US", "fr-CA"] if store.is_pixel else ["de-DE", "en-GB"], rng.integers(0, 2, n)),
            "currency": store.currency,
            "tags": pick(TAGS, np.where(rng.random(n) < 0.3, rng.integers(0, len(TAGS), n), -1)),
            "metafields": pick(METAFIELDS, np.where(rng.random(n) < 0.3, rng.integers(0, len(METAFIELDS), n), -1)),
            "email_subscribed": boolean_text(rng, subscribed & ~has_left),
            "email_subscribed_at": iso_text(rng, created, ~subscribed | has_left),
            "sms_subscribed": boolean_text(rng, people.habits.takes_sms[who]),
            "gdpr_consent": nulls_where(boolean_text(rng, consent < 0.7), consent > 0.9),
            "gdpr_consent_at": iso_text(rng, created, consent >= 0.7),
            "do_not_track": boolean_text(rng, people.do_not_track[who] & ~again),
            "acquisition_source": pick([source for source, _ in ACQUISITIONS], won),
            "acquisition_campaign": pick([campaign for _, campaign in ACQUISITIONS], won),
            "acquired_at": iso_text(rng, config.start + (people.acquired_day[who] * DAY).astype(np.int64)),
            "external_ids": external,
            "loaded_at": seconds_text(np.minimum(updated + rng.integers(MINUTE, 10 * MINUTE, n), config.end - 1_000_000)),
        },
        n,
    )
    return rows, updated


def _spaced(phone: pa.Array) -> pa.Array:
    """Write a phone number the way people do."""
    return pc.utf8_replace_slice(pc.utf8_replace_slice(phone, 8, 8, "-"), 3, 3, " ")


def ticket_table(people: People, bought: Purchases) -> tuple[pa.Table, np.ndarray]:
    """Return `support_tickets` as text, and when each row was last touched."""
    store, config = people.store, people.store.config
    rng = config.rng(store.index, people.chunk + 1, 10)
    plain = np.flatnonzero(bought.role == PLAIN)
    z = people.level("support_history")[bought.person[plain]]
    is_planted = "support_history" in config.planted_axes
    if is_planted:
        rate = np.expm1(np.maximum(0.5 + 0.28 * z, 0.05))
        done = order_ranks(people, bought.person[plain])[0] * rate + rng.random(len(people))[bought.person[plain]]
        tickets = (np.floor(done + rate) - np.floor(done)).astype(np.int64)
    else:
        tickets = rng.poisson(np.exp(-2.2 + 0.9 * z))
    order = np.repeat(plain, tickets)
    opened = bought.at[order] + rng.integers(HOUR, 20 * DAY, len(order))
    order, opened = order[opened < config.end - HOUR], opened[opened < config.end - HOUR]
    n, who = len(order), bought.person[order]
    z, more = people.level("support_history")[who], people.plain("support_history")[who]
    answered = opened + (rng.exponential(4, n) * HOUR).astype(np.int64) + MINUTE
    hours = 18 * rng.gamma(4, 0.25, n) if is_planted else rng.exponential(18, n)
    resolved = answered + (hours * np.exp(0.35 * z + 0.5 * more) * HOUR).astype(np.int64)
    is_answered = answered < config.end - MINUTE
    is_resolved = (resolved < config.end - MINUTE) & (rng.random(n) > 0.08)
    last = np.where(is_resolved, resolved, np.where(is_answered, answered, opened))
    stars = 1 + rng.binomial(4, np.clip(0.72 - 0.285 * z, 0, 1) if is_planted else expit(0.8 - 0.6 * z))
    reopened = rng.binomial(1, np.clip(0.32 + 0.3 * z, 0, 1)) if is_planted else None
    named = people.has_account[who]
    rows = table(
        RAW_SCHEMAS["support_tickets"],
        {
            "store_id": store.store_id,
            "ticket_id": joined("t-", hex_id(scramble(((np.int64(people.chunk) << 32) + np.arange(n)) ^ 0x71C7))),
            "customer_id": people.customer_ids(np.where(named, who, -1)),
            "email": people.emails(np.where(named & (rng.random(n) < 0.6), -1, who)),
            "channel": pick(["email", "chat", "phone"], rng.integers(0, 3, n)),
            "opened_at": iso_text(rng, opened),
            "first_response_at": iso_text(rng, answered, ~is_answered),
            "resolved_at": iso_text(rng, resolved, ~is_resolved),
            "message_count": text(2 + rng.poisson(np.exp(0.6 + 0.3 * z))),
            "reopened_count": text(reopened if reopened is not None else rng.poisson(0.15 * np.exp(0.6 * z))),
            "topic": pick(TOPICS, rng.integers(0, len(TOPICS), n)),
            "satisfaction_score": nulls_where(text(stars), rng.random(n) < 0.4),
            "loaded_at": seconds_text(np.minimum(last + 3 * MINUTE, config.end - 1_000_000)),
        },
        n,
    )
    return rows, last


def import_table(people: People) -> pa.Table:
    """Return `segment_imports`: lists that somebody keeps by hand, some rows removed or expired."""
    store, config = people.store, people.store.config
    rng = config.rng(store.index, people.chunk + 1, 11)
    who = np.flatnonzero(people.has_account & (rng.random(len(people)) < 0.12))
    n = len(who)
    created = config.start + (people.created_day[who] * DAY).astype(np.int64)
    added = created + (rng.random(n) * (config.end - HOUR - created)).astype(np.int64)
    removed = added + (rng.random(n) * (config.end - HOUR - added)).astype(np.int64)
    gone = rng.random(n) < 0.15
    return table(
        RAW_SCHEMAS["segment_imports"],
        {
            "store_id": store.store_id,
            "segment_slug": pick(SLUGS, rng.integers(0, len(SLUGS), n)),
            "customer_id": people.customer_ids(who),
            "added_at": times(added),
            "removed_at": times(removed, ~gone),
            "expires_at": times(added + 180 * DAY, rng.random(n) < 0.7),
            "score": pa.array(np.round(rng.random(n), 3), mask=rng.random(n) < 0.5),
            "source": pick(["manual", "import"], rng.integers(0, 2, n)),
            "loaded_at": times(np.where(gone, removed, added) + MINUTE),
        },
        n,
    )
