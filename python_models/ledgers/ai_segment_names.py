from tessera.naming import LEDGER, NamingSettings, name_for_night


def model(dbt, session):
    dbt.config(materialized="incremental")
    settings = dbt.ref("int_naming_settings").project("as_of, ai_naming, ai_naming_model, ai_naming_timeout_seconds")
    segments = (
        dbt.ref("int_axis_seed_names")
        .filter("is_current")
        .project(
            "store_id, axis_name, segment_id, segment_number, segment_count, csv_name, held_names, members_over, features, "
            "centre, centre_scaled, sample_share, population"
        )
    )
    seed_names = dbt.ref("axis_segment_names").project("axis_name, segment_name")
    feature_words = dbt.ref("feature_words").project("feature, meaning, high_phrases, low_phrases")
    ((as_of, is_wanted, model_name, timeout_seconds),) = settings.fetchall()
    if not is_wanted:
        return LEDGER.empty_table()
    ledger = session.sql(f"select * from {dbt.this}").to_arrow_table() if dbt.is_incremental else LEDGER.empty_table()
    return name_for_night(
        segments.to_arrow_table(),
        seed_names.to_arrow_table(),
        feature_words.to_arrow_table(),
        ledger,
        as_of,
        NamingSettings(model=model_name, timeout_seconds=timeout_seconds),
    )
