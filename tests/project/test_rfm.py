"""RFM scores against functions that say the same by hand, the seed's rules against broken schemes, and the ledger over nights."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict

import pytest

from support.shops import NO_UNIT_TESTS, Shop

SELECTED = ["--select", "+rfm_movements", "rfm_scores", "rfm_groups", "--exclude-resource-type", "test", *NO_UNIT_TESTS]
HISTORY = "select * from analytics_intermediate.rfm_history where as_of <= '{}' order by store_id, customer_id, as_of"


def quintile(value: float, sorted_values: list) -> int:
    """The fifth of a value by its percentile, a value at a time."""
    percentile = bisect_left(sorted_values, value) / len(sorted_values)
    for score, limit in enumerate((0.2, 0.4, 0.6, 0.8), start=1):
        if percentile <= limit:
            return score
    return 5


def group(r: int, f: int, m: int) -> str:
    """The eight groups as a chain of conditions."""
    if r >= 4 and f >= 4 and m >= 4:
        return "champions"
    if f >= 4:
        return "loyal"
    if r >= 4 and f >= 2:
        return "potential_loyalist"
    if r >= 4:
        return "recent"
    if r <= 2 and f >= 3:
        return "at_risk"
    if r <= 2 and f >= 2 and m >= 2:
        return "hibernating"
    if r <= 2 and f <= 2:
        return "lost"
    return "needs_attention"


def test_scores_and_groups_are_those_by_hand(demo):
    for shop in demo:
        customers = defaultdict(dict)
        for store, *customer in shop.rows("""
                select store_id, customer_id, days_since_purchase, total_purchases, total_spent
                from analytics.customer_behavior_summary where total_purchases > 0"""):
            customers[store][customer[0]] = customer[1:]
        expected = {}
        for store, people in customers.items():
            days, orders, money = (sorted(values) for values in zip(*people.values(), strict=True))
            for customer, (recency, frequency, monetary) in people.items():
                scores = (6 - quintile(recency, days), quintile(frequency, orders), quintile(monetary, money))
                late = scores[0] if recency <= 180 else min(scores[0], 3)
                expected[store, customer] = (*scores, "".join(map(str, scores)), group(late, *scores[1:]))
        found = {
            (store, customer): tuple(scores)
            for store, customer, *scores in shop.rows(
                "select store_id, customer_id, rfm_recency, rfm_frequency, rfm_monetary, rfm_code, rfm_segment "
                "from analytics.rfm_scores"
            )
        }
        assert len(expected) > 500 and found == expected


def test_the_published_map_is_the_chain_of_conditions(demo):
    for shop in demo:
        found = {
            tuple(scores): name
            for *scores, name in shop.rows(
                "select rfm_recency, rfm_frequency, rfm_monetary, rfm_segment from analytics.rfm_groups "
                "where scheme = 'eight_groups'"
            )
        }
        assert found == {(r, f, m): group(r, f, m) for r in range(1, 6) for f in range(1, 6) for m in range(1, 6)}


@pytest.fixture(scope="module")
def nightly(new_shops) -> tuple[Shop, dict[str, list], tuple[str, str, str]]:
    """Four runs of a small shop: the second night is run twice and May left out; two customers are merged in the last."""
    (shop,) = new_shops("rfm_nights", engines=("duckdb",), is_night=True)
    shop.tessera("demo", "--customers", "150")
    shop.nights(["2025-03-01", "2025-04-01"], "build", *SELECTED)
    before = shop.rows(HISTORY.format("2025-04-01"))
    ((store, stays, goes),) = shop.rows("""
        select store_id, min(customer_id), max(customer_id)
        from analytics.rfm_scores where customer_id not like '%:%'
        group by store_id order by store_id limit 1""")
    shop.execute(f"""
        insert into raw.identities (store_id, identified_at, customer_id, email, loaded_at) values
            ('{store}', '2025-06-20 10:00:00', '{stays}', 'both@x.example', '2025-06-20 10:00:00'),
            ('{store}', '2025-06-20 10:00:00', '{goes}', 'both@x.example', '2025-06-20 10:00:00')""")
    shop.nights(["2025-04-01", "2025-06-30"], "build", *SELECTED)
    return shop, before, (store, stays, goes)


def test_nights_run_again_or_left_out_leave_the_ledger_as_it_was(nightly):
    shop, before, _ = nightly
    assert len(before) > 100
    assert shop.rows(HISTORY.format("2025-04-01")) == before


def test_the_ledger_ends_in_the_scores_and_each_change_starts_where_the_last_one_ended(nightly):
    shop = nightly[0]
    codes: dict[tuple, str | None] = {}
    for store, customer, code, earlier, change in shop.rows("""
            select store_id, customer_id, rfm_code, earlier_rfm_code, change_type
            from analytics_intermediate.rfm_history order by as_of"""):
        assert codes.get((store, customer)) == earlier != code
        assert change == ("new" if earlier is None else "left" if code is None else "moved")
        codes[store, customer] = code
    scores = shop.rows("select store_id, customer_id, rfm_code from analytics.rfm_scores")
    assert sorted((*person, code) for person, code in codes.items() if code) == sorted(scores)


def test_who_is_merged_into_another_leaves(nightly):
    shop, _, (store, *people) = nightly
    last = dict(
        shop.rows(f"""
        select customer_id, change_type from analytics_intermediate.rfm_history
        where store_id = '{store}' and customer_id in ('{people[0]}', '{people[1]}') and as_of = '2025-06-30'""")
    )
    assert list(last.values()).count("left") == 1


def test_movements_of_every_scheme_add_up_to_its_groups(nightly):
    shop = nightly[0]
    moved = dict(
        ((scheme, name), count)
        for scheme, name, count in shop.rows("""
        select scheme, segment, sum(customers) from (
            select scheme, to_segment as segment, customers from analytics.rfm_movements
            union all
            select scheme, from_segment as segment, -customers from analytics.rfm_movements
        ) as movements where segment is not null group by scheme, segment having sum(customers) <> 0""")
    )
    assert {scheme for scheme, _ in moved} == {"eight_groups", "eleven_groups"}
    assert moved == dict(
        ((scheme, name), count)
        for scheme, name, count in shop.rows("""
        select codes.scheme, codes.rfm_segment, count(*)
        from analytics.rfm_scores as scores inner join analytics.rfm_groups as codes on scores.rfm_code = codes.rfm_code
        group by codes.scheme, codes.rfm_segment""")
    )


def test_an_unknown_scheme_is_refused_with_the_known_ones(nightly):
    """Before anything is done by its file, and in a run of models by what was loaded of it."""
    shop = nightly[0]
    run = ["run", "--select", "int_rfm_rules", "int_rfm_scores"]
    done = shop.dbt(*run, check=False, rfm_scheme="nobody")
    assert done.returncode != 0
    assert "not 'nobody'; there are eight_groups, eleven_groups (--vars)." in done.stdout
    shop.execute("update analytics_seeds.rfm_segments set scheme = 'not_seeded' where scheme = 'eight_groups'")
    done = shop.dbt(*run, check=False)
    shop.execute("update analytics_seeds.rfm_segments set scheme = 'eight_groups' where scheme = 'not_seeded'")
    assert done.returncode != 0
    assert (
        "The var rfm_scheme is 'eight_groups', which no row of seeds names. Known are: eleven_groups, not_seeded." in done.stdout
    )
    shop.dbt(*run)


def test_broken_schemes_are_found_and_named(nightly):
    shop = nightly[0]
    shop.execute("""
        insert into analytics_seeds.rfm_segments values
            ('gaps', 'gaps_some', 10, 1, 5, 1, 5, 1, 4, 'some', ''),
            ('mine', 'mine_all', 10, 1, 5, 1, 5, 1, 5, 'all', ''),
            ('mine', 'mine_late', 20, 1, 5, 1, 5, 1, 1, 'late', ''),
            ('mine', 'mine_upside_down', 5, 5, 1, 1, 5, 1, 5, 'none', ''),
            ('mine', 'mine_twin', 10, 2, 2, 2, 2, 2, 2, 'twin', '');
        insert into analytics_seeds.custom_rfm_segments values
            ('open', 'open_some', 10, 4, 5, 1, 5, 1, 5, 'some', ''), ('open', 'open_rest', 20, 1, 5, 1, 5, 1, 5, 'none', ''),
            ('eight_groups', 'open_best', 10, 5, 5, 5, 5, 5, 5, 'best', '')""")
    shop.dbt("test", "--select", "path:tests/rules", "--store-failures", check=False)

    def failures(test: str, columns: str) -> list[tuple]:
        return shop.rows(f"select distinct {columns} from analytics_dbt_test__audit.{test} order by 1")

    assert failures("every_rfm_scheme_names_every_code", "scheme, rfm_monetary") == [("gaps", 5)]
    assert failures("every_rfm_rule_names_a_code", "rule_id, reason") == [
        ("mine_late", "rows that are asked before it take all of its codes"),
        ("mine_twin", "rows that are asked before it take all of its codes"),
        ("mine_upside_down", "a lowest score is above its highest"),
    ]
    assert failures("rfm_rules_of_one_priority_share_no_code", "rule_id, other_rule_id") == [("mine_all", "mine_twin")]


def test_a_rule_for_a_group_that_the_scheme_does_not_have_is_told_of(nightly):
    """As after a change of the scheme: its segment would only be empty."""
    shop = nightly[0]
    asked = ["run", "--select", "+int_rules"], ["test", "--select", "rules_name_rfm_groups_of_the_scheme"]
    rule = "update analytics_seeds.segment_rules set operator = '{}', value = '{}' where rule_id = 'champions-1'"
    shop.dbt("seed")
    shop.execute(rule.format("in", "champions|nobody"))
    said = shop.commands(*asked)
    shop.execute(rule.format("equals", "champions"))
    assert "rule_id champions-1, reason the scheme eight_groups has no group nobody" in said
    assert "has no group champions" not in said
    assert "has no group" not in shop.commands(*asked)
