from tessera.axes import SEGMENTS, FeatureReader, fit_axes


def model(dbt, session):
    dbt.config(materialized="incremental")
    settings = dbt.ref("int_fit_settings").filter("fit_kind = 'clusters'").to_arrow_table()
    axes = dbt.ref("cluster_features").to_arrow_table()
    features = FeatureReader(session, dbt.ref("int_cluster_features"))
    known = session.sql(f"select * from {dbt.this}").to_arrow_table() if dbt.is_incremental else SEGMENTS.empty_table()
    return fit_axes(features, axes, settings, known)
