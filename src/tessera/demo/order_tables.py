"""Raw rows of purchases: orders, lines, refunds, attributions."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tessera.demo.columns import (
    DAY,
    HOUR,
    MINUTE,
    hex_id,
    iso_text,
    joined,
    money,
    money_text,
    nulls_where,
    pick,
    scramble,
    seconds_text,
    table,
    text,
    times,
)
from tessera.demo.people import People
from tessera.demo.purchases import CANCELLED, NOT_YET, PLAIN, TEST, UNIDENTIFIED, WEB, Purchases
from tessera.demo.schemas import RAW_SCHEMAS
from tessera.demo.shop import CATEGORIES, PRODUCT_TYPES

SOURCES = ["web", "pos", "shopify_draft_order"]
ATTRIBUTIONS = ["search", "collection", "recommendation", "email", "social", "ads", "direct"]


def order_table(people: People, bought: Purchases, session_ids: pa.Array) -> pa.Table:
    """Return the table `orders`, clean rows only."""
    store, config, n = people.store, people.store.config, len(bought.at)
    rng = config.rng(store.index, people.chunk + 1, 2)
    named = bought.role != UNIDENTIFIED
    customer = np.where(named & ~bought.is_guest, bought.person, -1)
    with_email = named & (bought.is_guest | (rng.random(n) < 0.7))
    email = people.emails(np.where(with_email, bought.person, -1))
    untidy = rng.random(n) < 0.03 * min(config.dirt, 1)
    email = _untidy(email, untidy)
    cancelled = bought.role == CANCELLED
    cancelled_at = np.minimum(bought.at + rng.integers(HOUR, 2 * DAY, n), config.end - 8 * MINUTE)
    updated = np.where(cancelled, cancelled_at, bought.at)
    loaded = np.where(cancelled, cancelled_at + 2 * MINUTE, bought.loaded)
    loaded = np.where(bought.role == NOT_YET, np.maximum(loaded, config.end), np.minimum(loaded, config.end - 1))
    status = np.where(cancelled, 1, np.where(bought.role == TEST, 0, np.where(rng.random(n) < 0.02, 2, 0)))
    return table(
        RAW_SCHEMAS["orders"],
        {
            "store_id": store.store_id,
            "order_id": text(bought.key),
            "customer_id": people.customer_ids(customer),
            "email": email,
            "ordered_at": times(bought.at),
            "total_price": money(bought.total),
            "discount_amount": money(bought.discount),
            "currency": pick([store.currency, *store.foreign], bought.currency),
            "source": pick(SOURCES, bought.source),
            "financial_status": pick(["paid", "voided", "pending"], status),
            "cancelled_at": times(cancelled_at, ~cancelled),
            "is_test": pa.array(bought.role == TEST),
            "session_id": session_ids,
            "updated_at": times(updated),
            "loaded_at": times(loaded),
        },
        n,
    )


def _untidy(email: pa.Array, untidy: np.ndarray) -> pa.Array:
    return pc.if_else(pa.array(untidy), joined(" ", pc.utf8_capitalize(email)), email)


def line_tables(people: People, bought: Purchases) -> tuple[pa.Table, pa.Table | None, np.ndarray]:
    """Return `order_items`, `refunds` (None where refunds are columns of lines), and when each line was updated."""
    store, config, n = people.store, people.store.config, len(bought.product)
    rng = config.rng(store.index, people.chunk + 1, 3)
    ordered = bought.at[bought.line_order]
    not_yet = bought.role[bought.line_order] == NOT_YET
    returned = bought.refund_quantity > 0
    in_line = returned & store.is_pixel
    updated = np.where(in_line, bought.refund_at, ordered)
    loaded = np.where(in_line, bought.refund_at + 3 * MINUTE, bought.loaded[bought.line_order] + MINUTE)
    loaded = np.where(not_yet, np.maximum(loaded, config.end), np.minimum(loaded, config.end - 1_000_000))
    order_id = bought.order_ids(bought.line_order)
    line_id = joined(order_id, "-", text(bought.line_number + 1))
    product_id = pick(store.product_id, bought.product)
    no_discount = bought.line_discount == 0
    items = table(
        RAW_SCHEMAS["order_items"],
        {
            "store_id": store.store_id,
            "order_id": order_id,
            "line_id": line_id,
            "product_id": product_id,
            "variant_id": joined(product_id, "-v", text(1 + bought.line_number % 3)),
            "product_name": pick(store.product_name, bought.product),
            "category": pick(CATEGORIES, store.category[bought.product]),
            "product_type": pick(PRODUCT_TYPES, store.product_type[bought.product]),
            "quantity": text(bought.quantity),
            "price": money_text(bought.price),
            "discount_amount": money_text(bought.line_discount, no_discount & (rng.random(n) < 0.5)),
            "refund_amount": money_text(bought.refund, ~in_line),
            "refunded_quantity": nulls_where(text(bought.refund_quantity), ~in_line),
            "refunded_at": iso_text(rng, bought.refund_at, ~in_line),
            "updated_at": iso_text(rng, updated),
            "loaded_at": seconds_text(loaded),
        },
        n,
    )
    refunds = None
    if not store.is_pixel:
        refunds = _refund_table(rng, people, bought, np.flatnonzero(returned), line_id)
    return items, refunds, updated


def _refund_table(rng: np.random.Generator, people: People, bought: Purchases, rows: np.ndarray, line_id: pa.Array) -> pa.Table:
    store, config = people.store, people.store.config
    # One in fifty comes without its sale, a goodwill payment to a known customer.
    lone = np.zeros(len(rows), dtype=bool)
    known = ~bought.is_guest[bought.line_order[rows]]
    lone[known] = rng.random(int(known.sum())) < 0.02
    order = bought.line_order[rows]
    customer = np.where(bought.is_guest[order], -1, bought.person[order])
    whole_order = rng.random(len(rows)) < 0.1
    refunded = bought.refund_at[rows]
    tag = (np.int64(people.chunk) << 32) + rows
    return table(
        RAW_SCHEMAS["refunds"],
        {
            "store_id": store.store_id,
            "refund_id": hex_id(scramble(tag), "r-"),
            "refunded_at": times(refunded),
            "amount": money(bought.refund[rows]),
            "order_id": bought.order_ids(np.where(lone, -1, order)),
            "line_id": nulls_where(line_id.take(pa.array(rows)), lone | whole_order),
            "customer_id": people.customer_ids(np.where(lone | (rng.random(len(rows)) < 0.5), customer, -1)),
            "quantity": pa.array(bought.refund_quantity[rows].astype(np.int32), mask=lone),
            "loaded_at": times(np.minimum(refunded + rng.integers(MINUTE, HOUR, len(rows)), config.end - 1)),
        },
        len(rows),
    )


def attribution_table(people: People, bought: Purchases) -> pa.Table:
    """Return `purchase_attributions`: about half of the web orders, one row each."""
    store, config = people.store, people.store.config
    rng = config.rng(store.index, people.chunk + 1, 4)
    first = np.flatnonzero(bought.line_number == 0)
    chosen = (bought.source == WEB) & (bought.role == PLAIN) & (rng.random(len(bought.at)) < 0.5)
    rows = np.flatnonzero(chosen)
    kind = rng.choice(len(ATTRIBUTIONS), len(rows), p=[0.2, 0.2, 0.1, 0.17, 0.08, 0.1, 0.15])
    source = np.array([0, -1, -1, 2, 4, 0, -1])[kind]
    created = bought.at[rows] + MINUTE
    return table(
        RAW_SCHEMAS["purchase_attributions"],
        {
            "store_id": store.store_id,
            "order_id": bought.order_ids(rows),
            "product_id": nulls_where(pick(store.product_id, bought.product[first[rows]]), rng.random(len(rows)) < 0.3),
            "attribution_type": pick(ATTRIBUTIONS, kind),
            "attribution_source": pick(["google", "google", "newsletter", "newsletter", "instagram"], source),
            "attribution_medium": pick(["cpc", "cpc", "email", "email", "social"], source),
            "attribution_value": pa.array(bought.total[rows] / 100.0),
            "created_at": times(created),
            "loaded_at": times(np.minimum(created + 5 * MINUTE, config.end - 1)),
        },
        len(rows),
    )
