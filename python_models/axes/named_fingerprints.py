from tessera.axes import name_scores


def model(dbt, session):
    axes = dbt.ref("axes").to_arrow_table()
    segments = dbt.ref("int_axis_segment_names").filter("is_current").to_arrow_table()
    people = dbt.ref("axis_fingerprints").project("store_id, customer_id, fingerprint, dominant_segment_ids")
    return name_scores(people.to_arrow_reader(65_536), axes, segments)
