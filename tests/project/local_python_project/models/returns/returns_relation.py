def model(dbt, session):
    # dbt learns from ref() what a model waits for.
    dbt.ref("typed")
    session.execute("create temp table scratch as select 2 as factor")
    return session.sql("""
        select id * factor as id, cast(1 as hugeint) as huge, {'a': 1} as record, cast('b' as enum ('a', 'b')) as choice
        from shop.typed, scratch
    """)
