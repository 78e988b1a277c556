from tessera.activation import LOOKALIKES, LookalikeReader, score_lookalikes
from tessera.warehouse import gathered


def model(dbt, session):
    settings = dbt.ref("int_lookalike_settings").to_arrow_table()
    members = dbt.ref("int_lookalike_members").filter("is_on_axes").project("store_id, segment_id, customer_id")
    read = LookalikeReader(session, dbt.ref("int_customer_axis_features"), members)
    scored = score_lookalikes(read, dbt.ref("axes").to_arrow_table(), settings)
    return gathered(session, "lookalikes_scored", LOOKALIKES, scored)
