"""Small inputs of the world that went wrong somewhere, each a store of one database: its right values, on both engines."""

from __future__ import annotations

import pytest

from support.shops import Shop
from support.small_stores import KIOSKS, NAMES, NOBODY, ORDERED, PRICES, STATUSES


def test_what_happens_after_the_night_is_not_yet(small_stores):
    for shop in small_stores:
        assert shop.rows("select event_id from analytics.customer_events where store_id = 'skew'") == [("e2",)]
        assert shop.rows("select customer_id from analytics.customer_behavior_summary where store_id = 'future' order by 1") == [
            ("c2",)
        ]
        assert shop.rows("""select store_id, table_name, accepted_rows, not_yet_rows from analytics.staging_quality
                            where store_id in ('skew', 'future') and not_yet_rows > 0 order by 1, 2""") == [
            ("future", "events", 0, 1),
            ("future", "orders", 1, 1),
            ("skew", "events", 1, 1),
        ]


def test_an_external_id_may_have_any_name(small_stores):
    for shop in small_stores:
        ((identifier,),) = shop.rows("""select identifier_value from analytics_intermediate.customer_identities
                                        where store_id = 'dollar' and identifier_type = 'external' and customer_id = 'c1'""")
        assert "$device_id" in identifier and "x1" in identifier


def test_a_barcode_for_a_quantity_is_refused_and_its_order_stays(small_stores):
    for shop in small_stores:
        assert shop.rows("""select accepted_rows, rejected_rows from analytics.staging_quality
                            where store_id = 'barcode' and table_name = 'order_items'""") == [(1, 1)]
        assert [
            (customer, int(spent))
            for customer, spent in shop.rows(
                "select customer_id, total_spent from analytics.customer_behavior_summary where store_id = 'barcode' order by 1"
            )
        ] == [("c1", 9990), ("c2", 20)]


def test_a_membership_until_infinity_has_no_end(small_stores):
    for shop in small_stores:
        assert shop.rows("""select customer_id, left_at from analytics.segment_memberships
                            where store_id = 'inf' and segment_id = 'vip-customers'""") == [("c1", None)]


def test_a_zone_that_becomes_known_moves_the_days_before(small_stores):
    for shop in small_stores:
        assert [
            str(day)
            for (day,) in shop.rows("""
            select activity_date from analytics_intermediate.int_visitor_days
            where store_id = 'zonenight' and source_customer_id = 'c1' order by 1""")
        ] == [f"2025-06-{day:02d}" for day in range(9, 14)]
        assert shop.rows("""select days_since_seen from analytics_intermediate.int_profile_facts
                            where store_id = 'zonenight' and customer_id = 'c1'""") == [(17,)]


def test_ids_that_hold_what_joins_keys_stay_apart(small_stores):
    for shop in small_stores:
        assert shop.rows("""select session_id, total_events from analytics.sessions
                            where store_id = 'keys' and session_id like 's1%' order by 1""") == [("s1", 1), ("s1|x", 1)]
        assert shop.rows("""select customer_id, event_id from analytics.customer_events
                            where store_id = 'keys' and event_id like 'f%' order by 2""") == [("auth0|5", "f1"), ("5", "f2")]


def test_a_cent_of_discount_too_much_leaves_scores_in_their_range(small_stores):
    for shop in small_stores:
        ((score,),) = shop.rows("""select discount_hunt_score from analytics_intermediate.int_customer_axis_features
                                   where store_id = 'cent' and customer_id = 'c1'""")
        assert 0 <= score <= 1


def test_columns_in_capitals_are_the_contracts(small_stores):
    for shop in small_stores:
        assert [
            (customer, int(spent))
            for customer, spent in shop.rows(
                "select customer_id, total_spent from analytics.customer_behavior_summary where store_id = 'upper' order by 1"
            )
        ] == [("c1", 50), ("c2", 70)]


def test_session_ids_that_a_broken_script_writes_name_no_session(small_stores):
    for shop in small_stores:
        assert (
            shop.rows("select total_events, is_quarantined from analytics.sessions where store_id = 'badsess'")
            == [(1, False)] * 6
        )


def test_what_became_a_double_on_its_way_is_what_it_was(small_stores):
    for shop in small_stores:
        assert [
            (*told, float(revenue))
            for *told, revenue in shop.rows("""
            select customer_id, people.phone, people.do_not_track, total_tickets, total_events, total_orders, total_revenue
            from analytics_intermediate.int_profile_facts
            inner join analytics_intermediate.int_customers as people using (store_id, customer_id)
            where store_id = 'float' order by 1""")
        ] == [("1001", "+12025550143", False, 1, 2, 3, 29.99), ("1002", None, True, 0, 0, 0, 0.0)]


def test_short_names_of_zones_have_summer_time_or_are_unknown(small_stores):
    for shop in small_stores:
        assert [
            (store, str(day))
            for store, day in shop.rows("""
            select store_id, activity_date from analytics_intermediate.int_visitor_days
            where store_id in ('cet', 'bst') order by 1, 2""")
        ] == [("bst", "2025-06-15"), ("cet", "2025-01-15"), ("cet", "2025-06-16")]
        assert shop.rows("""select store_id, row_count from analytics.staging_issues
                            where column_name = 'timezone' and store_id in ('cet', 'bst')""") == [("bst", 1)]


def test_signs_and_letters_stay_what_they_are(small_stores):
    for shop in small_stores:
        assert shop.rows("""select customer_id, city, tags, total_orders from analytics_intermediate.int_profile_facts
                            where store_id = 'signs'""") == [("c1", 'L\'Aquila 100% {{ 1 }} -- \\ ; "x"', ["VIP", "🧦 Ärmel"], 1)]


def test_a_name_twice_in_an_object_has_its_last_value(small_stores):
    nested = {"duckdb": "properties ->> '$.a.n.b'", "postgres": "properties #>> '{a,n,b}'"}
    for shop in small_stores:
        assert shop.rows(f"""select event_id, properties ->> 'n', {nested[shop.target]} from analytics_staging.stg_events
                             where store_id = 'signs' order by 1""") == [
            ("e1", "1", None),
            ("e2", "1", None),
            ("e3", "2", None),
            ("e4", "4", "3"),
            ("e5", "5", None),
            ("e6", None, None),
        ]
        assert shop.rows("""select column_name, row_count from analytics.staging_issues
                            where store_id = 'signs' and issue = 'nulled'""") == [("properties", 1)]


@pytest.mark.parametrize(("store", "people"), [("nbsp", ["c1"]), ("nfc", ["c1", "email:jose+shop@mail.example"])])
def test_one_address_is_one_person_however_it_is_written(small_stores, store, people):
    for shop in small_stores:
        assert shop.rows(f"select customer_id from analytics.audience_profiles where store_id = '{store}' order by 1") == [
            (person,) for person in people
        ]


def test_parameters_of_an_address_are_decoded(small_stores):
    for shop in small_stores:
        assert shop.rows("""select sessions.source, sessions.medium, sessions.campaign from analytics.sessions as sessions
                            inner join analytics.customer_events as events using (store_id, session_key)
                            where store_id = 'url' order by event_id""") == [
            ("news", "email", "été 2025"),
            ("news", "email", None),
            ("a", "email", None),
            ("a", None, None),
            (None, None, None),
            (None, None, None),
            ("a&b", None, None),
        ]


def test_words_are_trimmed(small_stores):
    for shop in small_stores:
        assert shop.rows("""select distinct source, medium, device_type, product_views from analytics.sessions
                            where store_id = 'blanks'""") == [("google", "cpc", "mobile", 1)]
        assert shop.rows("select distinct product_category from analytics.product_interactions where store_id = 'blanks'") == [
            ("Shoes",)
        ]


def test_a_list_of_tags_is_tags_and_undefined_is_no_device(small_stores):
    for shop in small_stores:
        assert shop.rows("""select customer_id, tags, total_sessions from analytics_intermediate.int_profile_facts
                            where store_id = 'lists' order by 1""") == [("c1", ["VIP", "repeat"], 1), ("c2", ["repeat"], 1)]
        assert shop.rows("select count(*) from analytics.sessions where store_id = 'lists'") == [(3,)]


def test_times_and_amounts_are_read_as_printers_write_them(small_stores):
    for shop in small_stores:
        found = {
            order: (str(time), str(price))
            for order, time, price in shop.rows(
                "select order_id, ordered_at, gross_revenue from analytics_intermediate.int_orders where store_id = 'times'"
            )
        }
        assert {order: found[order][0].rstrip("0") for order in ORDERED if order in found} == {
            order: time.rstrip("0") for order, time in ORDERED.items() if time
        }
        assert {order: found[order][1] for order in PRICES if order in found} == {
            order: price for order, price in PRICES.items() if price
        }


def test_a_landed_column_that_nothing_reads_is_told_of(small_stores):
    for shop in small_stores:
        assert shop.rows("""select distinct unknown_columns from analytics.data_completeness
                            where table_name = 'products'""") == [
            ("Titel (is it title?), prod_type, shelf, vendeur (is it vendor?)",)
        ]


def test_who_asked_not_to_be_tracked_leaves_nothing_but_orders(small_stores):
    for shop in small_stores:
        assert shop.rows("select event_id, customer_id from analytics.customer_events where store_id = 'dnt'") == [
            ("other", "c2")
        ]
        assert shop.rows("select distinct customer_id from analytics.sessions where store_id = 'dnt'") == [("c2",)]
        assert shop.rows("select customer_id from analytics.customer_behavior_features where store_id = 'dnt'") == [("c2",)]
        assert shop.rows(
            "select customer_id, interests from analytics.audience_profiles "
            "where store_id = 'dnt' and customer_id in ('c1', 'k1') order by 1"
        ) == [("c1", []), ("k1", [])]
        assert [
            (customer, orders, int(spent))
            for customer, orders, spent in shop.rows(
                "select customer_id, total_purchases, total_spent from analytics.customer_behavior_summary "
                "where store_id = 'dnt' and total_purchases > 0"
            )
        ] == [("c1", 1, 10)]
        assert shop.rows(
            "select suppressed_rows from analytics.staging_quality where store_id = 'dnt' and table_name = 'events'"
        ) == [(9,)]


def test_the_source_of_a_visit_is_of_one_hit(small_stores):
    for shop in small_stores:
        assert shop.rows(
            "select store_id, source, medium, campaign from analytics.sessions where store_id in ('utmmix', 'srcmix') order by 1"
        ) == [("srcmix", None, "email", None), ("utmmix", "google", None, None)]


def test_a_visit_is_of_its_device_and_of_the_customer_whom_the_shop_tells(small_stores):
    for shop in small_stores:
        assert shop.rows("select customer_id, source from analytics.sessions where store_id = 'gaid' order by 1") == [
            ("anon:d1", "google"),
            ("anon:d2", "bing"),
        ]
        assert shop.rows(
            "select session_id, customer_id, orders, total_events from analytics.sessions where store_id = 'sesscust' order by 1"
        ) == [("s1", "c1", 0, 1), ("s2", "c1", 1, 1)]
        assert shop.rows("select distinct customer_id from analytics.customer_events where store_id = 'sesscust'") == [("c1",)]


def test_a_device_of_many_people_is_nobodys_and_they_keep_their_own(small_stores):
    for shop in small_stores:
        for store, people in KIOSKS.items():
            assert sorted(
                shop.rows(f"""
                select customer_id, count(*) from analytics_intermediate.customer_identities
                where store_id = '{store}' group by customer_id""")
            ) == sorted([("anon:tablet", 1), *((f"email:p{person}@shop.example", 3) for person in range(people))])
            assert shop.rows(f"""
                select count(*), max(total_purchases) from analytics.customer_behavior_summary
                where store_id = '{store}' and total_purchases > 0""") == [(people, 1)]


def test_names_that_tools_give_are_known(small_stores):
    for shop in small_stores:
        assert {
            name: (kind, is_unknown)
            for name, kind, is_unknown in shop.rows("""
            select event_id, event_type, is_unknown_event_type from analytics.customer_events where store_id = 'words'""")
        } == {name: (kind, False) for name, kind in NAMES.items()} | {"hover over": ("other", True)}


def test_what_names_nobody_ties_nothing_together(small_stores):
    for shop in small_stores:
        assert shop.rows("select customer_id from analytics.audience_profiles where store_id = 'nobody'") == []
        assert shop.rows("select count(*), max(total_events) from analytics.sessions where store_id = 'nobody'") == [
            (2 * len(NOBODY), 1)
        ]


def test_nobody_comes_to_a_shop_from_the_shop(small_stores):
    for shop in small_stores:
        assert shop.rows("""select source, medium, campaign, referrer from analytics.sessions
                            where store_id = 'own' order by landing_page, source""") == [
            (None, None, None, None),
            ("news.example", "referral", None, "https://www.news.example/shop.example"),
            (None, None, None, None),
        ]


def money(shop: Shop, *stores: str) -> dict[tuple[str, str], tuple[int, float]]:
    """Per store and person the orders that count, and what they brought."""
    return {
        (store, customer): (orders, float(spent))
        for store, customer, orders, spent in shop.rows(f"""
        select store_id, customer_id, total_purchases, total_spent from analytics.customer_behavior_summary
        where store_id in ({", ".join(f"'{store}'" for store in stores)})""")
    }


def test_the_rate_is_that_of_the_stores_day_and_never_nothing(small_stores):
    for shop in small_stores:
        assert money(shop, "fxtokyo", "fxla") == {("fxtokyo", "c1"): (1, 1500), ("fxla", "c1"): (1, 11)}
        assert shop.rows("""select table_name, reason, column_name from analytics.rejected_rows
                            where store_id = 'fxtokyo' order by 1""") == [
            ("campaign_costs", "negative", "cost"),
            ("campaign_costs", "no_rate", "currency"),
            ("exchange_rates", "zero", "rate"),
            ("orders", "no_rate", "currency"),
        ]


def test_what_a_campaign_cost_is_of_the_stores_day_and_currency(small_stores):
    for shop in small_stores:
        found = shop.rows("""select source, medium, campaign, cost, clicks, return_on_investment, cast(activity_date as text)
                            from analytics.campaign_performance
                            where store_id = 'fxla' and attribution_model = 'last_touch' and cost is not null order by 1""")
        # the newest of two rows that differ in capitals, and one of an ad; what cannot be read is not counted
        assert [(*names, float(cost), clicks, roi, day) for *names, cost, clicks, roi, day in found] == [
            ("(not set)", "(not set)", "(none)", 0.5, None, -1, "2025-06-01"),
            ("google", "cpc", "brand", 5.41, 1, -1, "2025-06-01"),
        ]


def test_a_refund_of_a_refused_order_is_refused_too(small_stores):
    for shop in small_stores:
        assert money(shop, "fxref") == {("fxref", "c1"): (1, 30)}
        assert shop.rows("""select table_name, reason, column_name from analytics.rejected_rows
                            where store_id = 'fxref' order by 1""") == [
            ("orders", "no_rate", "currency"),
            ("refunds", "refused_order", "order_id"),
        ]


def test_what_is_taken_off_or_paid_back_may_be_written_with_a_minus(small_stores):
    for shop in small_stores:
        assert money(shop, "minus") == {("minus", "c1"): (1, 80), ("minus", "c2"): (1, 95), ("minus", "c3"): (1, 90)}
        assert [
            (order, float(discount))
            for order, discount in shop.rows("""
            select order_id, discount_amount from analytics_intermediate.int_orders where store_id = 'minus' order by 1""")
        ] == [("o1", 0), ("o2", 5), ("o3", 10)]
        ((worth,),) = shop.rows("""select line_total from analytics_intermediate.int_order_items
                                   where store_id = 'minus' and order_id = 'o3'""")
        assert worth == 90


def test_the_currency_of_a_store_is_that_of_most_orders(small_stores):
    for shop in small_stores:
        assert shop.rows("select currency from analytics.stores where store_id = 'currmaj'") == [("EUR",)]
        assert money(shop, "currmaj") == {("currmaj", "c2"): (1, 50), ("currmaj", "c3"): (1, 60)}


def test_the_status_of_an_order_says_whether_it_counts(small_stores):
    worth = {"counted": (1, 100), "paid back": (1, 0), "not counted": (0, 0)}
    for shop in small_stores:
        assert money(shop, "statuses") == {
            ("statuses", status): worth[kind] for kind, statuses in STATUSES.items() for status in statuses
        }
        assert shop.rows("""select issue, reason, column_name, row_count from analytics.staging_issues
                            where store_id = 'statuses'""") == [("flagged", "unknown", "financial_status", 2)]
        assert shop.rows("""select nulled_values from analytics.staging_quality
                            where store_id = 'statuses' and table_name = 'orders'""") == [(0,)]


def test_a_purchase_without_a_value_is_an_order_of_which_nobody_knows_the_value(small_stores):
    for shop in small_stores:
        assert shop.rows("""
            select customer_id, total_orders, total_revenue, average_order_value, lifecycle_stage, rfm_frequency, rfm_monetary,
                rfm_segment
            from analytics.audience_profiles where store_id = 'novalue' order by 1""") == [
            ("v1", 1, None, None, "customer", 1, None, None),
            ("v2", 0, 0, None, "visitor", None, None, None),
        ]
        assert shop.rows("""select has_purchase, orders, revenue from analytics.sessions
                            where store_id = 'novalue' order by 2""") == [(False, 0, 0), (True, 1, None)]
        assert shop.rows("""select customer_id, total_purchases, total_spent, avg_order_value
                            from analytics.customer_behavior_summary where store_id = 'halfvalued' order by 1""") == [
            ("c1", 2, 30, 30),
            ("c2", 1, None, None),
            ("c3", 1, 0, 0),
        ]


def test_an_order_that_two_tools_tell_of_is_one_and_a_refund_event_takes_it_back(small_stores):
    for shop in small_stores:
        assert shop.rows("""select customer_id, total_orders, gross_revenue, total_revenue from analytics.audience_profiles
                            where store_id = 'tools' order by 1""") == [("c1", 2, 50, 30), ("c2", 1, 25, 25)]


def test_nothing_claims_money_of_a_store_that_tells_none(small_stores):
    money_of = {
        "audience_profiles": ["total_revenue", "gross_revenue", "average_order_value", "predicted_ltv", "rfm_monetary"],
        "customer_behavior_summary": ["total_spent", "gross_revenue", "avg_order_value"],
        "customer_behavior_features": ["avg_purchase_value", "lifetime_value_prediction"],
        "customer_ltv_predictions": [
            "current_ltv",
            "predicted_ltv_1year",
            "predicted_ltv_5year",
            "predicted_ltv_low",
            "predicted_ltv_high",
            "expected_order_value",
            "growth_ratio",
            "confidence_score",
        ],
        "cohort_retention": ["revenue", "cumulative_revenue", "cumulative_value_per_customer"],
        "customer_profiles": ["lifetime_value"],
        "archetypes": ["average_value"],
        "segments": ["average_value"],
        "rfm_scores": ["monetary", "rfm_monetary", "rfm_segment"],
        "sessions": ["revenue"],
    }
    for shop in small_stores:
        for mart, columns in money_of.items():
            ((rows, *known),) = shop.rows(f"""
                select count(*), {", ".join(f"count({column})" for column in columns)} from analytics.{mart}
                where store_id = 'unvalued'""")
            assert rows > 0 and not any(known), (shop.target, mart, known)
        assert shop.rows("""select prediction_type, count(*) from analytics.predictions
                            where store_id = 'unvalued' group by 1 order by 1""") == [("churn", 150), ("next_purchase", 150)]
        assert shop.rows("""select distinct axis_name from analytics.dim_segment_master
                            where store_id = 'unvalued' and axis_name in ('customer_maturity', 'purchase_value')""") == [
            ("customer_maturity",)
        ]
        assert shop.rows("""select sum(frequency), min(recency_days), count(*) from analytics.rfm_scores
                            where store_id = 'unvalued'""") == [(400, 3, 150)]
        assert shop.rows("""select sum(orders) from analytics.cohort_retention
                            where store_id = 'unvalued' and cohort_id = 'acquisition-month'""") == [(400,)]


def test_one_order_is_no_habit_and_what_came_back_of_it_is_known(small_stores):
    for shop in small_stores:
        assert shop.rows("""select feature, mean_rate, prior_strength from analytics_intermediate.int_axis_priors
                            where store_id = 'oneorder' and feature in ('orders_per_month', 'refunded_order_ratio')
                            order by 1""") == [
            ("orders_per_month", pytest.approx(29 / 2248.772074), 0.5),
            ("refunded_order_ratio", pytest.approx(20 / 230), 50),
        ]
        # c1 ordered once, 39 days ago, c171 first 29 days ago; all of c10 came back, and half of one order of c180
        prior = 0.5 * 2248.772074 / 29
        expected = {
            "c1": (1, 0.5 / (39 / 30.4375 + prior), 0, 50 / 576),
            "c10": (1, 0.5 / (372 / 30.4375 + prior), 1, 51 / 576),
            "c171": (2, 1.5 / (29 / 30.4375 + prior), 0, 50 / 577),
            "c180": (2, 1.5 / (362 / 30.4375 + prior), 1, 51 / 577),
        }
        for who, *values in shop.rows("""
                select customer_id, orders, orders_per_month, refunded_orders, refunded_order_ratio
                from analytics_intermediate.int_customer_axis_features
                where store_id = 'oneorder' and customer_id in ('c1', 'c10', 'c171', 'c180')"""):
            assert values == pytest.approx(expected.pop(who), abs=1e-6), (shop.target, who)
        assert not expected
        assert shop.rows("""
            select bool_and(refund_rate_is_known), bool_or(frequency_trend_is_known), bool_or(discount_rate_is_known)
            from analytics_intermediate.int_customer_axis_features where store_id = 'oneorder'""") == [(True, False, False)]
        assert shop.rows("""select distinct loyalty_trend, loyalty_trend_is_known from analytics.customer_behavior_features
                            where store_id = 'oneorder'""") == [(0, False)]
        assert (
            shop.rows("""
            select segments.segment_name, features.customer_id from analytics_intermediate.int_axis_dominants as dominants
            inner join analytics_intermediate.int_customer_axis_features as features using (store_id, customer_id)
            inner join analytics.dim_segment_master as segments using (store_id, segment_id)
            where store_id = 'oneorder' and (
                (segments.segment_name = 'high_frequency_loyalists' and features.orders = 1)
                or (segments.segment_name = 'rare_returners' and features.refunded_orders > 0))""")
            == []
        )


def test_what_is_no_value_is_shown_nowhere(small_stores):
    for shop in small_stores:
        assert shop.rows("""
            select profiles.customer_id, profiles.email, profiles.phone, profiles.city, profiles.country, has_email
            from analytics.audience_profiles as profiles
            inner join analytics_intermediate.int_profile_facts using (store_id, customer_id)
            where store_id = 'blocked' and profiles.customer_id like 'c%' order by 1""") == [
            *((f"c{number}", None, None, None, None, False) for number in (1, 2, 3)),
            *((f"c{number}", None, None, "Rome", country, False) for number, country in ((4, "IT"), (5, "NA"), (6, "IT"))),
            ("c7", "c7@shop.example", "+12025550144", "Rome", "IT", True),
        ]


def test_nobody_buys_at_full_price_where_no_discount_was_ever_told_of(small_stores):
    for shop in small_stores:
        assert shop.rows("""select segment_id, member_count from analytics.segments
                            where store_id = 'oneorder' and segment_id in ('full-price-buyers', 'repeat-customers')
                            order by 1""") == [("full-price-buyers", 0), ("repeat-customers", 30)]


def test_few_people_are_no_clusters(small_stores):
    for shop in small_stores:
        assert shop.rows("""select store_id, count(*) from analytics_intermediate.behavior_clusters
                            where store_id in ('halfvalued', 'blocked', 'oneorder') group by 1""") == [("oneorder", 200)]


def test_what_stands_in_for_a_table_is_said(small_stores):
    for shop in small_stores:
        assert shop.rows("""select store_id, table_name, stands_in, leaves_empty from analytics.data_completeness
                            where stands_in is not null and store_id in ('novalue', 'unvalued', 'halfvalued', 'visits')
                            order by 1, 2""") == [
            (
                "halfvalued",
                "orders",
                "4 orders of purchase events, 2 of them of unknown value",
                "Revenue of orders of unknown value; discounts and statuses of orders",
            ),
            (
                "novalue",
                "orders",
                "1 orders of purchase events, 1 of them of unknown value",
                "Revenue and whatever is made of it; discounts and statuses of orders",
            ),
            (
                "unvalued",
                "orders",
                "400 orders of purchase events, 400 of them of unknown value",
                "Revenue and whatever is made of it; discounts and statuses of orders",
            ),
            (
                "visits",
                "events",
                "2 visits of the table sessions",
                "Product interactions; search and discovery; funnels; whatever happened within visits",
            ),
        ]


def test_who_is_sent_newsletters_is_not_active_for_them(small_stores):
    for shop in small_stores:
        assert shop.rows("""
            select customer_id, days_since_seen, active_days, active_days_30d, total_events, emails_received, engagement_score
            from analytics_intermediate.int_profile_facts where store_id = 'newsletter' order by 1""") == [
            ("gone", 120, 1, 0, 1, 100, 0),
            ("never", None, 0, 0, 0, 100, 0),
            ("opens", 3, 1, 1, 1, 100, 33),
            ("reported", 21, 2, 1, 2, 0, 13),
        ]
        assert shop.rows("""select customer_id, current_stage from analytics.customer_journey_stages
                            where store_id = 'newsletter' order by 1""") == [
            ("gone", "awareness"),
            ("opens", "awareness"),
            ("reported", "awareness"),
        ]
        assert shop.rows("""select event_id, session_id from analytics.customer_events
                            where store_id = 'newsletter' and session_key is not null and event_type <> 'page_view'""") == [
            ("b5", shop.rows("select session_key from analytics.customer_events where event_id = 'b5'")[0][0])
        ]


def test_a_message_is_in_no_visit(small_stores):
    for shop in small_stores:
        assert shop.rows("""select customer_id, total_events, duration_seconds, is_bounce from analytics.sessions
                            where store_id = 'msgvisit' order by customer_id, started_at""") == [
            ("c1", 1, 0, True),
            ("c2", 1, 0, True),
            ("c2", 1, 0, True),
        ]
        assert shop.rows("""select event_id, is_own_act from analytics.customer_events
                            where store_id = 'msgvisit' and session_id is null and session_key is null order by 1""") == [
            ("a1", False),
            ("b2", True),
        ]


def test_a_visit_of_several_people_is_one_of_each(small_stores):
    for shop in small_stores:
        assert shop.rows("""select event_id, customer_id, session_sequence from analytics.customer_events
                            where store_id = 'tablet' order by 1""") == [
            ("e1", "c1", 1),
            ("e3", "c3", 1),
            ("e4", "c3", 2),
            ("e5", "c1", 2),
        ]
        assert shop.rows("""select session_id, customer_id, total_events, orders, revenue from analytics.sessions
                            where store_id = 'tablet' order by 2""") == [("s1", "c1", 2, 0, 0), ("s1", "c3", 2, 1, 30)]


def test_the_time_of_a_visit_is_that_of_its_steps(small_stores):
    for shop in small_stores:
        assert shop.rows("""select event_id, time_spent_seconds from analytics.customer_events
                            where store_id = 'steps' order by 1""") == [
            ("a1", 0),
            ("a2", 60),
            ("a3", 0),
            ("b1", 240),
            ("c1", 4),
            ("d1", 600),
        ]
        assert shop.rows("""select duration_seconds, page_views, is_bounce, ended_at < timestamp '2025-07-01'
                            from analytics.sessions where store_id = 'steps' order by started_at desc, 1 desc""") == [
            (59.999999, 1, False, True),
            (60, 2, False, True),
            (240, 1, False, True),
            (4, 1, True, True),
        ]


def test_an_order_is_of_the_visit_in_which_it_was_placed(small_stores):
    for shop in small_stores:
        assert shop.rows("""select session_id, has_purchase, orders, uncounted_orders, revenue from analytics.sessions
                            where store_id = 'linked' order by started_at""") == [
            ("named", True, 1, 0, 10),
            ("told", True, 1, 0, 20),
            ("moment", True, 1, 0, 30),
            ("lost", True, None, 0, None),
            ("cancelled", True, 0, 1, 0),
            ("shop", False, 0, 0, 0),
        ]
        assert shop.rows("""select attributed_revenue_share from analytics.data_completeness
                            where store_id = 'linked' and attributed_revenue_share is not null""") == [(0.3,)]
        assert shop.rows("""select count(*) from analytics.funnel_steps where store_id = 'linked' and step = 'purchase'""") == [
            (5,)
        ]


def test_a_bad_review_makes_no_advocate(small_stores):
    for shop in small_stores:
        assert shop.rows("""select customer_id, current_stage from analytics.customer_journey_stages
                            where store_id = 'stars' order by 1""") == [
            ("five", "advocacy"),
            ("one", "decision"),
            ("silent", "advocacy"),
        ]
