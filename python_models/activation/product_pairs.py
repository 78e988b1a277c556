from tessera.activation import PAIRS, PurchaseReader, fit_pairs


def model(dbt, session):
    dbt.config(materialized="incremental")
    settings = dbt.ref("int_recommendation_settings").to_arrow_table()
    judged = dbt.ref("recommenders").to_arrow_table()
    purchases = dbt.ref("int_purchased_products").project("store_id, customer_id, product_id, first_purchased_on")
    fitted = (
        session.sql(f"select distinct store_id, as_of from {dbt.this}").to_arrow_table()
        if dbt.is_incremental
        else PAIRS.empty_table()
    )
    return fit_pairs(PurchaseReader(session, purchases), judged, settings, fitted)
