from tessera.ltv import store_forecasts


def model(dbt, session):
    dbt.config(materialized="table")
    models = dbt.ref("ltv_models").to_arrow_table()
    days = dbt.ref("int_purchase_days").to_arrow_table()
    return store_forecasts(models, days, dbt.ref("int_ltv_settings").to_arrow_table())
