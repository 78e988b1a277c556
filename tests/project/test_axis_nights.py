"""Axes over nights: when they are fitted, which segments stay themselves, and what is remembered of everybody.

The demo shop goes on for a month in which nobody orders: everything that depends on the day drifts.
"""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest

from support.shops import BY_ENGINE, Shop

FITTED = "2025-06-30"
AXES = [
    "path:python_models/axes",
    "path:python_models/clusters",
    "path:models/intermediate/axes",
    "path:models/intermediate/clusters",
    "path:models/marts/axes",
    "axis_segments",
    "said_segment_names",
    "ai_segment_names",
    "cluster_segments",
    "said_cluster_labels",
    "dominant_changes",
    "segmentation_runs",
    "int_fit_settings",
    "int_membership_spells_by_id",
    "int_membership_spells",
    "customer_profiles",
]
LEDGER = "analytics_intermediate.axis_segments"
CHANGES = "analytics_intermediate.dominant_changes"


@pytest.fixture(scope="module", params=BY_ENGINE)
def shop(demo_copies, request) -> Shop:
    """A copy of the demo shop, whose axes were fitted in the night of FITTED."""
    (shop,) = demo_copies("axis_nights", request.param)
    return shop


def night(shop: Shop, as_of: str, **variables: object) -> None:
    """Make everything about axes for one night."""
    shop.dbt("run", "--select", *AXES, as_of=as_of, is_night=True, **variables)


def fits(shop: Shop, as_of: str) -> Counter:
    """Axis, and whether it was only tried -> rows of one night."""
    return Counter(shop.rows(f"select axis_name, is_trial from {LEDGER} where as_of = '{as_of}'"))


def test_a_month_of_nights(shop):
    first = fits(shop, FITTED)
    assert len(first) == 14 and not any(is_trial for _, is_trial in first)

    # a week has not passed: everybody is scored, and nothing is fitted
    night(shop, "2025-07-06")
    assert not fits(shop, "2025-07-06")
    assert shop.rows(f"select count(*) from {CHANGES} where as_of = '2025-07-06'") > [(10,)]

    # the same night again
    moves = shop.rows(f"select * from {CHANGES} order by store_id, kind, dimension, customer_id, as_of")
    night(shop, "2025-07-06")
    assert shop.rows(f"select * from {CHANGES} order by store_id, kind, dimension, customer_id, as_of") == moves

    # a trial is shown, and leaves everything as it is
    segments = shop.rows("select store_id, segment_id, segment_name from analytics.dim_segment_master order by 1, 2")
    night(shop, "2025-07-06", refit=True, trial_fit=True, axes=["purchase_value", "price_sensitivity"])
    assert {axis for axis, is_trial in fits(shop, "2025-07-06") if is_trial} >= {"purchase_value", "price_sensitivity"}
    assert {row[0] for row in shop.rows("select axis_name from analytics.axis_fits where is_trial")} >= {"purchase_value"}
    assert shop.rows("select store_id, segment_id, segment_name from analytics.dim_segment_master order by 1, 2") == segments

    # a forced fit of one axis, and the trial of that night is gone
    night(shop, "2025-07-06", refit=True, axes=["purchase_value"])
    assert {axis for axis, _ in fits(shop, "2025-07-06")} == {"purchase_value"}

    # a week after the first fit all are due but the one that was forced
    night(shop, "2025-07-07")
    assert set(first) - set(fits(shop, "2025-07-07")) == {("purchase_value", False)}

    # a month of drift
    before = {segment for (segment,) in shop.rows("select segment_id from analytics.dim_segment_master")}
    night(shop, "2025-07-30")
    found = shop.rows(f"select change_type, distance_moved, segment_id from {LEDGER} where as_of = '2025-07-30'")
    changes = Counter(change for change, _, _ in found)
    assert changes["kept"] > 40
    assert all(distance <= 0.5 for change, distance, _ in found if change == "kept")
    after = {segment for (segment,) in shop.rows("select segment_id from analytics.dim_segment_master")}
    kept = {segment for change, _, segment in found if change == "kept"}
    ended = {segment for change, _, segment in found if change in ("died", "merged")}
    assert kept <= before & after and not ended & after and ended <= before
    # who is gone keeps the last name
    last = dict(
        shop.rows("select segment_id, segment_name from analytics_intermediate.said_segment_names where as_of = '2025-07-07'")
    )
    names = dict(shop.rows("select segment_id, segment_name from analytics_intermediate.int_axis_segment_names"))
    assert all(names[segment] == last[segment] for segment in ended)
    # a centre that moved less than the tolerance and has no segment any more: another one took its place
    taken = shop.rows(f"""
        select count(*) from {LEDGER} as ended where as_of = '2025-07-30' and change_type in ('died', 'merged')
            and distance_moved <= 0.5 and segment_count >= (
                select count(*) from {LEDGER} as earlier
                where earlier.store_id = ended.store_id and earlier.axis_name = ended.axis_name and earlier.is_current
                    and earlier.as_of = (select max(as_of) from {LEDGER} as nights where nights.store_id = ended.store_id
                        and nights.axis_name = ended.axis_name and nights.as_of < '2025-07-30'))""")
    assert taken == [(0,)]

    # played again, the night is the same; so are the laws
    ledger = shop.rows(f"select * from {LEDGER} order by store_id, axis_name, as_of, segment_id")
    night(shop, "2025-07-30")
    assert shop.rows(f"select * from {LEDGER} order by store_id, axis_name, as_of, segment_id") == ledger
    shop.dbt(
        "test",
        "--select",
        "axis_memberships_add_up_to_one",
        "everybody_on_a_fitted_axis_is_scored",
        "open_spells_are_tonights_dominants",
        "spells_do_not_touch",
        "names_of_axis_segments_hold",
        as_of="2025-07-30",
    )


def test_spells_begin_with_the_first_night_and_close_when_somebody_moves(shop):
    rows = shop.rows("""
        select store_id, customer_id, axis_name, joined_at, left_at, left_reason from analytics.axis_dominant_history
        order by store_id, customer_id, axis_name, joined_at""")
    assert {str(row[3])[:10] for row in rows} >= {FITTED, "2025-07-06"}
    assert {row[5] for row in rows} <= {None, "criteria", "inactive"}
    assert any(row[5] == "criteria" for row in rows)
    for earlier, later in pairwise(rows):
        if earlier[:3] == later[:3]:
            assert earlier[4] == later[3]


def test_axis_segments_are_segments_like_any_other(shop):
    shop.dbt("run", "--select", "segments", "segment_memberships", as_of="2025-07-30")
    counted = shop.rows("""
        select segment_id, segments.member_count, master.customer_count, count(memberships.customer_id)
        from analytics.dim_segment_master as master
        inner join analytics.segments as segments using (store_id, segment_id)
        left join (select * from analytics.segment_memberships where is_current) as memberships using (store_id, segment_id)
        where segments.segment_type = 'axis' and segments.is_active
        group by segment_id, segments.member_count, master.customer_count""")
    assert len(counted) > 50 and all(len(set(row[1:])) == 1 for row in counted)
    clusters = shop.rows("select is_active, member_count from analytics.segments where model_id = 'behavior_clusters'")
    current = shop.rows("select count(*) from analytics_intermediate.int_cluster_segments where is_current")
    assert current == [(sum(is_active for is_active, _ in clusters),)] and current > [(6,)]
    assert all(count > 0 for is_active, count in clusters if is_active)


def test_a_fit_that_fails_is_in_the_run_log_and_changes_nothing(shop):
    ledger = shop.rows(f"select count(*) from {LEDGER}")
    shop.execute("update analytics_seeds.axes set transform = 'log2' where transform = 'log1p'")
    with pytest.raises(AssertionError, match="transform must be one of"):
        night(shop, "2025-08-30")
    shop.execute("update analytics_seeds.axes set transform = 'log1p' where transform = 'log2'")
    assert shop.rows(f"select count(*) from {LEDGER}") == ledger
    failed = shop.rows("select store_id, segments_created, error from analytics.segmentation_runs where status = 'failed'")
    assert [store for store, _, _ in sorted(failed)] == ["store_1", "store_2"]
    assert all(created == 0 and "transform must be one of" in error for _, created, error in failed)
    night(shop, "2025-08-30")
    runs = shop.rows("select fit_model, status, segment_count from analytics.segmentation_runs where as_of = '2025-08-30'")
    assert len(runs) == 4 and all(status == "completed" and count > 2 for _, status, count in runs)
