from tessera.experiments import experiment_statistics


def model(dbt, session):
    return experiment_statistics(dbt.ref("int_experiment_arms").to_arrow_table())
