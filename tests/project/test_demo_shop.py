"""The demo shop on both engines: the same tables, the planted truth found again, and runs that change nothing."""

from __future__ import annotations

import pytest

from support.shops import both, differences

FATES = ("accepted", "duplicate", "rejected", "suppressed", "not_yet")


def test_both_engines_make_the_same_tables(demo):
    assert differences(*demo) == []


def test_every_planted_row_gets_the_fate_that_was_planted(demo):
    for shop in demo:
        planted = dict(
            ((store, table, fate), int(rows))
            for store, table, fate, rows in shop.rows(
                "select store_id, table_name, fate, rows from raw.truth_fates where rows > 0"
            )
        )
        found = {
            (store, table, fate): int(rows)
            for fate in FATES
            for store, table, rows in shop.rows(
                f"select store_id, table_name, {fate}_rows from analytics.staging_quality where {fate}_rows > 0"
            )
        }
        # planted are events that name a customer who asked not to be tracked; those of their devices and addresses go with them
        unnamed = dict(
            shop.rows("""
            select events.store_id, count(*) from analytics_intermediate.int_events_enriched as events
            left join analytics_staging.stg_customers as customers on events.store_id = customers.store_id
                and events.event_customer_id = customers.source_customer_id and customers.do_not_track
            where events.fate = 'suppressed' and customers.source_customer_id is null group by events.store_id""")
        )
        assert unnamed, shop.target
        for store, rows in unnamed.items():
            found[store, "events", "suppressed"] -= rows
            found[store, "events", "accepted"] += rows
        assert found == planted, shop.target


def test_nobody_loses_an_event_to_another_who_is_not_tracked(demo):
    for shop in demo:
        assert shop.rows("""
            with quiet as (
                select truth.store_id, truth.identifier_type, truth.identifier from raw.truth_identities as truth
                inner join raw.truth_identities as theirs on truth.store_id = theirs.store_id
                    and truth.person_id = theirs.person_id and theirs.identifier_type = 'customer_id'
                inner join analytics_staging.stg_customers as customers on theirs.store_id = customers.store_id
                    and theirs.identifier = customers.source_customer_id and customers.do_not_track
            )
            select count(*) > 20, count(*) filter (where events.event_customer_id is not null and not exists (
                select 1 from quiet where quiet.store_id = events.store_id and quiet.identifier = events.event_customer_id
                    and quiet.identifier_type = 'customer_id'))
            from analytics_intermediate.int_events_enriched as events where events.fate = 'suppressed'""") == [(True, 0)]


@pytest.mark.parametrize("engine", [0, pytest.param(1, marks=pytest.mark.torture)], ids=["duckdb", "postgres"])
def test_a_second_run_of_the_same_night_changes_nothing(demo, demo_built, engine):
    shop = demo[engine]
    shop.build("--exclude-resource-type", "test")
    assert differences(shop.at(demo_built[shop.target]), shop) == []
    # tables that dbt fills others from, and nobody knows of
    assert shop.rows("select table_schema, table_name from information_schema.tables where table_name like '%dbt_tmp%'") == []


def test_an_earlier_night_is_refused_in_a_sentence(demo):
    for done in both(demo, lambda shop: shop.dbt("run", check=False, as_of="2025-06-01")):
        assert done.returncode != 0
        assert "is before the last night that was built" in done.stdout


def test_visits_are_those_of_a_shop(demo):
    for store, ordered, left, completed, begun, unnamed, single in demo[0].rows("""
            with first_events as (
                select store_id, session_key, min_by(event_type, (occurred_at, event_id)) as event_type,
                    min_by(is_page_load, (occurred_at, event_id)) as is_page_load
                from analytics.customer_events where session_key is not null group by store_id, session_key
            )
            select sessions.store_id, avg(has_purchase::int),
                1 - count(*) filter (where has_cart and has_purchase) / count(*) filter (where has_cart),
                count(*) filter (where has_checkout and has_purchase) / count(*) filter (where has_checkout),
                avg((is_page_load or event_type in ('page_view', 'product_view', 'collection_view'))::int),
                avg((source_customer_id is null)::int), avg((page_views = 1)::int)
            from analytics.sessions inner join first_events using (store_id, session_key)
            where has_events group by sessions.store_id"""):
        assert 0.02 <= ordered <= 0.04, store
        assert left == pytest.approx(0.7, abs=0.04), store
        assert completed == pytest.approx(0.5, abs=0.05), store
        assert begun > 0.9, store
        assert unnamed > 0.5, store
        assert 0.4 < single < 0.7, store


def test_visits_come_from_many_places_on_many_devices(demo):
    (places,) = demo[0].rows("""
        select avg((campaign is null and referrer is null)::int), avg((campaign is null and referrer like '%google%')::int),
            avg((medium = 'cpc')::int), avg((medium = 'social')::int), avg((medium = 'email')::int),
            avg((device_type = 'mobile')::int), avg((device_type = 'desktop')::int), avg((device_type = 'tablet')::int)
        from analytics.sessions""")
    direct, found, paid, social, mailed, mobile, desktop, tablet = (float(share) for share in places)
    assert min(direct, found) > 0.2 and min(paid, social) > 0.05 and mailed > 0.01
    assert mobile > desktop > tablet > 0.02


def test_the_newsletter_is_read_as_newsletters_are(demo):
    for store, sent, opened, clicked, left, bounced in demo[0].rows("""
            select store_id, count(*) filter (where event_type in ('email_sent', 'email_delivered')),
                count(*) filter (where event_type = 'email_open'), count(*) filter (where event_type = 'email_click'),
                count(*) filter (where event_type = 'email_unsubscribe'), count(*) filter (where event_name = 'email bounced')
            from analytics.customer_events group by store_id"""):
        assert opened / sent == pytest.approx(0.3, abs=0.03), store
        assert clicked / sent == pytest.approx(0.022, abs=0.007), store
        assert 0 < left / sent < 0.01, store
        assert 0 < bounced / sent < 0.01, store


# Twenty orders and 5,000 spent: no shop whose orders are of sixty has a hundredth of such people.
OUT_OF_REACH = {"vip-customers"}
# What a shop on the web tells of; nearly everybody views a page.
EVENT_TYPES = """
    product_view collection_view search cart_view add_to_cart remove_from_cart checkout_start checkout_step payment_info purchase
    wishlist review share referral article_read video_watch podcast_listen download email_sent email_open email_click
    email_unsubscribe sms_sent sms_open sms_click social_click ad_click click sign_up login lead other
"""


@pytest.mark.parametrize(
    ("expected", "members"),
    [
        pytest.param(
            "select segment_id from analytics_seeds.segment_definitions",
            "select store_id, segment_id, customer_id from analytics.segment_memberships where is_current",
            id="segments",
        ),
        pytest.param(
            "select distinct stage from analytics_seeds.journey_rules",
            "select store_id, current_stage, customer_id from analytics.customer_journey_stages",
            id="stages",
        ),
        pytest.param(
            "select rule_id from analytics_seeds.score_rules where score = 'wtp'",
            "select store_id, rule_id, customer_id from analytics.score_contributions",
            id="rules of willingness to pay",
        ),
        pytest.param(
            f"select unnest(string_split(trim('{' '.join(EVENT_TYPES.split())}'), ' '))",
            # one of the shops tells of deliveries instead
            "select distinct store_id, replace(event_type, '_delivered', '_sent'), customer_id from analytics.customer_events",
            id="events",
        ),
    ],
)
def test_every_group_has_people_and_none_has_most(demo, expected, members):
    # Of the people whom the shop knows: of devices without a name there are more, which hardly any group is made for.
    shares = demo[0].rows(f"""
        with known as (select store_id, customer_id from analytics.audience_profiles where is_identified),
        stores as (select store_id, count(*) as people from known group by store_id),
        found as (
            select members.store_id, members.named, count(*) as people from ({members}) as members(store_id, named, customer_id)
            inner join known using (store_id, customer_id) group by members.store_id, members.named
        )
        select stores.store_id, expected.named, coalesce(found.people, 0) / stores.people
        from stores cross join ({expected}) as expected(named)
        left join found on stores.store_id = found.store_id and expected.named = found.named""")
    assert len(shares) >= 10
    assert {
        (store, named): round(share, 3)
        for store, named, share in shares
        if named not in OUT_OF_REACH and not 0.01 <= share <= 0.6
    } == {}
