"""Rows that a sloppy loader delivers, planted in known numbers.

Every kind of dirt has one fate of the raw contract (`DIRT_FATES`). Dirty rows are disjoint: a kind either adds rows
of its own, copied from clean ones and spoilt in one way, or changes clean rows that no other kind touches or copies.
So the rows of a table are exactly the sum of the fates in `truth_fates`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tessera.demo.columns import DAY, HOUR, MINUTE, SECOND, iso_text, money, pick, seconds_text, times
from tessera.demo.dirt_kinds import ACCEPTED, BLANKED, BROKEN, DATES, DIRT_FATES, IDS, RATES, REQUIRED
from tessera.demo.schemas import TEXT_TABLES
from tessera.demo.shop import Store
from tessera.demo.vocabulary import UNKNOWN_NAMES


@dataclass
class Tally:
    """Counts of rows by (store, table, kind) and (store, table, fate)."""

    kinds: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    fates: Counter[tuple[str, str, str]] = field(default_factory=Counter)

    def add(self, store_id: str, table: str, kind: str, rows: int, fate_store: str | None = None) -> None:
        """Count rows of a kind of dirt, and their fate."""
        if rows:
            owner = store_id if fate_store is None else fate_store
            self.kinds[owner, table, kind] += rows
            self.fates[owner, table, DIRT_FATES[kind]] += rows

    def update(self, other: Tally) -> None:
        """Add another tally to this one."""
        self.kinds.update(other.kinds)
        self.fates.update(other.fates)


@dataclass
class Spoiler:
    """Plants the dirt of one table of one chunk.

    Parameters
    ----------
    store, chunk, name
        Where.
    rng
        Source of randomness.
    tally
        Counts what is planted.
    """

    store: Store
    chunk: int
    name: str
    rng: np.random.Generator
    tally: Tally

    @property
    def end(self) -> int:
        """The clock, in microseconds since 1970."""
        return self.store.config.end

    def spoil(
        self,
        rows: pa.Table,
        touched: np.ndarray | None = None,
        hidden: np.ndarray | None = None,
        pending: np.ndarray | None = None,
        late: int = 0,
    ) -> pa.Table:
        """Return the rows with dirt among them, in order of arrival.

        Parameters
        ----------
        rows
            Clean rows.
        touched
            When each row was last updated, microseconds since 1970.
        hidden, pending
            Rows that are suppressed, or not loaded yet, already; no dirt is made of them.
        late
            How many of the rows arrived late.
        """
        n, store_id = rows.num_rows, self.store.store_id
        hidden = np.zeros(n, dtype=bool) if hidden is None else hidden
        pending = np.zeros(n, dtype=bool) if pending is None else pending
        clean = np.flatnonzero(~hidden & ~pending)
        self.tally.add(store_id, self.name, "do_not_track", int(hidden.sum()))
        self.tally.add(store_id, self.name, "not_yet", int(pending.sum()))
        # Late rows keep their fate, they are only counted.
        if late:
            self.tally.kinds[store_id, self.name, "late_arrival"] += late
        accepted = len(clean)
        pool, parts = self.rng.permutation(clean), []
        if self.store.config.dirt:
            for kind, rate in RATES.get(self.name, {}).items():
                count = min(max(1, round(rate * self.store.config.dirt * n)), len(pool))
                at, pool = pool[:count], pool[count:]
                if not count:
                    continue
                if (self.name, kind) in BROKEN:
                    rows = self._overwrite(rows, at, *BROKEN[self.name, kind])
                    self.tally.kinds[store_id, self.name, kind] += count
                    continue
                if kind == "updated_version":
                    rows, extra = self._outdate(rows, at, touched)
                else:
                    extra = self._copy(rows, at, kind)
                parts.append(extra)
                self.tally.add(store_id, self.name, kind, count, "" if kind == "missing_store_id" else None)
        self.tally.fates[store_id, self.name, ACCEPTED] += accepted
        every = pa.concat_tables([rows, *parts]).combine_chunks()
        return every.take(pc.sort_indices(every["loaded_at"]))

    def _overwrite(self, rows: pa.Table, at: np.ndarray, column: str, value: object) -> pa.Table:
        mask = np.zeros(rows.num_rows, dtype=bool)
        mask[at] = True
        old = rows[column].combine_chunks()
        return _set(rows, column, pc.if_else(pa.array(mask), pa.scalar(value, old.type), old))

    def _copy(self, rows: pa.Table, at: np.ndarray, kind: str) -> pa.Table:
        extra = rows.take(pa.array(at)).combine_chunks()
        if not kind.endswith("_duplicate") and kind != "not_yet_version" and self.name in IDS:
            fresh = [f"{kind}-{self.chunk}-{i}" for i in range(len(at))]
            extra = _set(extra, IDS[self.name], pa.array(fresh))
        spoil: Callable[[pa.Table], pa.Table] = getattr(self, "_" + kind, lambda same: same)
        return spoil(extra)

    def _write_time(self, rows: pa.Table, column: str, value: np.ndarray) -> pa.Table:
        if self.name not in TEXT_TABLES:
            return _set(rows, column, times(value))
        return _set(rows, column, seconds_text(value) if column == "loaded_at" else iso_text(self.rng, value))

    def _loaded(self, rows: pa.Table) -> np.ndarray:
        column = rows["loaded_at"]
        if pa.types.is_string(column.type):
            column = pc.cast(column, pa.timestamp("us"))
        return column.combine_chunks().to_numpy(zero_copy_only=False).astype("M8[us]").astype(np.int64)

    def _null(self, rows: pa.Table, column: str) -> pa.Table:
        return _set(rows, column, pa.nulls(rows.num_rows, rows.schema.field(column).type))

    # One method a kind: spoil copied rows.

    def _resent_duplicate(self, rows: pa.Table) -> pa.Table:
        later = self._loaded(rows) + self.rng.integers(MINUTE, 3 * DAY, rows.num_rows)
        later = np.minimum(later, self.end - 1)
        if self.name == "events":
            rows = self._write_time(rows, "received_at", later - SECOND)
        return self._write_time(rows, "loaded_at", later)

    def _missing_required(self, rows: pa.Table) -> pa.Table:
        choice = self.rng.integers(0, len(REQUIRED[self.name]), rows.num_rows)
        for i, column in enumerate(REQUIRED[self.name]):
            old = rows[column].combine_chunks()
            rows = _set(rows, column, pc.if_else(pa.array(choice == i), pa.scalar(None, old.type), old))
        return rows

    def _missing_store_id(self, rows: pa.Table) -> pa.Table:
        return self._null(rows, "store_id")

    def _blank_id(self, rows: pa.Table) -> pa.Table:
        return _set(rows, BLANKED[self.name], pick(["", " ", "   "], self.rng.integers(0, 3, rows.num_rows)))

    def _date_before_2000(self, rows: pa.Table) -> pa.Table:
        early = np.array([0, 946_684_800 * SECOND - SECOND, -86_400 * SECOND])
        return self._write_time(rows, DATES[self.name], early[self.rng.integers(0, 3, rows.num_rows)])

    def _date_in_future(self, rows: pa.Table) -> pa.Table:
        ahead = self._loaded(rows) + self.rng.integers(2 * DAY, 400 * DAY, rows.num_rows)
        return self._write_time(rows, DATES[self.name], ahead)

    def _unparsable_date(self, rows: pa.Table) -> pa.Table:
        nonsense = ["yesterday", "2024-13-45", "2023-02-30 10:00:00", "00/00/0000"]
        return _set(rows, DATES[self.name], pick(nonsense, self.rng.integers(0, 4, rows.num_rows)))

    def _unparsable_number(self, rows: pa.Table) -> pa.Table:
        column = "quantity" if self.rng.random() < 0.5 else "price"
        return _set(rows, column, pick(["two", "n/a", "12.5.1"], self.rng.integers(0, 3, rows.num_rows)))

    def _negative_total(self, rows: pa.Table) -> pa.Table:
        return _set(rows, "total_price", money(-self.rng.integers(1, 20_000, rows.num_rows)))

    def _negative_quantity(self, rows: pa.Table) -> pa.Table:
        return _set(rows, "quantity", pick(["-1", "-2"], self.rng.integers(0, 2, rows.num_rows)))

    def _unknown_currency(self, rows: pa.Table) -> pa.Table:
        return _set(rows, "currency", pick(["XTS", "XXX"], self.rng.integers(0, 2, rows.num_rows)))

    def _lone_identifier(self, rows: pa.Table) -> pa.Table:
        for column in ("customer_id", "email", "phone"):
            rows = self._null(rows, column)
        return rows

    def _unknown_event_type(self, rows: pa.Table) -> pa.Table:
        return _set(rows, "event_type", pick(UNKNOWN_NAMES, self.rng.integers(0, 3, rows.num_rows)))

    def _not_yet(self, rows: pa.Table) -> pa.Table:
        n = rows.num_rows
        loaded = self.end + self.rng.integers(0, 2 * DAY, n)
        loaded[0] = self.end  # the boundary itself
        if self.name == "events":
            # Half happened before the clock and came late, half happened after it.
            happened = np.where(self.rng.random(n) < 0.5, loaded - MINUTE, self.end - self.rng.integers(1, DAY, n))
            rows = self._write_time(rows, "occurred_at", happened // SECOND * SECOND)
            rows = self._write_time(rows, "received_at", np.maximum(happened, loaded - SECOND))
        if self.name == "customers":
            for column in ("email", "phone", "external_ids"):
                rows = self._null(rows, column)
            rows = self._write_time(rows, "updated_at", loaded - SECOND)
        # of the last hours, else it would be a row that was there and has been written over
        own_time = {"customers": "created_at", "refunds": "refunded_at", "support_tickets": "opened_at"}.get(self.name)
        if own_time:
            happened = self.end - SECOND - (loaded - self.end) // 4 // SECOND * SECOND
            rows = _set(rows, own_time, seconds_text(happened) if self.name in TEXT_TABLES else times(happened))
        if self.name == "refunds":
            rows = _set(rows, "amount", money(np.full(n, 1)))  # on top of a whole refund it must not matter
        return self._write_time(rows, "loaded_at", loaded)

    def _not_yet_version(self, rows: pa.Table) -> pa.Table:
        changed = self.end + self.rng.integers(MINUTE, DAY, rows.num_rows)
        rows = self._write_time(rows, "updated_at", changed)
        rows = self._write_time(rows, "cancelled_at", changed)
        rows = _set(rows, "financial_status", pa.repeat(pa.scalar("voided"), rows.num_rows))
        return self._write_time(rows, "loaded_at", changed + MINUTE)

    def _outdate(self, rows: pa.Table, at: np.ndarray, touched: np.ndarray | None) -> tuple[pa.Table, pa.Table]:
        """Return the rows and older versions of some of them, which differ in what staging must not take."""
        if touched is None:
            raise ValueError(f"{self.name}: older versions need the times at which the rows were touched")
        old = rows.take(pa.array(at)).combine_chunks()
        n = len(at)
        # Less than a day, so that no date of the row lies more than a day after the older version's arrival.
        before = touched[at] - self.rng.integers(HOUR, 20 * HOUR, n)
        loaded = np.minimum(before + 2 * MINUTE, self._loaded(old) - SECOND)
        if self.name == "orders":
            # Here the version that counts is the later one, so that nothing is older than the order itself.
            since = np.minimum(touched[at] + self.rng.integers(HOUR, 10 * DAY, n), self.end - 2 * MINUTE)
            rows = self._move(rows, at, since)
            total = pc.add(old["total_price"], pa.scalar(10, pa.decimal128(18, 2)))
            old = _set(old, "total_price", pc.cast(total, pa.decimal128(18, 2)))
            return rows, _set(old, "financial_status", pa.repeat(pa.scalar("pending"), n))
        if self.name == "customers":
            old = _set(old, "tags", pa.repeat(pa.scalar("outdated"), n))
            old = _set(old, "do_not_track", pick(["true", "false"], self.rng.integers(0, 2, n)))
        elif self.name == "order_items":
            for column in ("refund_amount", "refunded_quantity", "refunded_at"):
                old = self._null(old, column)
        else:
            # A ticket has no updated_at: the later arrival counts, and this one came just before it.
            old = self._null(old, "resolved_at")
            loaded = self._loaded(old) - self.rng.integers(SECOND, MINUTE, n)
        if "updated_at" in old.schema.names:
            old = self._write_time(old, "updated_at", before)
        return rows, self._write_time(old, "loaded_at", loaded)

    def _move(self, rows: pa.Table, at: np.ndarray, since: np.ndarray) -> pa.Table:
        for column, value in (("updated_at", since), ("loaded_at", since + MINUTE)):
            moved = rows[column].to_numpy().astype("M8[us]").astype(np.int64).copy()
            moved[at] = np.maximum(value, moved[at]) if column == "loaded_at" else value
            rows = _set(rows, column, times(moved))
        return rows


def _set(rows: pa.Table, column: str, value: pa.Array) -> pa.Table:
    position = rows.schema.get_field_index(column)
    kind = rows.schema.field(column).type
    return rows.set_column(position, rows.schema.field(column), value if value.type == kind else pc.cast(value, kind))
