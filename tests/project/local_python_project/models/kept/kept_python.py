def model(dbt, session):
    return dbt.ref("kept_sql")
