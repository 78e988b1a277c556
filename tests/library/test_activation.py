"""Recommendations and lookalikes: by hand, against plain linear algebra, and on shops that are made up."""

from __future__ import annotations

import datetime as dt

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from scipy import sparse
from scipy.stats import rankdata

from support.shops import DATA
from tessera.activation import (
    LOOKALIKES,
    PAIRS,
    RECOMMENDED,
    RECOMMENDERS,
    LookalikeReader,
    LookalikeSettings,
    MemberReader,
    PurchaseReader,
    RecommendationSettings,
    fit_pairs,
    judge_recommenders,
    recommend,
    score_lookalikes,
)
from tessera.activation.ease import count, ease_weights, lift_weights, most_bought
from tessera.activation.listing import best_products, speaking, trend
from tessera.activation.lookalikes import FOLDS, fit_lookalikes

NIGHT = dt.datetime(2025, 7, 1)
DICE = np.random.default_rng(3)


def matrix(rows: list[list[float]]) -> sparse.csr_matrix:
    return sparse.csr_matrix(np.array(rows, dtype=np.float32))


def random_histories(people: int, products: int) -> sparse.csr_matrix:
    return sparse.csr_matrix((DICE.random((people, products)) < 0.2).astype(np.float32))


# Weights


def test_pairs_are_counted_the_same_in_any_blocks():
    bought = random_histories(300, 12)
    whole, parts = count([bought], 12), count([bought[:100], bought[100:101], bought[101:]], 12)
    assert whole.people == parts.people == (bought.sum(axis=1) > 0).sum()
    assert (whole.buyers == parts.buyers).all()
    assert (whole.together.toarray() == parts.together.toarray()).all()
    assert (whole.together.toarray() == (bought.T @ bought).toarray()).all()


def test_ease_is_the_ridge_regression_of_each_product_on_the_others():
    bought = random_histories(400, 9)
    weights = ease_weights(count([bought], 9), np.arange(9), penalty=30, kept=9).toarray()
    dense = bought.toarray().astype(float)
    for product in range(9):
        others = np.delete(np.arange(9), product)
        gram = dense[:, others].T @ dense[:, others] + 30 * np.eye(8)
        assert weights[others, product] == pytest.approx(np.linalg.solve(gram, dense[:, others].T @ dense[:, product]), abs=1e-8)
    assert (np.diag(weights) == 0).all()


def test_ease_of_more_products_than_a_block_holds_is_the_same():
    bought = random_histories(300, 520)
    weights = ease_weights(count([bought], 520), np.arange(520), kept=520).toarray()
    gram = (bought.T @ bought).toarray().astype(float) + 300 * np.eye(520)
    inverse = np.linalg.inv(gram)
    expected = -inverse / np.diag(inverse)
    np.fill_diagonal(expected, 0)
    assert weights == pytest.approx(expected, abs=1e-8)


def test_the_largest_weights_of_a_product_are_kept_and_products_with_few_buyers_have_none():
    bought = random_histories(400, 9)
    counts = count([bought], 9)
    some = most_bought(counts, 6)
    weights = ease_weights(counts, some, kept=2)
    assert (np.diff(weights.indptr)[some] == 2).all() and weights.nnz == 12
    assert set(weights.indices) <= set(some)
    assert list(most_bought(count([matrix([[1, 0, 1, 1], [0, 0, 1, 1]])], 4), 2)) == [2, 3]


def test_lift_is_common_buyers_times_the_log_of_how_often_chance_brings_them_together():
    # of ten people three bought a and b; c goes with a once
    bought = matrix([[1, 1, 0]] * 3 + [[1, 0, 1]] + [[0, 1, 0]] + [[0, 0, 1]] * 5)
    weights = lift_weights(count([bought], 3)).toarray()
    assert weights[0, 1] == weights[1, 0] == 1.0
    assert weights[0, 2] == 0
    other = matrix([[1, 1, 0, 0]] * 3 + [[0, 0, 1, 1]] * 2 + [[0, 0, 0, 0]] * 5)
    weights = lift_weights(count([other], 4)).toarray()
    assert weights[2, 3] == 1.0
    assert weights[0, 1] == pytest.approx(3 * np.log(3 * 5 / 9) / (2 * np.log(2 * 5 / 4)), abs=1e-9)


# Lists


def test_a_list_is_the_best_of_what_was_not_bought_then_what_is_popular():
    weights = matrix([[0, 2, 1, 1, 0], [0, 0, 0, 0, 0], [0, 0, 0, 0, 0], [0, 0, 0, 0, 0], [0, 0, 0, 0, 0]])
    bought = matrix([[1, 0, 0, 0, 0], [1, 1, 0, 0, 0], [0, 0, 0, 0, 1]])
    listed = best_products(bought, [weights], np.ones(5), np.array([4, 3, 0]), 4)
    rows = list(zip(listed.person, listed.product, listed.rank, listed.tier, listed.score, strict=True))
    assert rows == [
        (0, 1, 1, 0, 2),
        # equal scores in the order of products
        (0, 2, 2, 0, 1),
        (0, 3, 3, 0, 1),
        (0, 4, 4, 1, 0),
        (1, 2, 1, 0, 1),
        (1, 3, 2, 0, 1),
        # 3 is popular too, and stands there once
        (1, 4, 3, 1, 0),
        (2, 3, 1, 1, 0),
        (2, 0, 2, 1, 0),
    ]


def test_what_is_not_offered_or_not_allowed_is_not_listed_and_what_speaks_against_counts():
    weights = matrix([[0, 2, 1, 3], [0, 0, -2, 0], [0, 0, 0, 0], [0, 0, 0, 0]])
    listed = best_products(matrix([[1, 0, 0, 0]]), [weights], np.array([1, 1, 1, 0]), np.array([], int), 9)
    assert list(listed.product) == [1, 2]
    assert list(best_products(matrix([[1, 1, 0, 0]]), [weights], np.ones(4), np.array([], int), 9).product) == [3]
    allowed = matrix([[0, 0, 1, 0]])
    assert list(best_products(matrix([[1, 0, 0, 0]]), [weights], np.ones(4), np.array([3, 1]), 9, allowed).product) == [2]


def test_what_the_second_weights_speak_for_comes_behind():
    first, second = matrix([[0, 0, 1, 0]] + [[0] * 4] * 3), matrix([[0, 5, 9, 0]] + [[0] * 4] * 3)
    listed = best_products(matrix([[1, 0, 0, 0]]), [first, second], np.ones(4), np.array([3]), 3)
    assert list(zip(listed.product, listed.tier, strict=True)) == [(2, 0), (1, 1), (3, 2)]


def test_lists_are_what_plain_sorting_gives():
    bought = random_histories(200, 30)
    weights = ease_weights(count([bought], 30), np.arange(30), kept=30)
    listed = best_products(bought, [weights], np.ones(30), np.array([], int), 5)
    scores = np.round((bought @ weights).toarray(), 6)
    scores[bought.toarray() > 0] = 0
    for person in range(200):
        order = [product for product in np.lexsort((np.arange(30), -scores[person]))[:5] if scores[person, product] > 0]
        assert list(listed.product[listed.person == person]) == order


def test_the_product_that_speaks_most_is_told():
    weights = matrix([[0, 0, 1], [0, 0, 2], [0, 0, 0]])
    found, weight = speaking(matrix([[1, 1, 0], [1, 0, 0], [0, 0, 1]]), weights, np.array([0, 1, 2]), np.array([2, 2, 0]))
    assert list(found) == [1, 0, -1] and list(weight) == [2, 1, 0]


def test_what_sells_now_more_than_ever_is_ahead():
    factor = trend(np.array([50.0, 5.0, 5.0]), np.array([100.0, 100.0, 100.0]))
    assert factor[0] > 1 > factor[1] == factor[2]
    assert trend(np.zeros(3), np.full(3, 7.0)) == pytest.approx(np.ones(3))


# Stores


def purchases(rows: list[tuple[str, str, str, dt.date]]) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute(
        "create table purchases (store_id text, customer_id text, product_id text, first_purchased_on date);"
        "create table members (store_id text, customer_id text, segment_id text)"
    )
    connection.register("given", pa.Table.from_pylist([dict(zip(("s", "c", "p", "d"), row, strict=True)) for row in rows]))
    connection.execute("insert into purchases from given")
    return connection


def settings(**more: object) -> pa.Table:
    return pa.Table.from_pylist([{"as_of": NIGHT, **more}])


def demand(connection: duckdb.DuckDBPyConnection, offered: str = "true") -> pa.Table:
    return connection.sql(
        "select store_id, product_id, count(*) as buyers, "
        "count(*) filter (where first_purchased_on >= '2025-06-01') as recent_buyers, "
        f"{offered} as is_offered from purchases group by store_id, product_id"
    ).to_arrow_table()


def lists(connection: duckdb.DuckDBPyConnection, offered: str = "true", **more: object) -> tuple[pa.Table, pa.Table, list[dict]]:
    read, chosen = PurchaseReader(connection, connection.table("purchases")), settings(**more)
    judged = judge_recommenders(read, chosen, RECOMMENDERS.empty_table())
    pairs = fit_pairs(read, judged, chosen, PAIRS.empty_table())
    members = MemberReader(connection, connection.table("members"))
    found = pa.Table.from_batches(recommend(read, members, demand(connection, offered), judged, pairs, chosen), RECOMMENDED)
    return judged, pairs, found.to_pylist()


def habits(store_id: str = "s", people: int = 400) -> list[tuple[str, str, str, dt.date]]:
    """People of two kinds, who buy six products each of twenty of their kind's, all in the first or the last half of a year."""
    dice, rows = np.random.default_rng(5), []
    for person in range(people):
        kind = "ab"[person % 2]
        for product in dice.choice(20, 6, replace=False):
            day = dt.date(2025, 1, 1) + dt.timedelta(days=int(dice.integers(0, 180)))
            rows.append((store_id, f"c{person:04d}", f"{kind}{product:02d}", day))
    return rows


def test_a_store_with_habits_goes_by_them_and_says_how_good_they_are():
    judged, pairs, listed = lists(purchases(habits()))
    assert judged.schema == RECOMMENDERS and pairs.schema == PAIRS
    rows = {row["recommender"]: row for row in judged.to_pylist()}
    assert set(rows) == {"ease", "lift", "popular", "bestsellers"}
    assert sum(row["is_chosen"] for row in rows.values()) == 1 and rows["popular"]["is_chosen"] is False
    assert max(rows["ease"]["hit_rate"], rows["lift"]["hit_rate"]) > 1.2 * rows["popular"]["hit_rate"]
    assert rows["ease"]["judged_customers"] > 300 and rows["ease"]["customers"] == 400 and rows["ease"]["products"] == 40
    # everybody's list is of their kind, full, and without what they have
    own = {(person, product) for _, person, product, _ in habits()}
    kinds = {f"c{person:04d}": "ab"[person % 2] for person in range(400)}
    assert len(listed) == 4_000
    assert not {(row["customer_id"], row["product_id"]) for row in listed} & own
    assert all(row["product_id"][0] == kinds[row["customer_id"]] for row in listed)
    assert all(row["common_buyers"] >= 2 for row in listed if row["because_product_id"])


def test_a_store_that_offers_nothing_recommends_nothing():
    for rows in (habits(), habits()[:12]):
        assert lists(purchases(rows), "false")[2] == []


def test_a_store_without_habits_says_so_and_lists_what_is_popular():
    rows = habits()
    products = np.random.default_rng(1).permutation([product for _, _, product, _ in rows])
    shuffled = list({(s, c, p): (s, c, str(p), d) for (s, c, _, d), p in zip(rows, products, strict=True)}.values())
    judged, pairs, listed = lists(purchases(shuffled))
    chosen = [row for row in judged.to_pylist() if row["is_chosen"]]
    assert [(row["recommender"], row["reason"][:10]) for row in chosen] == [("popular", "No signal:")]
    assert pairs.num_rows == 0 and {row["method"] for row in listed} == {"popular"}
    assert len(listed) == 4_000


def test_nothing_crosses_a_store_and_what_is_not_offered_is_nowhere():
    other = [("t", c, p, d) for _, c, p, d in habits() if p < "a05"]
    _, _, alone = lists(purchases(habits()))
    _, _, both = lists(purchases(habits() + other))
    assert [row for row in both if row["store_id"] == "s"] == alone
    assert {row["product_id"] for row in both if row["store_id"] == "t"} <= {f"a{number:02d}" for number in range(5)}
    _, _, fewer = lists(purchases(habits()), offered="product_id not like '%3'")
    assert fewer and not [row for row in fewer if row["product_id"].endswith("3")]


def test_what_somebody_bought_is_theirs_where_duckdb_keeps_no_order():
    """As profiles.yml has it: what is read twice comes in another order than the query says, beyond some ten thousand rows."""
    people, products = 4_000, 100
    with duckdb.connect(config={"preserve_insertion_order": False, "threads": 2}) as connection:
        connection.execute(f"""
            create table purchases as
            select 's' as store_id, format('c{{:05d}}', who) as customer_id, date '2025-01-01' as first_purchased_on,
                format('p{{:03d}}', (who * 7 + what) % 500) as product_id
            from range({people}) as people(who), range({products}) as products(what) order by hash(who, what)""")
        read = PurchaseReader(connection, connection.table("purchases"))
        names = read.products("s")
        for _ in range(5):
            (block,) = read.blocks("s", names)
            assert block.people.to_pylist() == [f"c{who:05d}" for who in range(people)]
            columns = block.bought.indices.reshape(people, products)
            assert (columns == np.sort((np.arange(people)[:, None] * 7 + np.arange(products)) % 500)).all()


def test_lists_may_keep_within_segments():
    connection = purchases(habits())
    # who is in a segment sees what its members bought; nobody else is in one
    connection.execute("insert into members select distinct 's', customer_id, 'few' from purchases where customer_id < 'c0010'")
    _, _, listed = lists(connection, within_segments=True)
    few = {p for _, c, p, _ in habits() if c < "c0010"}
    assert {row["customer_id"] for row in listed} == {f"c{person:04d}" for person in range(10)}
    assert {row["product_id"] for row in listed} <= few


@pytest.mark.parametrize(
    "rows",
    [
        [("s", "c", "p", dt.date(2025, 5, 1))],
        [("s", f"c{number}", "p", dt.date(2025, 1, 1)) for number in range(80)],
        [("s", "c", f"p{number:05d}", dt.date(2025, 1, 1)) for number in range(3_000)],
        [],
    ],
    ids=["one order", "one product", "one person", "nothing"],
)
def test_stores_of_little_have_short_lists(rows):
    judged, _, listed = lists(purchases(rows)) if rows else lists(purchases([("other", "c", "p", dt.date(2025, 1, 1))]))
    assert {row["recommender"] for row in judged.to_pylist() if row["is_chosen"]} == {"popular"}
    assert listed == []


def test_a_fit_is_kept_until_it_is_due():
    connection = purchases(habits())
    read = PurchaseReader(connection, connection.table("purchases"))
    first = judge_recommenders(read, settings(), RECOMMENDERS.empty_table())
    pairs = fit_pairs(read, first, settings(), PAIRS.empty_table())
    later = pa.Table.from_pylist([{"as_of": NIGHT + dt.timedelta(days=6)}])
    assert judge_recommenders(read, later, first).num_rows == 0
    assert fit_pairs(read, first, later, pairs).num_rows == 0
    due = pa.Table.from_pylist([{"as_of": NIGHT + dt.timedelta(days=7)}])
    second = judge_recommenders(read, due, first)
    assert second.num_rows == 4
    assert fit_pairs(read, pa.concat_tables([first, second]), due, pairs)["as_of"].unique().to_pylist() == [
        NIGHT + dt.timedelta(days=7)
    ]
    # a night run again, and one that goes back
    assert judge_recommenders(read, settings(), first).equals(first)
    assert fit_pairs(read, first, settings(), pairs.slice(0, 0)).equals(pairs)


@pytest.mark.torture
@pytest.mark.parametrize("day", [dt.date(2011, 6, 9), dt.date(2011, 9, 9), dt.date(2011, 11, 9)])
def test_on_a_real_shop_lists_hit_a_fifth_more_than_the_best_popularity(day):
    path = DATA / "uci_online_retail" / "online_retail.parquet"
    if not path.exists():
        pytest.skip(f"{path} is not there")
    connection = duckdb.connect()
    connection.execute(f"""
        create table purchases as
        select 'uci' as store_id, CustomerID::text as customer_id, StockCode as product_id,
            min(InvoiceDate)::date as first_purchased_on
        from '{path}'
        where CustomerID is not null and InvoiceNo not like 'C%' and Quantity > 0 and UnitPrice > 0
            and regexp_matches(StockCode, '^[0-9]{{5}}')
        group by all""")
    chosen = pa.Table.from_pylist([{"as_of": dt.datetime(2011, 12, 10), "holdout_days": (dt.date(2011, 12, 10) - day).days}])
    judged = judge_recommenders(PurchaseReader(connection, connection.table("purchases")), chosen, RECOMMENDERS.empty_table())
    rate = {row["recommender"]: row["hit_rate"] for row in judged.to_pylist()}
    assert [row["recommender"] for row in judged.to_pylist() if row["is_chosen"]] == ["ease"]
    assert rate["ease"] >= 1.2 * max(rate["popular"], rate["bestsellers"])
    assert rate["ease"] >= {6: 0.6, 9: 0.53, 11: 0.53}[day.month]


# Lookalikes


def area(chance: np.ndarray, came: np.ndarray) -> float:
    ranks = rankdata(chance)
    return (ranks[came].sum() - came.sum() * (came.sum() + 1) / 2) / (came.sum() * (~came).sum())


def people_of_two_kinds(people: int, apart: float, seed: int = 2) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    dice = np.random.default_rng(seed)
    kind = dice.random(people) < 0.3
    features = dice.normal(size=(people, 12))
    features[:, 0] += apart * kind
    seen = kind & (dice.random(people) < 0.5)
    return features, kind, seen, dice.integers(0, FOLDS, people)


def test_halves_of_a_kind_are_like_each_other():
    features, kind, seen, fold = people_of_two_kinds(2_000, 1.0)
    chance = fit_lookalikes(features, seen, np.ones(2_000), fold).probability(features, fold)
    assert area(chance[~seen], kind[~seen]) > 0.7
    # calibrated: as many members as chances say, at the low and at the high end
    for few in np.array_split(np.argsort(chance), 4):
        assert chance[few].mean() == pytest.approx(seen[few].mean(), abs=0.05)


def test_members_like_nobody_are_not_ranked():
    fits = []
    for seed in range(40):
        features, _, seen, fold = people_of_two_kinds(800, 0.0, seed)
        fits.append(fit_lookalikes(features, seen, np.ones(800), fold))
    assert sum(fit is not None for fit in fits) <= 6


def test_a_sample_gives_the_chances_of_everybody():
    features, _, seen, fold = people_of_two_kinds(6_000, 1.5)
    everybody = fit_lookalikes(features, seen, np.ones(6_000), fold).probability(features, fold)
    kept = seen | (np.arange(6_000) % 4 == 0)
    weight = np.where(seen, 1, 4)[kept]
    some = fit_lookalikes(features[kept], seen[kept], weight, fold[kept]).probability(features, fold)
    assert some.mean() == pytest.approx(everybody.mean(), rel=0.05)


AXES = pa.table(
    {
        "axis_number": [1, 1],
        "axis_name": ["value", "value"],
        "axis_group": ["a", "a"],
        "population": ["orders", "orders"],
        "feature_number": [1, 2],
        "feature": ["spent", "share"],
        "json_name": ["spent", "share"],
        "transform": ["log1p", "none"],
        "is_lead": ["true", "false"],
        "is_enabled": ["true", "true"],
    }
)


def test_everybody_of_a_store_is_scored_for_each_segment_whose_members_are_enough_and_can_be_told():
    connection = duckdb.connect()
    connection.execute("""
        create table features as
        select 's' as store_id, 'c' || lpad(i::text, 4, '0') as customer_id, md5(i::text) as sample_key, true as in_orders,
            (i % 7) * 10.0 as spent, i % 3 / 2.0 as share from range(300) as people (i)
        union all select 't', 'c' || i, md5(i::text), true, 1.0, 1.0 from range(300) as people (i);
        create table members as
        select 's' as store_id, 'big spenders' as segment_id, customer_id from features where store_id = 's' and spent >= 50
        union all select 's', 'few', customer_id from features where store_id = 's' and spent >= 60 limit 95""")
    connection.execute(
        "insert into members select 't', 'all', customer_id from features where store_id = 't' and customer_id < 'c28'"
    )
    read = LookalikeReader(connection, connection.table("features"), connection.table("members"))
    chosen = pa.Table.from_pylist([{"min_members": 50, "fit_sample": 100}])
    scored = pa.Table.from_batches(score_lookalikes(read, AXES, chosen), LOOKALIKES).to_pylist()
    assert len(scored) == 300 and {(row["store_id"], row["segment_id"]) for row in scored} == {("s", "big spenders")}
    chance, member = np.array([row["probability"] for row in scored]), np.array([row["is_member"] for row in scored])
    assert member.sum() == 85 and area(chance, member) > 0.95


def test_settings_that_make_no_sense_are_refused():
    with pytest.raises(ValueError, match="at least 1"):
        RecommendationSettings(NIGHT, per_customer=0)
    with pytest.raises(ValueError, match="min_members"):
        LookalikeSettings(min_members=1)
