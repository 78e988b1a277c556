"""What is predicted of everybody, in a stream."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from threadpoolctl import threadpool_limits

from tessera.clv import value_interval
from tessera.holdout import nearest_decile
from tessera.ltv.challenger import CHALLENGER, FEATURES, RATE, USUAL_RATE, Challenger, Propensity, challengers
from tessera.ltv.ledger import CHURN, FIRST_ORDER, ORDERS, SPEND, UPGRADED, VALUE, current_rows
from tessera.ltv.people import Buyers, Floats, matrix
from tessera.ltv.purchases import LEVEL, USUAL_GAP, Dying, Orders, Ratio, orders_of
from tessera.ltv.reading import Reader, holdout_sample
from tessera.ltv.settings import BEHAVIOUR, DAYS_PER_WEEK, WEEKS_PER_YEAR, Settings
from tessera.ltv.spend import GammaGamma, Mean, OrderValue, order_value_of, usual_order_value

PREDICTIONS = pa.schema([
    ("store_id", pa.string()), ("customer_id", pa.string()), ("has_ordered", pa.bool_()), ("churn_probability", pa.float64()),
    ("alive_probability", pa.float64()), ("next_purchase_probability", pa.float64()), ("expected_next_order_days", pa.float64()),
    ("expected_orders_1year", pa.float64()), ("expected_order_value", pa.float64()), ("predicted_value_1year", pa.float64()),
    ("predicted_value_3year", pa.float64()), ("predicted_value_5year", pa.float64()), ("value_low_1year", pa.float64()),
    ("value_high_1year", pa.float64()), ("orders_low_1year", pa.float64()), ("orders_high_1year", pa.float64()),
    ("upgrade_probability", pa.float64()), ("churn_confidence", pa.float64()), ("value_confidence", pa.float64()),
    ("next_purchase_confidence", pa.float64()), ("churn_model", pa.string()), ("value_model", pa.string()),
    ("next_purchase_model", pa.string()),
])
_OF_CHANCE, _OF_MONEY = 9, 4
_MONEY = {name for name in PREDICTIONS.names if name.startswith(("predicted_value", "value_low", "value_high"))} | {
    "expected_order_value", "expected_next_order_days"}
_BATCH_ROWS = 262_144
"""Rows that are scored together: what is dear is found once for equal histories, of which many rows have more."""
LONGEST_DAYS = 3650.0
"""A next order that is further away is as good as none."""
UNMEASURED = 0.5
"""How right a prediction counts as of which the holdout says nothing."""
LEAST_MONEY = 1e-9


def challenger_sample(read: Reader, models: pa.Table, settings: pa.Table) -> pa.Table:
    """What `score_ltv` needs of the holdout moment: buyers of the stores where the challenger was chosen.

    Parameters
    ----------
    read
        Features; let go of at the end.
    models
        Rows of the ledger.
    settings
        One row, see `Settings`.
    """
    wanted = [store_id for store_id, rows in current_rows(models).items() if _challenged(rows)]
    try:
        return holdout_sample(read, wanted, Settings.from_table(settings).fit_sample)
    finally:
        read.close()


def score_ltv(batches: Iterable[pa.RecordBatch], models: pa.Table, holdout_sample: pa.Table, settings: pa.Table,
              ) -> pa.RecordBatchReader:
    """Predict for everybody, in a stream that holds a quarter of a million people at a time.

    Parameters
    ----------
    batches
        Features of the moment `now`, in any order.
    models
        Rows of the ledger; the last fit of a store counts. A store without any is predicted by plain ratios.
    holdout_sample
        From `challenger_sample`.
    settings
        One row, see `Settings`.

    Returns
    -------
    pyarrow.RecordBatchReader
        One row per row that came, columns as in `PREDICTIONS`. Values are money to come, discounted; days are days.
        The intervals hold 80% of what will come of such a customer; a rare outcome may leave its mean outside of them.
        Of people without an order only the next purchase is predicted: their first.

    Raises
    ------
    ValueError
        While it is read, if a history lacks a number.

    Notes
    -----
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
                        scorers[store_id] = _Scorer.of(rows.get(store_id, []), _of_store(holdout_sample, store_id), chosen)
                    yield scorers[store_id].score(people)

    return pa.RecordBatchReader.from_batches(PREDICTIONS, scored())


def _gathered(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """The same rows in batches of `_BATCH_ROWS`."""
    held: list[pa.RecordBatch] = []
    for batch in batches:
        for start in range(0, batch.num_rows, _BATCH_ROWS):
            held.append(batch.slice(start, _BATCH_ROWS))
            if sum(one.num_rows for one in held) >= _BATCH_ROWS:
                yield pa.concat_batches(held)
                held = []
    if held:
        yield pa.concat_batches(held)


def _by_store(batch: pa.RecordBatch) -> Iterator[tuple[str, pa.RecordBatch]]:
    """Rows of every store of a batch."""
    stores = pc.unique(batch.column("store_id")).to_pylist()
    for store_id in stores:
        yield store_id, batch if len(stores) == 1 else batch.filter(pc.equal(batch.column("store_id"), store_id))


def _of_store(sample: pa.Table, store_id: str) -> pa.Table:
    return sample.filter(pc.equal(sample["store_id"], store_id))


def _challenged(rows: Sequence[dict]) -> set[str]:
    """Targets whose challenger was chosen."""
    return {row["target"] for row in rows if row["is_chosen"] and row["model"] == CHALLENGER}


def _deciles(rows: Sequence[dict], rivals: set[str]) -> dict[str, Floats]:
    """Target -> mean prediction and outcome of the deciles of the model that predicts, shape (deciles, 2).

    That is the chosen one, but of churn and value the default where there is no challenger at hand.
    """
    found = {}
    for row in rows:
        is_rival = row["model"] == CHALLENGER
        predicts = is_rival == (row["target"] in rivals) if row["target"] in (CHURN, VALUE) else row["is_chosen"]
        if predicts and row["calibration"]:
            found[row["target"]] = np.array([[one["predicted"], one["actual"]] for one in json.loads(row["calibration"])])
    return found


@dataclass(frozen=True)
class _Scorer:
    """Models of one store, ready to predict, and how right they were by decile."""

    settings: Settings
    orders: Orders
    spend: OrderValue
    shape: GammaGamma
    propensity: Propensity
    rivals: dict[str, Challenger]
    deciles: dict[str, Floats]

    @classmethod
    def of(cls, rows: Sequence[dict], sample: pa.Table, settings: Settings) -> _Scorer:
        """From the last rows of the ledger of a store."""
        models = {row["target"]: (row["model"], json.loads(row["parameters"])) for row in rows if row["is_chosen"]}
        rivals = challengers(sample, _challenged(rows), settings.seed)
        return cls(
            settings, orders_of(*models[ORDERS]) if ORDERS in models else Ratio(USUAL_GAP),
            order_value_of(*models[SPEND]) if SPEND in models else Mean(0.0),
            order_value_of(*models[UPGRADED]) if UPGRADED in models else usual_order_value(0.0),
            Propensity(*models.get(FIRST_ORDER, (RATE, {"probability": USUAL_RATE}))), rivals, _deciles(rows, set(rivals)))

    def score(self, rows: pa.RecordBatch) -> pa.RecordBatch:
        """Predict for people of this store."""
        has_ordered = pc.is_valid(rows.column("frequency")).to_numpy(zero_copy_only=False)
        found: dict[str, Any] = {name: np.full(rows.num_rows, np.nan) for name in PREDICTIONS.names[3:20]}
        for of_kind, some in ((self._buyers, has_ordered), (self._others, ~has_ordered)):
            if some.any():
                for name, values in of_kind(rows.filter(pa.array(some))).items():
                    found[name][some] = np.round(values, _OF_MONEY if name in _MONEY else _OF_CHANCE)
        texts = {"churn_model": (CHALLENGER if CHURN in self.rivals else self.orders.name, None),
                 "value_model": (CHALLENGER if VALUE in self.rivals else f"{self.orders.name}_x_{self.spend.name}", None),
                 "next_purchase_model": (CHALLENGER if CHURN in self.rivals else self.orders.name, self.propensity.name)}
        flag = pa.array(has_ordered)
        return pa.record_batch([
            rows.column("store_id").cast(pa.string()), rows.column("customer_id").cast(pa.string()), flag,
            *(pa.array(values, mask=np.isnan(values)) for values in found.values()),
            *(pc.if_else(flag, pa.scalar(of_buyer, pa.string()), pa.scalar(of_other, pa.string()))
              for of_buyer, of_other in texts.values()),
        ], schema=PREDICTIONS)

    def _others(self, rows: pa.RecordBatch) -> dict[str, Floats]:
        """People without an order: P(first order in the time ahead), at a steady rate over the holdout."""
        behaviour = np.nan_to_num(matrix(rows, BEHAVIOUR))
        first = self.propensity.predict(behaviour)
        share = self.settings.next_purchase_days / self.settings.holdout_days
        days = behaviour[:, BEHAVIOUR.index("active_days_90")]
        return {"next_purchase_probability": -np.expm1(share * np.log1p(-np.minimum(first, 1 - 1e-12))),
                "next_purchase_confidence": _confidence(first, self.deciles.get(FIRST_ORDER), days, _chance_miss)}

    def _buyers(self, rows: pa.RecordBatch) -> dict[str, Floats]:
        """People with an order."""
        buyers, settings = Buyers.of(rows), self.settings
        features = matrix(rows, FEATURES) if self.rivals else np.empty((0, 0))
        silence, churn, quiet = self._silence(buyers, features)
        next_days = self.orders.next_order(buyers) * DAYS_PER_WEEK
        year = self.orders.expected(buyers, WEEKS_PER_YEAR)
        discounted = self.orders.discounted(buyers, settings.discount_rate_annual)
        order_value, factor, soon = self._value(buyers, features)
        values = discounted * (order_value * factor)[:, None]
        low, high = self._value_interval(buyers, order_value * factor, discounted[:, 0], year)
        least, most = self.orders.interval(buyers, WEEKS_PER_YEAR)
        of_churn = _confidence(silence, self.deciles.get(CHURN), buyers.orders, _chance_miss)
        return {
            "churn_probability": np.clip(churn, 0, 1), "alive_probability": np.clip(self.orders.alive(buyers), 0, 1),
            "next_purchase_probability": np.clip(1 - quiet, 0, 1),
            "expected_next_order_days": np.where(next_days <= LONGEST_DAYS, next_days, np.nan),
            "expected_orders_1year": year, "expected_order_value": order_value, "predicted_value_1year": values[:, 0],
            "predicted_value_3year": values[:, 1], "predicted_value_5year": values[:, 2], "value_low_1year": low,
            "value_high_1year": high, "orders_low_1year": least, "orders_high_1year": most,
            "upgrade_probability": np.clip(self.shape.upgrade(buyers), 0, 1), "churn_confidence": of_churn,
            "value_confidence": _confidence(soon, self.deciles.get(VALUE), buyers.orders, _money_miss),
            "next_purchase_confidence": of_churn,
        }

    def _silence(self, buyers: Buyers, features: Floats) -> tuple[Floats, Floats, Floats]:
        """P(no order) over the holdout, the churn window and the time of a next purchase.

        The challenger knows the holdout only; its probability is carried to another time by the ratio of the logarithms that
        the model of purchases has for both, which keeps a shorter time the likelier to be silent.
        """
        settings = self.settings
        spans = (settings.holdout_days, settings.churn_window_days, settings.next_purchase_days)
        found = [np.clip(self.orders.silence(buyers, days / DAYS_PER_WEEK), 0, 1) for days in spans]
        if CHURN not in self.rivals:
            return found[0], found[1], found[2]
        rival = np.clip(self.rivals[CHURN].predict(features), 1e-9, 1)
        whole, *parts = (np.log(np.clip(one, 1e-300, 1)) for one in found)
        carried = []
        for part, days in zip(parts, spans[1:], strict=True):
            exponent = np.where(whole < -1e-12, part / np.minimum(whole, -1e-12), days / spans[0])
            carried.append(rival ** np.clip(exponent, 0, None))
        return rival, carried[0], carried[1]

    def _value(self, buyers: Buyers, features: Floats) -> tuple[Floats, Floats, Floats]:
        """Expected value of an order, a factor on all values (1 without a challenger), and expected value of the holdout.

        The challenger knows the holdout only: what is expected later keeps its proportion to the holdout.
        """
        order_value = self.spend.expected(buyers)
        soon = self.orders.expected(buyers, self.settings.holdout_weeks) * order_value
        if VALUE not in self.rivals:
            return order_value, np.ones(len(buyers)), soon
        rival = np.maximum(self.rivals[VALUE].predict(features), 0)
        return order_value, np.where(soon > LEAST_MONEY, rival / np.maximum(soon, LEAST_MONEY), 1), rival

    def _value_interval(self, buyers: Buyers, order_value: Floats, discounted: Floats, year: Floats) -> tuple[Floats, Floats]:
        """80% interval of a year's value: that of the outcome, brought to the expected value of an order, and discounted."""
        worth = np.where(year > LEAST_MONEY, discounted / np.maximum(year, LEAST_MONEY), 1)
        if isinstance(self.orders, Dying):
            low, high = value_interval(self.orders.fit, self.shape.fit, buyers.histories, buyers.orders, buyers.mean_spend,
                                       WEEKS_PER_YEAR, LEVEL)
            expected = self.shape.expected(buyers)
            scale = np.where(expected > LEAST_MONEY, order_value / np.maximum(expected, LEAST_MONEY), 0) * worth
            return low * scale, high * scale
        low, high = self.orders.interval(buyers, WEEKS_PER_YEAR)
        return low * order_value * worth, high * order_value * worth


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
