"""The CDNOW log through the raw contract and dbt: every order is kept, and published numbers come out."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from support.shops import NO_UNIT_TESTS, Shop

FITTED, FITTED_AGAIN, ENDED = "1997-09-30 23:59:59", "1997-12-30 23:59:59", "1998-07-01"

# Fader, Hardie and Lee 2005, Fader and Hardie 2013: the first 39 weeks of the CDNOW sample, time in weeks.
PUBLISHED = {
    "bg_nbd": ({"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}, 3, -9582.4),
    "pareto_nbd": ({"r": 0.553, "alpha": 10.578, "s": 0.606, "beta": 11.669}, 3, -9595.0),
    "gamma_gamma": ({"p": 6.25, "q": 3.74, "v": 15.44}, 2, None),
}


@pytest.fixture(scope="module")
def cdnow(new_shops, example_data) -> Shop:
    """The sample after 39 weeks, after 52, of which the last 13 are the holdout."""
    (shop,) = new_shops("cdnow_weeks", ("duckdb",), earliest_date="1997-01-01", is_night=True)
    shop.tessera("load", "examples/cdnow", "--data", str(example_data("cdnow")))
    models = ["build", "--select", "+customer_ltv_predictions", "ltv_model_parameters", "ltv_model_quality", *NO_UNIT_TESTS]
    shop.nights([FITTED, FITTED_AGAIN], *models, "--exclude-resource-type", "test")
    return shop


def test_published_parameters_come_out_of_the_log(cdnow):
    found = {
        model: (json.loads(parameters), likelihood)
        for model, parameters, likelihood in cdnow.rows(f"""
        select model_name, model_parameters, log_likelihood from analytics.ltv_model_parameters
        where as_of = '{FITTED}' and target in ('orders', 'spend')""")
    }
    for model, (parameters, digits, likelihood) in PUBLISHED.items():
        values, found_likelihood = found[model]
        assert {name: round(values[name], digits) for name in parameters} == parameters, model
        if likelihood:
            assert round(found_likelihood, 1) == likelihood


def test_churn_over_thirteen_weeks_is_told_better_than_published_baselines(cdnow):
    ((auc, people),) = cdnow.rows(f"""
        select auc, holdout_customers from analytics.ltv_model_quality
        where as_of = '{FITTED_AGAIN}' and target = 'churn' and is_chosen""")
    assert auc > 0.75 and people == 2357


def test_one_time_buyers_do_not_all_churn_alike(cdnow):
    ((people, values, least, most),) = cdnow.rows("""
        select count(*), count(distinct churn_probability), min(churn_probability), max(churn_probability)
        from analytics.customer_ltv_predictions as predictions
        inner join analytics_intermediate.int_order_histories as histories using (store_id, customer_id)
        where histories.cutoff = 'now' and histories.frequency = 0""")
    assert people > 1000 and values > 20 and 0 < least < most < 1


def test_every_order_is_kept(cdnow):
    cdnow.dbt("run", "--select", "+int_orders", as_of=ENDED, is_night=False)
    assert cdnow.rows(
        "select count(*), count(distinct customer_id), sum(gross_revenue) from analytics_intermediate.int_orders"
    ) == [(6919, 2357, Decimal("244091.94"))]
