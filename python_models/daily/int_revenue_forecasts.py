from tessera.forecast import revenue_forecasts


def model(dbt, session):
    dbt.config(materialized="table")
    return revenue_forecasts(dbt.ref("int_revenue_days").to_arrow_table(), dbt.ref("seasonality").to_arrow_table())
