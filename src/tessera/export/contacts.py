"""Whom a destination should have, and who should be taken out of it, as `marketing_export` and its ledger say."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from tessera.warehouse import Marts

ALL = "all"
# Reasons of a removal for which the person said no, so that a tool may not write to them any more.
REFUSALS = ("do_not_track", "unsubscribed", "consent_refused", "no_consent", "not_subscribed")
_BATCH_ROWS = 10_000
_TEXTS = (
    "contact_key",
    "customer_id",
    "channel",
    "move",
    "reason",
    "email",
    "phone",
    "email_sha256",
    "phone_sha256",
    "phone_digits_sha256",
    "first_name",
    "last_name",
    "city",
    "country",
    "locale",
    "timezone",
    "segment_ids",
    "segments",
    "attributes",
)
_COLUMNS = pa.schema([*((name, pa.string()) for name in _TEXTS), ("gdpr_consent", pa.bool_())])
_SHOWN = """
    contact_key, customer_id, channel, {move} as move, removal_reason as reason, email, phone, email_sha256, phone_sha256,
    phone_digits_sha256, first_name, last_name, city, country, locale_code as locale, timezone,
    cast(to_json(segment_ids) as text) as segment_ids,
    cast(to_json(case when is_neutral then neutral_names else segment_names end) as text) as segments,
    cast(attributes as text) as attributes, gdpr_consent"""
_NOW = f"""
    select {_SHOWN.format(move="'upsert'")}
    from {{marts}}.marketing_export
    where store_id = $1 and destination_id = $2 and is_exported and ($3 = '{ALL}' or $3 = any(segment_ids))"""
# What differs from the end of the night $4: who is in the segment and changed, who left it, and who is to be removed.
_SINCE = f"""
    with earlier as (
        select contact_key, is_exported and ($3 = '{ALL}' or $3 = any(segment_ids)) as was_member
        from (
            select *, row_number() over (partition by contact_key order by as_of desc) as recency_rank
            from {{steps}}.export_history
            where store_id = $1 and destination_id = $2 and as_of <= cast($4 as timestamp)
        ) as nights
        where recency_rank = 1
    ),
    members as (
        select marketing_export.*, coalesce(earlier.was_member, false) as was_member,
            is_exported and ($3 = '{ALL}' or $3 = any(segment_ids)) as is_member
        from {{marts}}.marketing_export
        left join earlier on marketing_export.contact_key = earlier.contact_key
        where store_id = $1 and destination_id = $2
    )
    select {_SHOWN.format(move="case when is_member then 'upsert' when is_exported then 'leave' else 'remove' end")}
    from members
    where case when is_member then changed_at > cast($4 as timestamp) or not was_member else was_member end"""


@dataclass(frozen=True)
class Audience:
    """What is exported.

    Parameters
    ----------
    name
        What it is called in the tool: of a segment its name, or the neutral one where the destination wants that.
    segment_id
        Id of the segment; ``all`` for everybody of the destination.
    members
        Id that the tool gave to the list or audience; empty where there is none yet.
    account
        Account of an ad platform.
    """

    name: str
    segment_id: str = ALL
    members: str = ""
    account: str = ""


@dataclass(frozen=True)
class Contact:
    """One contact of a destination.

    Parameters
    ----------
    move
        ``upsert``: should be there as it is said here; ``leave``: stays, but not in the segment; ``remove``.
    contact_key, customer_id
        The address with its kind, and whose it is; null where nothing but hashes is told.
    reason
        Why it is removed.
    email, phone, email_sha256, phone_sha256, phone_digits_sha256
        Addresses, and hashes of them; of who is removed only what the tool needs.
    profile
        first_name, last_name, city, country, locale, timezone.
    segment_ids, segments
        Ids, and names as the destination wants them.
    attributes
        What is known, by name; a null is a value that is not known any more.
    gdpr_consent
        Null is unknown.
    """

    move: str
    contact_key: str
    customer_id: str | None
    channel: str | None = None
    reason: str | None = None
    email: str | None = None
    phone: str | None = None
    email_sha256: str | None = None
    phone_sha256: str | None = None
    phone_digits_sha256: str | None = None
    profile: dict[str, str | None] = field(default_factory=dict)
    segment_ids: list[str] = field(default_factory=list)
    segments: list[str] = field(default_factory=list)
    attributes: dict[str, Any] = field(default_factory=dict)
    gdpr_consent: bool | None = None

    @property
    def is_refusal(self) -> bool:
        """Whether the person said no, or never said yes."""
        return self.reason in REFUSALS


PROFILE = ("first_name", "last_name", "city", "country", "locale", "timezone")


def read_contacts(marts: Marts, store: str, destination: str, segment: str, since: str | None) -> pa.Table:
    """Read the contacts of one store, destination and segment, those first who leave.

    Parameters
    ----------
    marts
        Open.
    store, destination
        Their ids.
    segment
        Its id, or ``all``.
    since
        The night, as text, whose state the tool has; None for everybody as they are.

    Returns
    -------
    pyarrow.Table
        One row per contact, to be read by `contacts`.

    Raises
    ------
    WarehouseError
        If the mart is not there.
    """
    values = [store, destination, segment, *([since] if since else [])]
    found = marts.ask(_SINCE if since else _NOW, _COLUMNS, *values)
    order = {"remove": 0, "leave": 1, "upsert": 2}
    rank = pa.array([order[move] for move in found["move"].to_pylist()], pa.int8())
    return found.append_column("rank", rank).sort_by([("rank", "ascending"), ("contact_key", "ascending")]).drop_columns(["rank"])


def contacts(table: pa.Table) -> Iterator[Contact]:
    """Give the rows of such a table."""
    for batch in table.to_batches(_BATCH_ROWS):
        for row in batch.to_pylist():
            profile = {name: row.pop(name) for name in PROFILE}
            lists = {name: json.loads(row.pop(name) or "[]") for name in ("segment_ids", "segments")}
            yield Contact(profile=profile, attributes=json.loads(row.pop("attributes") or "{}"), **lists, **row)
