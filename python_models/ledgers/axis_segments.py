from tessera.axes import SEGMENTS, FeatureReader, fit_axes


def model(dbt, session):
    dbt.config(materialized="incremental", incremental_strategy="replace", full_refresh=False,
               on_schema_change="append_new_columns", meta={"replaces": "night", "is_ledger": True})
    settings = dbt.ref("int_axis_settings").filter("fit_kind = 'axes'").to_arrow_table()
    axes = dbt.ref("axes").to_arrow_table()
    features = FeatureReader(session, dbt.ref("int_customer_axis_features"))
    known = session.sql(f"select * from {dbt.this}").to_arrow_table() if dbt.is_incremental else SEGMENTS.empty_table()
    return fit_axes(features, axes, settings, known)
