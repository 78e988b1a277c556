def model(dbt, session):
    return dbt.ref("typed").filter("id > 2")
