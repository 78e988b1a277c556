"""Stores that leave a model little or nothing to go by: each gets predictions of everybody that make sense, without a warning."""

from __future__ import annotations

import pytest

from support.degenerate_stores import STORES
from support.shops import Shop

TARGETS = {"orders", "spend", "churn", "value", "first_order", "upgrade", "season"}
LISTED = ", ".join(f"'{store_id}'" for store_id in STORES)


@pytest.fixture(scope="module")
def built(small_stores) -> Shop:
    """The database of small stores on DuckDB; what numpy warned of in a Python model stopped its build."""
    return small_stores[0]


def test_every_store_is_told_what_predicts_and_why(built):
    rows = built.rows(
        f"select store_id, target, parameter_source, reason from analytics.model_sufficiency where store_id in ({LISTED})"
    )
    assert {(store_id, target) for store_id, target, _, _ in rows} == {(store, target) for store in STORES for target in TARGETS}
    assert all(reason for *_, reason in rows)
    assert {store_id: source for store_id, target, source, _ in rows if target == "orders"} == {
        store_id: source for store_id, (*_, source) in STORES.items()
    }


def test_everybody_has_predictions(built):
    people = {store_id: len(set(customers)) for store_id, (customers, *_) in STORES.items()}
    assert built.rows(f"""
        select store_id, count(*) from analytics.customer_ltv_predictions
        where store_id in ({LISTED}) group by store_id order by store_id""") == sorted(
        (store_id, count) for store_id, count in people.items() if count
    )
    assert built.rows("""
        select prediction_type, count(distinct customer_id) from analytics.predictions
        where store_id = 'visits_only' group by prediction_type""") == [("next_purchase", 50)]


def test_no_mart_holds_a_number_that_is_none(built):
    columns = built.rows("""
        select table_name, column_name from information_schema.columns
        where table_schema = 'analytics' and data_type in ('DOUBLE', 'FLOAT')""")
    assert len(columns) > 30
    found = " union all ".join(
        f"select '{table}.{column}' from analytics.{table} where not isfinite({column})" for table, column in columns
    )
    assert built.rows(found) == []


def test_chances_are_chances(built):
    assert (
        built.rows(f"""
        select store_id, customer_id from analytics.customer_ltv_predictions
        where store_id in ({LISTED})
            and (churn_probability is null or churn_probability not between 0 and 1 or alive_probability not between 0 and 1
            or next_purchase_probability is null or next_purchase_probability not between 0 and 1
            or next_purchase_probability > 1 - churn_probability)""")
        == []
    )


def test_values_grow_with_the_years_from_what_was_spent(built):
    assert (
        built.rows(f"""
        select store_id, customer_id from analytics.customer_ltv_predictions
        where store_id in ({LISTED})
            and (current_ltv is null or predicted_ltv_5year is null or predicted_ltv_low is null
            or current_ltv > predicted_ltv_1year or predicted_ltv_1year > predicted_ltv_3year
            or predicted_ltv_3year > predicted_ltv_5year or current_ltv > predicted_ltv_low
            or predicted_ltv_low > predicted_ltv_high or expected_order_value < 0)""")
        == []
    )


def test_every_row_tells_one_story(built):
    """Estimates lie in their intervals, and churn, orders and the next date agree."""
    assert (
        built.rows(f"""
        select store_id, customer_id from analytics.customer_ltv_predictions
        where store_id in ({LISTED})
            and (predicted_ltv_1year not between predicted_ltv_low and predicted_ltv_high
            or expected_orders_1year not between orders_low_1year and orders_high_1year
            or outcome_p10 > outcome_p90 or orders_outcome_p10 > orders_outcome_p90
            or 1 - churn_probability > expected_orders_90days + 1e-8 or 1 - churn_probability > alive_probability + 1e-8
            or expected_next_order_at > prediction_date + interval '731 days')""")
        == []
    )


def test_nobody_is_expected_to_order_at_more_than_twice_their_own_pace_or_the_store_s(built):
    assert (
        built.rows(f"""
        with paces as (
            select store_id, customer_id, (frequency + 1) * 365.25 / greatest(age_weeks * 7, 1) as pace,
                sum(frequency + 1) over (partition by store_id) * 365.25
                / sum(greatest(age_weeks * 7, 1)) over (partition by store_id) as pace_of_store
            from analytics_intermediate.int_order_histories
            where cutoff = 'now'
        )

        select store_id, customer_id, expected_orders_1year, pace, pace_of_store
        from analytics.customer_ltv_predictions
        inner join paces using (store_id, customer_id)
        where store_id in ({LISTED}) and expected_orders_1year > 2 * greatest(pace, pace_of_store)""")
        == []
    )


def test_a_customer_of_thousands_of_orders_is_foreseen_and_carries_nobody_along(built):
    """The others are the customers of the ordinary store, who are expected to order about as much there."""
    ((orders, low, high, spent, predicted),) = built.rows("""
        select expected_orders_1year, orders_low_1year, orders_high_1year, current_ltv, predicted_ltv_1year
        from analytics.customer_ltv_predictions where store_id = 'wholesaler' and customer_id = 'c1000'""")
    assert 300 < orders < 366 and 280 < low < orders < high < 400
    assert 0.35 < (predicted - spent) / spent < 0.55
    ((beside, without),) = built.rows("""
        select sum(case when store_id = 'wholesaler' then expected_orders_1year end),
            sum(case when store_id = 'ordinary' then expected_orders_1year end)
        from analytics.customer_ltv_predictions where customer_id <> 'c1000'""")
    assert 0.75 < beside / without < 1.33


def test_customers_of_yesterday_are_no_regulars(built):
    """By the prior of all small stores; a plain rate would say four orders a year."""
    ((least, most),) = built.rows("""
        select min(expected_orders_1year), max(expected_orders_1year) from analytics.customer_ltv_predictions
        where store_id = 'yesterday'""")
    assert 0.2 < least == most < 1.5


def test_what_costs_nothing_is_worth_nothing(built):
    assert built.rows("""
        select sum(predicted_ltv_5year), sum(predicted_ltv_high), count(growth_ratio), min(expected_orders_1year) > 0
        from analytics.customer_ltv_predictions where store_id = 'free'""") == [(0, 0, 0, True)]


def test_a_store_that_fell_silent_is_told_so_and_trusted_little(built):
    ((reason,),) = built.rows("select reason from analytics.model_sufficiency where store_id = 'silent' and target = 'orders'")
    assert reason.startswith("Nobody ordered in the holdout")
    assert built.rows("select max(confidence_score) from analytics.customer_ltv_predictions where store_id = 'silent'") == [(0,)]
