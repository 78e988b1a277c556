from tessera.axes import score_axes


def model(dbt, session):
    settings = dbt.ref("int_fit_settings").filter("fit_kind = 'clusters'").to_arrow_table()
    axes = dbt.ref("cluster_features").to_arrow_table()
    segments = dbt.ref("int_cluster_fits").filter("is_current").to_arrow_table()
    return score_axes(dbt.ref("int_cluster_features").to_arrow_reader(65_536), axes, segments, settings)
