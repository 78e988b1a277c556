from tessera.ltv import expected_by_week


def model(dbt, session):
    dbt.config(materialized="table")
    models = dbt.ref("ltv_models").filter("target in ('orders', 'season')").to_arrow_table()
    days = dbt.ref("int_purchase_days").to_arrow_table()
    weeks = dbt.ref("int_purchase_weeks").to_arrow_table()
    return expected_by_week(models, days, weeks)
