from tessera.naming import name_axis_segments
from tessera.tables import beside


def model(dbt, session):
    dbt.config(materialized="incremental")
    settings = dbt.ref("int_fit_settings").filter("fit_kind = 'axes'").to_arrow_table()
    segments = dbt.ref("int_axis_segments").filter("is_current").to_arrow_table()
    clusters = dbt.ref("int_cluster_segments").filter("is_current").project("store_id, segment_name as name")
    rules = dbt.ref("int_segments").project("store_id, name")
    people = beside(dbt.ref("int_customer_axis_features").to_arrow_table(), dbt.ref("int_axis_facts").to_arrow_table())
    return name_axis_segments(
        people,
        dbt.ref("axes").to_arrow_table(),
        segments,
        settings,
        dbt.ref("axis_segment_names").to_arrow_table(),
        dbt.ref("axis_words").to_arrow_table(),
        dbt.ref("feature_words").to_arrow_table(),
        clusters.union(rules).to_arrow_table(),
    )
