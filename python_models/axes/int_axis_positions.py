from tessera.axes import axis_positions


def model(dbt, session):
    dbt.config(materialized="incremental", incremental_strategy="replace", on_schema_change="append_new_columns",
               meta={"replaces": "true"})
    return axis_positions(dbt.ref("int_customer_axis_features").to_arrow_table(), dbt.ref("axes").to_arrow_table())
