"""Every way in which a statement can name a table."""

import pyarrow as pa


def model(dbt, session):
    ids = pa.table({"id": [1, 2, 3, 4, 5]})  # noqa: F841 (named in statements)
    # Not read: the view fails when its rows are asked for.
    dbt.ref("poison")
    counts = {
        "a variable": "select count(*) from ids",
        "three parts": f'select count(*) from "{dbt.this.database}"."shop"."typed"',
        "two parts": "select count(*) from shop.typed where id = 1",
        "two quoted parts": 'select count(*) from "shop" . "typed"',
        "upper case": "select count(*) from SHOP.Typed",
        "a join with itself": "select count(*) from shop.typed as a join shop.typed as b using (id)",
        "another schema": "select count(*) from other_place.there",
        "a view of the model's": "select count(*) from mine",
        "a subquery": "select (select max(id) from shop.typed) + count(*) from ids",
    }
    session.execute("create temp view mine as select * from shop.typed")
    rows = []
    for name, query in counts.items():
        rows.append((name, session.sql(query).fetchall()[0][0]))
    rows.append(("a parameter", session.execute("select count(*) from shop.typed where id > ?", [1]).fetchall()[0][0]))
    rows.append(("a pivot", len(session.sql("pivot shop.typed on id using count(*)").fetchall())))
    rows.append(("a table", len(session.table("shop.typed"))))
    rows.append(("another cursor", session.cursor().execute("select count(*) from shop.typed").fetchall()[0][0]))
    twice = dbt.ref("typed")
    rows.append(("read twice", len(twice.fetchall()) + len(twice.df())))
    dbt.ref("there")
    return pa.table({"name": [name for name, _ in rows], "rows": [count for _, count in rows]})
