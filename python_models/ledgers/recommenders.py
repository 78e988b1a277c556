from tessera.activation import RECOMMENDERS, PurchaseReader, judge_recommenders


def model(dbt, session):
    dbt.config(materialized="incremental")
    settings = dbt.ref("int_recommendation_settings").to_arrow_table()
    purchases = dbt.ref("int_purchased_products").project("store_id, customer_id, product_id, first_purchased_on")
    known = session.sql(f"select * from {dbt.this}").to_arrow_table() if dbt.is_incremental else RECOMMENDERS.empty_table()
    return judge_recommenders(PurchaseReader(session, purchases), settings, known)
