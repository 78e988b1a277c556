from tessera.axes import score_axes, segments_in_use


def model(dbt, session):
    settings = dbt.ref("int_fit_settings").filter("fit_kind = 'clusters'").to_arrow_table()
    axes = dbt.ref("cluster_features").to_arrow_table()
    segments = segments_in_use(dbt.ref("cluster_segments").to_arrow_table(), settings)
    return score_axes(dbt.ref("int_cluster_features").to_arrow_reader(65_536), axes, segments, settings)
