from tessera.axes import axis_positions


def model(dbt, session):
    return axis_positions(dbt.ref("int_customer_axis_features").to_arrow_table(), dbt.ref("axes").to_arrow_table())
