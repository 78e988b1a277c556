from tessera.activation import RECOMMENDED, MemberReader, PurchaseReader, recommend
from tessera.warehouse import gathered


def model(dbt, session):
    settings = dbt.ref("int_recommendation_settings").to_arrow_table()
    purchases = dbt.ref("int_purchased_products").project("store_id, customer_id, product_id, first_purchased_on")
    members = dbt.ref("int_membership_spells").filter("kind in ('segment', 'axis', 'cluster') and left_at is null")
    products = dbt.ref("int_product_demand").project("store_id, product_id, buyers, recent_buyers, is_offered")
    listed = recommend(
        PurchaseReader(session, purchases),
        MemberReader(session, members.project("store_id, customer_id, group_id as segment_id")),
        products.to_arrow_table(),
        dbt.ref("recommenders").to_arrow_table(),
        dbt.ref("product_pairs").to_arrow_table(),
        settings,
    )
    return gathered(session, "products_recommended", RECOMMENDED, listed)
