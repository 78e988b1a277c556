from tessera.ltv import SCORED_COLUMNS, PredictionReader, challenger_sample, score_ltv


def model(dbt, session):
    settings = dbt.ref("int_ltv_settings").to_arrow_table()
    models = dbt.ref("ltv_models").to_arrow_table()
    features = dbt.ref("int_prediction_features")
    sample = challenger_sample(PredictionReader(session, features), models, settings)
    people = features.filter("cutoff = 'now'").project(", ".join(SCORED_COLUMNS))
    return score_ltv(people.to_arrow_reader(65_536), models, sample, settings)
