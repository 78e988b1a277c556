from tessera.ltv import LTV_MODELS, PredictionReader, fit_ltv


def model(dbt, session):
    dbt.config(materialized="incremental")
    settings = dbt.ref("int_ltv_settings").to_arrow_table()
    features = PredictionReader(session, dbt.ref("int_prediction_features"))
    known = session.sql(f"select * from {dbt.this}").to_arrow_table() if dbt.is_incremental else LTV_MODELS.empty_table()
    days, seasonality = dbt.ref("int_purchase_days").to_arrow_table(), dbt.ref("seasonality").to_arrow_table()
    return fit_ltv(features, settings, known, days, seasonality)
