"""Tables that say what was planted."""

from __future__ import annotations

import dataclasses

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tessera.demo.axes import AXES, NO_TYPE
from tessera.demo.browsing import Events
from tessera.demo.columns import joined, pick, table, text, times
from tessera.demo.dirt import Tally
from tessera.demo.people import SECOND_ACCOUNT, People, device_ids
from tessera.demo.purchases import PLAIN, UNIDENTIFIED, Purchases
from tessera.demo.rates import purchasing_of
from tessera.demo.schemas import truth_schemas
from tessera.demo.shop import Store

_SCHEMAS = truth_schemas(list(AXES))


def people_truth(people: People, bought: Purchases) -> pa.Table:
    """Return `truth_people`: rates, spend and types of every person of a chunk.

    `order_count` and `first_order_at` count the purchase process alone: no cancelled, test, unidentified or not yet
    loaded order.
    """
    n = len(people)
    plain = bought.role == PLAIN
    count = np.bincount(bought.person[plain], minlength=n)
    first = np.full(n, np.iinfo(np.int64).max)
    np.minimum.at(first, bought.person[plain], bought.at[plain])
    spend_p = purchasing_of(people.store).spend_p
    columns = {
        "store_id": people.store.store_id,
        "person_id": people.person_ids(),
        "lambda": pa.array(bought.rate),
        "p": pa.array(bought.dropout),
        "spend_rate": pa.array(bought.spend_rate),
        "mean_spend": pa.array(spend_p / bought.spend_rate),
        "first_order_at": times(first, count == 0),
        "order_count": pa.array(count),
        "is_noise": pa.array(people.is_noise),
    }
    for axis, types in AXES.items():
        code = people.latent[axis].code
        columns[axis] = pick([*[name for name, _, _ in types], NO_TYPE], np.where(code < 0, len(types), code))
    return table(_SCHEMAS["truth_people"], columns, n)


def identity_truth(people: People, bought: Purchases, events: Events, pairs: dict[str, np.ndarray]) -> pa.Table:
    """Return `truth_identities`: which identifiers of the raw rows are whose.

    An identifier that two people use (a shared device, a household's address) has a row for each. `is_linked` is false
    where no raw row ties the identifier to its person: nobody could find that out.
    """
    store = people.store
    ids = people.person_ids()
    account = np.flatnonzero(people.has_account)
    second = np.flatnonzero(people.has_second_account)
    written = people.has_account.copy()
    written[events["person"][events["mailed"]]] = True
    written[bought.person[bought.is_guest & (bought.role != UNIDENTIFIED)]] = True
    linked_guest = pairs["linked"] & (pairs["person"] >= 0)
    written[pairs["person"][linked_guest]] = True
    mail = np.flatnonzero(people.has_email & written)
    mail_second = np.flatnonzero(people.has_email & people.has_second_account)
    phone = np.flatnonzero(people.has_phone)
    visitor = joined("visitor-", text(-pairs["device"]))
    owner = pc.coalesce(pick(ids, pairs["person"]), visitor)
    groups = [
        ("customer_id", people.customer_ids(account), ids.take(pa.array(account)), None),
        ("customer_id", joined("c", text(1_000_001 + people.number[second] + SECOND_ACCOUNT)), ids.take(pa.array(second)), None),
        ("email", people.emails(mail), ids.take(pa.array(mail)), None),
        ("email", pc.replace_substring(people.emails(mail_second), "@", "+2@"), ids.take(pa.array(mail_second)), None),
        ("phone", people.phones().take(pa.array(phone)), ids.take(pa.array(phone)), None),
        ("anonymous_id", device_ids(pairs["device"]), owner, pairs["linked"]),
    ]
    tables = [
        table(
            _SCHEMAS["truth_identities"],
            {
                "store_id": store.store_id,
                "identifier_type": kind,
                "identifier": identifier,
                "person_id": person,
                "is_linked": pa.array(np.ones(len(person), dtype=bool) if linked is None else linked),
            },
            len(person),
        )
        for kind, identifier, person, linked in groups
    ]
    return pa.concat_tables(tables)


def parameter_row(store: Store) -> dict[str, object]:
    """Return a store's row of `truth_parameters`."""
    return {"store_id": store.store_id, **dataclasses.asdict(purchasing_of(store))}


def tally_tables(tally: Tally, schemas: dict[str, pa.Schema]) -> dict[str, pa.Table]:
    """Return `truth_dirt` and `truth_fates`."""
    made = {}
    for name, counts in (("truth_dirt", tally.kinds), ("truth_fates", tally.fates)):
        rows = [(*key, count) for key, count in sorted(counts.items()) if count]
        records = [dict(zip(schemas[name].names, row, strict=True)) for row in rows]
        made[name] = pa.Table.from_pylist(records, schema=schemas[name])
    return made
