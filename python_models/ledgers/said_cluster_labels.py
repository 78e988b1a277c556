import pyarrow as pa

from tessera.axes import segments_in_use
from tessera.naming import name_axis_segments, title_case


def model(dbt, session):
    dbt.config(materialized="incremental")
    settings = dbt.ref("int_fit_settings").filter("fit_kind = 'clusters'").to_arrow_table()
    axes = dbt.ref("cluster_features").to_arrow_table()
    segments = segments_in_use(dbt.ref("cluster_segments").to_arrow_table(), settings)
    labels = dbt.ref("cluster_labels").project(
        "'behavior_clusters' as axis_name, priority, label as segment_name, claims, sentence"
    )
    words = pa.Table.from_pylist(
        [
            {
                "axis_name": "behavior_clusters",
                "noun": "customers",
                "other_noun": "contacts",
                "other_noun_claims": "share(total_orders = 0) >= 0.9",
            }
        ]
    )
    nobody = pa.schema([("store_id", pa.string()), ("name", pa.string())]).empty_table()
    return name_axis_segments(
        dbt.ref("int_cluster_features").to_arrow_table(),
        axes,
        segments,
        settings,
        labels.to_arrow_table(),
        words,
        dbt.ref("feature_words").to_arrow_table(),
        nobody,
        title_case,
    )
