"""Rows that no sum, range or clock expects (support/ranges.sql): what a night makes of them, on both engines alike."""

from __future__ import annotations

from decimal import Decimal

import pytest

MOST = Decimal("9999999999999999.99")


def test_totals_that_do_not_fit_are_the_most_that_fits(small_stores):
    for shop in small_stores:
        assert shop.rows("""select customer_id, gross_revenue, refunded_amount, total_spent
                            from analytics.customer_behavior_summary where store_id = 'huge' order by 1""") == [
            ("c1", MOST, MOST, 0),
            ("c3", 80, MOST, 80 - MOST),
        ]
        assert shop.rows("select max(line_total) from analytics_intermediate.int_order_items where store_id = 'huge'") == [
            (Decimal("899999999999.91"),)
        ]
        assert shop.rows("select max(revenue) from analytics.sessions where store_id = 'huge'") == [(MOST,)]
        assert shop.rows("select max(cumulative_revenue) from analytics.cohort_retention where store_id = 'huge'")[0][0] <= MOST


def test_purchases_of_a_store_without_orders_add_up_as_orders_do(small_stores):
    for shop in small_stores:
        assert shop.rows("""select customer_id, total_purchases, total_spent from analytics.customer_behavior_summary
                            where store_id = 'purchases' order by 1""") == [
            ("c1", 10100, MOST),
            ("c2", 0, Decimal("-19999999999999.80")),
        ]


def test_what_is_taken_off_or_paid_back_is_so_with_either_sign(small_stores):
    for shop in small_stores:
        assert shop.rows("""select order_id, discount_amount, coalesce(refunded_amount, 0) from analytics_intermediate.int_orders
                            left join analytics_intermediate.int_order_refunds using (store_id, order_id)
                            where store_id = 'reversed' and order_id in ('o1', 'o2', 'o3', 'o4') order by 1""") == [
            ("o1", 5, 0),
            ("o2", 10, 20),
            ("o3", 50, 0),
            ("o4", 1005, 1000),
        ]
        assert shop.rows("""select line_total from analytics_intermediate.int_order_items
                            where store_id = 'reversed' and order_id = 'o2'""") == [(90,)]


def test_lines_below_zero_leave_every_feature_in_its_range(small_stores):
    """A coupon as a line of its own, discounts above the price and gifts; in_range tests hold the rest."""
    for shop in small_stores:
        # all that c3 bought was sent back: as far from the store's mean as so many orders tell
        ((score, price, returned, orders, mean, strength),) = shop.rows("""
            select features.discount_hunt_score, features.avg_item_price, features.items_returned_pct, features.orders,
                priors.mean_rate, priors.prior_strength
            from analytics_intermediate.int_customer_axis_features as features
            inner join analytics_intermediate.int_axis_priors as priors using (store_id)
            where features.store_id = 'reversed' and features.customer_id = 'c3' and priors.feature = 'items_returned_pct'""")
        assert score == 0 and price >= 0
        assert returned == pytest.approx((orders + strength) / (orders + strength / mean), abs=1e-6)


def test_nothing_is_paid_back_before_it_is_paid(small_stores):
    for shop in small_stores:
        assert shop.rows("""select count(*) from analytics_intermediate.int_refunds as refunds
                            inner join analytics_intermediate.int_orders as orders using (store_id, order_id)
                            where refunds.refunded_at < orders.ordered_at""") == [(0,)]
        assert shop.rows("""select order_id, cast(refund_date as text) from analytics_intermediate.int_refunds
                            where store_id = 'clocks' and order_id in ('o1', 'o4', 'same1') order by 1""") == [
            ("o1", "2025-05-02"),
            ("o4", "2000-01-01"),
            ("same1", "2025-03-02"),
        ]


def test_a_rate_that_nothing_can_be_multiplied_by_is_refused(small_stores):
    for shop in small_stores:
        assert shop.rows("""select table_name, reason, column_name, row_count from analytics.staging_issues
                            where store_id = 'rates' and issue = 'rejected' order by 1, 2""") == [
            ("exchange_rates", "too_large", "rate", 1),
            ("exchange_rates", "zero", "rate", 1),
            ("orders", "no_rate", "currency", 6),
        ]
