"""Lookalikes of the demo: halves of its planted types find each other."""

from __future__ import annotations

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from scipy.stats import rankdata

from support.shops import Shop
from tessera.activation import LOOKALIKES, LookalikeReader, lookalike_columns, score_lookalikes
from tessera.demo.axes import AXES

# Halves of fewer people say little of a ranking.
LEAST = 20
# Each person of a planted type, by what the demo wrote down; half of them, by a hash, are the members that are known.
PLANTED = """
    create or replace temp table planted as
    select distinct features.store_id, features.customer_id, '{axis}:' || people.{axis} as segment_id,
        md5('half:' || people.person_id) < '8' as is_known
    from raw.truth_people as people
    inner join raw.truth_identities as truth on people.store_id = truth.store_id and people.person_id = truth.person_id
    inner join analytics_intermediate.customer_identities as identities
        on truth.store_id = identities.store_id and 'customer:' || truth.identifier = identities.identifier
    inner join analytics_intermediate.int_customer_axis_features as features
        on identities.store_id = features.store_id and identities.customer_id = features.customer_id
    where people.{axis} <> 'none' and people.order_count > 0"""


@pytest.mark.torture
def test_halves_of_planted_types_find_each_other(demo: list[Shop]):
    areas = []
    with duckdb.connect() as connection:
        connection.execute(f"attach '{demo[0].database()}' as shop (read_only)")
        connection.execute("use shop")
        axes = connection.table("analytics_seeds.axes").to_arrow_table()
        features = connection.table("analytics_intermediate.int_customer_axis_features")
        people = features.project(", ".join(lookalike_columns(axes, features.columns)))
        for axis in AXES:
            connection.execute(PLANTED.format(axis=axis))
            members = connection.sql("select store_id, segment_id, customer_id from temp.planted where is_known")
            read = LookalikeReader(connection, people, members)
            scored = score_lookalikes(read, axes, pa.Table.from_pylist([{"min_members": LEAST}]))
            connection.register("scored", pa.Table.from_batches(scored, LOOKALIKES))
            # among those who ordered and are not known to be members: whether they are
            rows = connection.sql("""
                select scored.store_id, scored.segment_id, scored.probability, scored.segment_id = planted.segment_id as is_of
                from scored inner join temp.planted using (store_id, customer_id)
                where not scored.is_member order by all""").fetchall()
            for key in sorted({row[:2] for row in rows}):
                chance, is_of = (np.array([row[place] for row in rows if row[:2] == key]) for place in (2, 3))
                many, few = is_of.sum(), (~is_of).sum()
                if min(many, few) >= LEAST:
                    area = (rankdata(chance)[is_of].sum() - many * (many + 1) / 2) / (many * few)
                    noise = np.sqrt((many + few + 1) / (12 * many * few))
                    assert area > 0.5 - 3 * noise, (key, area)
                    areas.append(area)
    assert len(areas) > 30
    assert np.mean(areas) > 0.6
