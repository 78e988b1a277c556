"""One chunk of people, from their traits to their dirty rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from tessera.demo.behaviour import behave
from tessera.demo.customer_tables import customer_table, import_table, ticket_table
from tessera.demo.dirt import Spoiler, Tally
from tessera.demo.event_tables import event_table, identity_tables, session_ids, session_table
from tessera.demo.order_tables import attribution_table, line_tables, order_table
from tessera.demo.people import draw_people
from tessera.demo.purchases import NOT_YET, buy
from tessera.demo.schemas import RAW_SCHEMAS
from tessera.demo.shop import Store
from tessera.demo.truth import identity_truth, people_truth


def chunk_tables(store: Store, chunk: int) -> tuple[dict[str, pa.Table], Tally]:
    """Return all tables of a chunk, and the counts of what was planted in them."""
    first, count = store.config.chunks_of(store.index)[chunk]
    tally, made = Tally(), {}

    def soil(name: str, part: int, rows: pa.Table, **known: Any) -> None:
        rng = store.config.rng(store.index, chunk + 1, 20 + part)
        made[name] = Spoiler(store, chunk, name, rng, tally).spoil(rows, **known)

    people = draw_people(store, chunk, count, first)
    bought = buy(people)
    events = behave(people, bought)

    orders = order_table(people, bought, session_ids(people, bought.session))
    touched = orders["updated_at"].to_numpy().astype("M8[us]").astype(np.int64)
    soil("orders", 0, orders, touched=touched, pending=bought.role == NOT_YET)
    items, refunds, touched = line_tables(people, bought)
    soil("order_items", 1, items, touched=touched, pending=bought.role[bought.line_order] == NOT_YET)
    if refunds is not None:
        soil("refunds", 2, refunds)
    soil("purchase_attributions", 3, attribution_table(people, bought))
    customers, touched = customer_table(people)
    soil("customers", 4, customers, touched=touched)
    tickets, touched = ticket_table(people, bought)
    soil("support_tickets", 5, tickets, touched=touched)
    soil("segment_imports", 6, import_table(people))
    app = session_table(people)
    if app is not None:
        soil("sessions", 7, app[0])
    identities, pairs = identity_tables(people, events, app)
    soil("identities", 8, identities)
    rows, hidden, late = event_table(people, bought, events)
    soil("events", 9, rows, hidden=hidden, late=late)
    made["truth_people"] = people_truth(people, bought)
    made["truth_identities"] = identity_truth(people, bought, events, pairs)
    for name in RAW_SCHEMAS:
        if name in made and made[name].schema != RAW_SCHEMAS[name]:
            raise AssertionError(f"{name} left its schema")
    return made, tally
