from tessera.identity import Limits, resolve


def model(dbt, session):
    dbt.config(materialized="table")
    links = dbt.ref("int_identity_links").project(
        "store_id, left_identifier, right_identifier, priority, first_at, joins_customers"
    )
    rules = dbt.ref("stg_identity_rules").project("rule_id, rule, identifier_type, max_count")
    return resolve(links.to_arrow_table(), Limits.from_rules(rules.to_arrow_table()))
