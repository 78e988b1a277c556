"""What is predicted of everybody, in a stream."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from threadpoolctl import threadpool_limits

from tessera.ltv.challenger import CHALLENGER, RATE, USUAL_RATE, Challenger, Propensity, churn_challenger, churn_features
from tessera.ltv.choosing import alive_factor, lasting_factor, value_name
from tessera.ltv.clock import Clock
from tessera.ltv.clock import read as read_season
from tessera.ltv.ledger import CHURN, FIRST_ORDER, ORDERS, SEASON, SPEND, UPGRADED, VALUE, Row, current_rows
from tessera.ltv.metrics import nearest_decile
from tessera.ltv.people import Buyers, Floats, matrix
from tessera.ltv.purchases import Orders, orders_of, usual_orders
from tessera.ltv.reading import Reader, buyers_sample
from tessera.ltv.settings import BEHAVIOUR, DAYS_PER_WEEK, DUE_DAYS, HISTORY, NOW, SHOWN_DAYS, WEEKS_PER_YEAR, YEAR_DAYS, Settings
from tessera.ltv.spend import GammaGamma, Mean, OrderValue, StoreMean, gamma_gamma_of, order_value_of, usual_order_value
from tessera.tables import doubles

PREDICTIONS = pa.schema(
    [
        ("store_id", pa.string()),
        ("customer_id", pa.string()),
        ("has_ordered", pa.bool_()),
        ("churn_probability", pa.float64()),
        ("alive_probability", pa.float64()),
        ("next_purchase_probability", pa.float64()),
        ("expected_next_order_days", pa.float64()),
        ("expected_orders_90days", pa.float64()),
        ("expected_orders_1year", pa.float64()),
        ("expected_order_value", pa.float64()),
        ("predicted_value_1year", pa.float64()),
        ("predicted_value_3year", pa.float64()),
        ("predicted_value_5year", pa.float64()),
        ("value_low_1year", pa.float64()),
        ("value_high_1year", pa.float64()),
        ("orders_low_1year", pa.float64()),
        ("orders_high_1year", pa.float64()),
        ("value_p10_1year", pa.float64()),
        ("value_p90_1year", pa.float64()),
        ("orders_p10_1year", pa.float64()),
        ("orders_p90_1year", pa.float64()),
        ("upgrade_probability", pa.float64()),
        ("churn_confidence", pa.float64()),
        ("value_confidence", pa.float64()),
        ("next_purchase_confidence", pa.float64()),
        ("churn_model", pa.string()),
        ("value_model", pa.string()),
        ("next_purchase_model", pa.string()),
    ]
)
_OF_CHANCE, _OF_MONEY = 9, 4
_NUMBERS = [field.name for field in PREDICTIONS if field.type == pa.float64()]
_MONEY = {name for name in _NUMBERS if name.startswith(("predicted_value", "value_low", "value_high", "value_p"))} | {
    "expected_order_value",
    "expected_next_order_days",
}
_BATCH_ROWS = 131_072
"""Rows that are scored together: what is dear is found once for equal histories, of which many rows have more."""
SCORED_COLUMNS = ("store_id", "customer_id", *HISTORY, *BEHAVIOUR, DUE_DAYS)
"""What `score_ltv` reads of features."""
LONGEST_DAYS = 730.5
"""Of whom an order within two years is not as likely as not, no date is given."""
CLOCKWORK = "clockwork"
"""What tells of people who order like a clock whether and when they order, by name."""
UNMEASURED = 0.5
"""How right a prediction counts as of which the holdout says nothing."""
LEAST_MONEY = 1e-9


def challenger_sample(read: Reader, models: pa.Table, settings: pa.Table) -> pa.Table:
    """What `score_ltv` needs of both cutoffs: buyers of the stores where the challenger was chosen.

    Parameters
    ----------
    read
        Features; let go of at the end.
    models
        Rows of the ledger.
    settings
        One row, see `Settings`.
    """
    wanted = [
        store_id
        for store_id, rows in current_rows(models).items()
        if any(row["target"] == CHURN and row["is_chosen"] and row["model"] == CHALLENGER for row in rows)
    ]
    try:
        return buyers_sample(read, wanted, Settings.from_table(settings).fit_sample)
    finally:
        read.close()


def score_ltv(batches: Iterable[pa.RecordBatch], models: pa.Table, sample: pa.Table, settings: pa.Table) -> pa.RecordBatchReader:
    """Predict for everybody, in a stream that holds a quarter of a million people at most.

    Parameters
    ----------
    batches
        Features of the cutoff `now`, in any order; of their columns `SCORED_COLUMNS` are read.
    models
        Rows of the ledger; the last fit of a store counts. A store without any is predicted by the built-in parameters.
    sample
        From `challenger_sample`.
    settings
        One row, see `Settings`.

    Returns
    -------
    pyarrow.RecordBatchReader
        One row per row that came, columns as in `PREDICTIONS`. Values are money to come, discounted; days are days.
        `low` and `high` are what is known of an estimate, with 80%, and hold it; `p10` and `p90` are percentiles of what may
        come.
        Of people without an order only the next purchase is predicted: their first.

    Raises
    ------
    ValueError
        While it is read, if a history lacks a number.

    Notes
    -----
    A row tells one story. With p the chosen probability of no order in the holdout's time, all orders of the model of orders in
    that time are multiplied by (1 - p) over the model's own 1 - p: expected orders are (1 - p) E[X | X >= 1]. So churn, the next
    order and orders agree, and 1 - churn is never more than the orders that are expected of the same time. Beyond it the factor
    is at most 1 over P(alive): of a longer time nobody is expected to order more than somebody surely alive, or than what p
    tells of the holdout's alone. What the last digits of a model would turn around is put right: P(an order), expected orders
    and values never fall with the time.

    Of who orders like a clock (`DUE_DAYS`) the next order comes on the day that is due, if at all, which is as likely as being
    alive is by the model of orders right after the last: until it is due nobody has let it pass.

    A confidence is (1 - miss) * (n + 1) / (n + 2): `miss` is the distance of prediction and outcome in the customer's decile on
    the holdout (of money as a share of the greater of the two), a half where there is none; n are the customer's order days, or
    days of activity in the last 90 where there is no order.
    """
    chosen, rows = Settings.from_table(settings), current_rows(models)
    scorers: dict[str, _Scorer] = {}

    def scored() -> Iterator[pa.RecordBatch]:
        with threadpool_limits(limits=1):
            for batch in _gathered(batches):
                for store_id, people in _by_store(batch):
                    if store_id not in scorers:
                        scorers[store_id] = _Scorer.of(rows.get(store_id, []), _of_store(sample, store_id), chosen)
                    yield scorers[store_id].score(people)

    return pa.RecordBatchReader.from_batches(PREDICTIONS, scored())


def _gathered(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """The same rows in batches of `_BATCH_ROWS`, of people with an order and of others apart."""
    held: dict[bool, list[pa.RecordBatch]] = {True: [], False: []}
    for batch in batches:
        for start in range(0, batch.num_rows, _BATCH_ROWS):
            some = batch.slice(start, _BATCH_ROWS)
            has_ordered = pc.is_valid(some.column("frequency"))
            for kind, rows in held.items():
                rows.append(some.filter(has_ordered if kind else pc.invert(has_ordered)))
                if sum(one.num_rows for one in rows) >= _BATCH_ROWS:
                    yield pa.concat_batches(rows)
                    rows.clear()
    for rows in held.values():
        if any(one.num_rows for one in rows):
            yield pa.concat_batches(rows)


def _by_store(batch: pa.RecordBatch) -> Iterator[tuple[str, pa.RecordBatch]]:
    """Rows of every store of a batch."""
    stores = pc.unique(batch.column("store_id")).to_pylist()
    for store_id in stores:
        yield store_id, batch if len(stores) == 1 else batch.filter(pc.equal(batch.column("store_id"), store_id))


def _of_store(sample: pa.Table, store_id: str) -> pa.Table:
    return sample.filter(pc.equal(sample["store_id"], store_id))


def _deciles(rows: Sequence[Row], churn_model: str) -> dict[str, Floats]:
    """Target -> mean prediction and outcome of the deciles of the model that predicts, shape (deciles, 2).

    That is the chosen one, but of churn the one that is at hand.
    """
    found = {}
    for row in rows:
        predicts = row["model"] == churn_model if row["target"] == CHURN else row["is_chosen"]
        if predicts and row["calibration"]:
            found[row["target"]] = np.array([[one["predicted"], one["actual"]] for one in json.loads(row["calibration"])])
    return found


@dataclass(frozen=True)
class _Scorer:
    """Models of one store, ready to predict, and how right they were by decile; `rival` tells churn, where it was chosen."""

    settings: Settings
    clock: Clock
    orders: Orders
    spend: OrderValue
    shape: GammaGamma
    propensity: Propensity
    rival: Challenger | None
    deciles: dict[str, Floats]

    @classmethod
    def of(cls, rows: Sequence[Row], sample: pa.Table, settings: Settings) -> _Scorer:
        """From the last rows of the ledger of a store."""
        models = {row["target"]: row for row in rows if row["is_chosen"]}

        def model_of(target: str) -> tuple[str, dict[str, float], list[list[float]]]:
            row = models[target]
            return row["model"], json.loads(row["parameters"]), json.loads(row.get("covariance") or "[]")

        orders = orders_of(*model_of(ORDERS)) if ORDERS in models else usual_orders()
        clock = Clock.at(settings.cutoff(NOW), read_season(model_of(SEASON)[1]) if SEASON in models else None)
        rival = None
        if CHURN in models and models[CHURN]["model"] == CHALLENGER:
            rival = churn_challenger(sample, orders, clock, settings.holdout_weeks, settings.seed)
        name, weights, _ = model_of(FIRST_ORDER) if FIRST_ORDER in models else (RATE, {"probability": USUAL_RATE}, [])
        return cls(
            settings,
            clock,
            orders,
            order_value_of(*model_of(SPEND)) if SPEND in models else Mean(0.0),
            gamma_gamma_of(*model_of(UPGRADED)[1:]) if UPGRADED in models else usual_order_value(0.0),
            Propensity(name, weights),
            rival,
            _deciles(rows, orders.name if rival is None else CHALLENGER),
        )

    def score(self, rows: pa.RecordBatch) -> pa.RecordBatch:
        """Predict for people of this store."""
        has_ordered = pc.is_valid(rows.column("frequency")).to_numpy(zero_copy_only=False)
        found: dict[str, Any] = {name: np.full(rows.num_rows, np.nan) for name in _NUMBERS}
        for of_kind, some in ((self._buyers, has_ordered), (self._others, ~has_ordered)):
            if some.any():
                for name, values in of_kind(rows.filter(pa.array(some))).items():
                    found[name][some] = np.round(values, _OF_MONEY if name in _MONEY else _OF_CHANCE)
        churn_model = self.orders.name if self.rival is None else CHALLENGER
        # of who orders like a clock, of others with an order, and of people without one
        texts = {
            "churn_model": (CLOCKWORK, churn_model, None),
            "value_model": (
                value_name(self.orders.name, self.orders.name, self.spend.name),
                value_name(churn_model, self.orders.name, self.spend.name),
                None,
            ),
            "next_purchase_model": (CLOCKWORK, churn_model, self.propensity.name),
        }
        is_clockwork = pa.array(has_ordered & ~np.isnan(doubles(rows, DUE_DAYS)))
        flag = pa.array(has_ordered)
        return pa.record_batch(
            [
                rows.column("store_id").cast(pa.string()),
                rows.column("customer_id").cast(pa.string()),
                flag,
                *(pa.array(values, mask=np.isnan(values)) for values in found.values()),
                *(
                    pc.case_when(pc.make_struct(is_clockwork, flag), *(pa.scalar(text, pa.string()) for text in of_kinds))
                    for of_kinds in texts.values()
                ),
            ],
            schema=PREDICTIONS,
        )

    def _others(self, rows: pa.RecordBatch) -> dict[str, Floats]:
        """People without an order: P(first order in the time ahead), as early in the holdout as first orders come."""
        behaviour = np.nan_to_num(matrix(rows, BEHAVIOUR))
        first = self.propensity.predict(behaviour)
        share = self.settings.next_purchase_days / self.settings.holdout_days
        days = behaviour[:, BEHAVIOUR.index("active_days_90")]
        return {
            "next_purchase_probability": self.propensity.within(behaviour, share),
            "next_purchase_confidence": _confidence(first, self.deciles.get(FIRST_ORDER), days, _chance_miss),
        }

    def _buyers(self, rows: pa.RecordBatch) -> dict[str, Floats]:
        """People with an order: one story of orders and churn, and each order of the same value."""
        buyers, settings = Buyers.of(rows, self.clock, self.shape.first_lift), self.settings
        factor, due = np.ones(len(buyers)), doubles(rows, DUE_DAYS)
        if self.rival is not None:
            factor = alive_factor(self.rival(churn_features(rows)), self.orders.again(buyers, settings.holdout_weeks))
            factor = np.where(np.isnan(due), factor, 1)
        alive = self._alive(buyers, due)
        lasting = lasting_factor(factor, alive)
        again = self._orders_again(buyers, factor, due, alive)
        told = factor * self.orders.expected(buyers, settings.holdout_weeks)
        expected = {
            days: factor * self.orders.expected(buyers, days / DAYS_PER_WEEK)
            if days <= settings.holdout_days
            else np.maximum(lasting * self.orders.expected(buyers, days / DAYS_PER_WEEK), told)
            for days in (SHOWN_DAYS, YEAR_DAYS)
        }
        shown = np.maximum(expected[SHOWN_DAYS], _most_by(again, SHOWN_DAYS))
        year = np.maximum(expected[YEAR_DAYS], np.maximum(shown, _most_by(again, YEAR_DAYS)))
        order_value = self.spend.expected(buyers)
        # an order of the holdout's time is worth what one at its end is, at least
        soon = np.minimum(told, year) * (1 + settings.discount_rate_annual) ** (-settings.holdout_days / YEAR_DAYS)
        later = self.orders.discounted(buyers, settings.discount_rate_annual) * lasting[:, None]
        values = np.maximum.accumulate(np.maximum(later, soon[:, None]) * order_value[:, None], axis=1)
        is_soon = again[settings.holdout_days] >= 0.5
        next_days = self.orders.next_order(buyers, np.where(is_soon, factor, lasting)) * DAYS_PER_WEEK
        # where an order in the holdout's time is not as likely as not, its date is after it
        next_days = np.where(is_soon, next_days, np.maximum(next_days, settings.holdout_days))
        next_days = np.where(np.isnan(due), next_days, np.maximum(due, 0))
        (fewest, most), (least, greatest) = self.orders.known(buyers, WEEKS_PER_YEAR, self.shape.fit)
        if isinstance(self.spend, StoreMean):
            least, greatest = fewest, most
        orders_p10, orders_p90 = self.orders.outcome(buyers, WEEKS_PER_YEAR, lasting)
        value_p10, value_p90 = self._value_outcome(
            buyers,
            lasting,
            order_value,
            np.where(year * order_value > LEAST_MONEY, values[:, 0] / np.maximum(year * order_value, LEAST_MONEY), 1),
        )
        of_churn = _confidence(1 - again[settings.holdout_days], self.deciles.get(CHURN), buyers.orders, _chance_miss)
        return {
            "churn_probability": 1 - again[settings.churn_window_days],
            "alive_probability": np.clip(lasting * alive, _most_by(again), 1),
            "next_purchase_probability": again[settings.next_purchase_days],
            "expected_next_order_days": np.where(next_days <= LONGEST_DAYS, next_days, np.nan),
            "expected_orders_90days": shown,
            "expected_orders_1year": year,
            "expected_order_value": order_value,
            "predicted_value_1year": values[:, 0],
            "predicted_value_3year": values[:, 1],
            "predicted_value_5year": values[:, 2],
            "value_low_1year": values[:, 0] * least,
            "value_high_1year": values[:, 0] * greatest,
            "orders_low_1year": year * fewest,
            "orders_high_1year": year * most,
            "value_p10_1year": value_p10,
            "value_p90_1year": value_p90,
            "orders_p10_1year": orders_p10,
            "orders_p90_1year": orders_p90,
            "upgrade_probability": np.clip(self.shape.upgrade(buyers), 0, 1),
            "churn_confidence": of_churn,
            "value_confidence": _confidence(told * order_value, self.deciles.get(VALUE), buyers.orders, _money_miss),
            "next_purchase_confidence": of_churn,
        }

    def _alive(self, buyers: Buyers, due: Floats) -> Floats:
        """P(alive) by the model of orders. Who orders like a clock has been silent for nothing until the next order is due."""
        if np.isnan(due).all():
            return self.orders.alive(buyers)
        return self.orders.alive(replace(buyers, age=np.where(np.isnan(due), buyers.age, buyers.recency)))

    def _orders_again(self, buyers: Buyers, factor: Floats, due: Floats, alive: Floats) -> dict[float, Floats]:
        """Days -> P(an order within them), the windows of churn, the next purchase and the holdout, which rises with the days.

        Who orders like a clock does so when it is due, if alive; where nobody stops, as likely as a rule that held so often holds
        once more.
        """
        settings, so_far, found = self.settings, np.zeros(len(buyers)), {}
        kept = np.where(np.isnan(alive), (buyers.frequency + 1) / (buyers.frequency + 2), alive)
        for days in sorted({settings.next_purchase_days, settings.churn_window_days, settings.holdout_days}):
            told = np.where(
                np.isnan(due), factor * self.orders.again(buyers, days / DAYS_PER_WEEK), np.where(due <= days, kept, 0)
            )
            so_far = np.clip(told, so_far, 1)
            found[days] = so_far
        return found

    def _value_outcome(self, buyers: Buyers, factor: Floats, order_value: Floats, worth: Floats) -> tuple[Floats, Floats]:
        """10th and 90th percentile of a year's spend, brought to the expected value of an order, and discounted."""
        low, high = self.orders.spend_outcome(buyers, WEEKS_PER_YEAR, factor, self.shape.fit)
        by_shape = self.shape.expected(buyers)
        scale = np.where(by_shape > LEAST_MONEY, order_value / np.maximum(by_shape, LEAST_MONEY), 0) * worth
        return low * scale, high * scale


def _most_by(again: Mapping[float, Floats], days: float = np.inf) -> Floats | float:
    """The greatest of P(an order) within no more than some days; 0 without any."""
    known = [window for window in again if window <= days]
    return again[max(known)] if known else 0.0


def _chance_miss(predicted: Floats, actual: Floats) -> Floats:
    return np.abs(predicted - actual)


def _money_miss(predicted: Floats, actual: Floats) -> Floats:
    most = np.maximum(np.abs(predicted), np.abs(actual))
    return np.minimum(np.abs(predicted - actual) / np.maximum(most, LEAST_MONEY), 1)


def _confidence(predicted: Floats, deciles: Floats | None, known: Floats, miss: Callable[[Floats, Floats], Floats]) -> Floats:
    """How much a prediction is to be trusted, shape (n,); see `score_ltv`."""
    right = np.full(len(predicted), UNMEASURED)
    if deciles is not None:
        right = 1 - miss(deciles[:, 0], deciles[:, 1])[nearest_decile(predicted, deciles[:, 0])]
    return right * (known + 1) / (known + 2)
