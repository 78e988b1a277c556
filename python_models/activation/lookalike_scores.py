from tessera.activation import LOOKALIKES, LookalikeReader, lookalike_columns, score_lookalikes
from tessera.warehouse import gathered


def model(dbt, session):
    settings = dbt.ref("int_lookalike_settings").to_arrow_table()
    axes = dbt.ref("axes").to_arrow_table()
    members = dbt.ref("int_lookalike_members").filter("is_on_axes").project("store_id, segment_id, customer_id")
    features = dbt.ref("int_customer_axis_features")
    people = features.project(", ".join(f'"{column}"' for column in lookalike_columns(axes, features.columns)))
    read = LookalikeReader(session, people, members)
    return gathered(session, "lookalikes_scored", LOOKALIKES, score_lookalikes(read, axes, settings))
