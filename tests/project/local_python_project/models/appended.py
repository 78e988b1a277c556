def model(dbt, session):
    first = 1
    if dbt.is_incremental:
        first = session.sql(f"select max(id) + 1 from {dbt.this}").fetchall()[0][0]
    return session.sql(f"select cast({first} + i as bigint) as id, {dbt.config.get('batch')} as batch from range(3) as t (i)")
