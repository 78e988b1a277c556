from tessera.axes import axis_positions, position_columns


def model(dbt, session):
    axes = dbt.ref("axes").to_arrow_table()
    features = dbt.ref("int_customer_axis_features")
    read = position_columns(axes)
    people = features.project(", ".join(f'"{column}"' for column in features.columns if column in read))
    return axis_positions(people.to_arrow_table(), axes)
