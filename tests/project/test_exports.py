"""Nobody is handed over who may not be met: people of the demo shop say no in every way there is, on both engines.

What the shop knows of them is changed in the tables that later models read; only those are made again, as the next night.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from unittest import mock

import duckdb
import pytest

from support.shops import Shop, both, changes
from tessera.cli import main as tessera
from tessera.export.files import ExportError
from tessera.export.removals import write_removals
from tessera.warehouse import open_marts

NIGHT = "2025-07-01"
MADE = [
    "int_customers",
    "int_profile_facts",
    "int_named_segments",
    "int_export_segments",
    "int_contact_permissions",
    "int_export_permissions",
    "int_export_profiles",
    "int_export_contacts",
    "export_history",
    "marketing_export",
]
LAW = "nobody_is_exported_who_may_not_be_contacted"
EXPORTS = ("analytics.marketing_export", "analytics_intermediate.export_history")
RECORDS = "analytics_staging.base_customers"
IDENTITIES = "analytics_intermediate.customer_identities"
LATER = "updated_at = timestamp '2025-06-29 12:00:00'"
# Reason of the removal -> what happened to the person, where {it} is a condition of the customer's own rows.
PLANTED = {
    "do_not_track": f"update {RECORDS} set do_not_track = true where {{it}}",
    "unsubscribed": f"update {RECORDS} set email_subscribed = false, {LATER} where {{it}}",
    "consent_refused": f"update {RECORDS} set gdpr_consent = false, {LATER} where {{it}}",
    "not_subscribed": f"update {RECORDS} set email_subscribed = null, sms_subscribed = null, {LATER} where {{it}}",
    "by_event": "update analytics_intermediate.int_activity_totals set last_unsubscribe_date = date '2025-06-30' where {it}",
    "shared": f"update {IDENTITIES} set status = 'shared' where {{it}} and identifier_type in ('email', 'phone')",
    "blocked": f"""
        insert into analytics_seeds.custom_identity_rules (rule_id, rule, identifier_type, value)
            select 'planted', 'blocked', 'email', email from analytics.marketing_export where {{it}} and destination_id = 'email';
        update {RECORDS} set phone = null where {{it}};
        delete from {IDENTITIES} where {{it}} and identifier_type in ('email', 'phone')""",
    # a record of somebody else, who said no, has the address too
    "of_two": f"""
        update {RECORDS} set email_subscribed = false, {LATER}, phone = null, email = (
            select email from analytics.marketing_export where {{it}} and destination_id = 'email')
        where store_id = 'store_1' and customer_id = (
            select max(customer_id) from {RECORDS} where store_id = 'store_1' and fate = 'accepted' and customer_id like 'c%');
        update {RECORDS} set phone = null where {{it}};
        delete from {IDENTITIES} where {{it}} and identifier_type = 'phone'""",
    "other_address": f"""
        update {RECORDS} set email = 'new.' || email where {{it}};
        update {IDENTITIES} set identifier = 'email:new.' || identifier_value, identifier_value = 'new.' || identifier_value
            where {{it}} and identifier_type = 'email'""",
    "gone": f"""
        delete from {RECORDS} where {{it}};
        delete from {IDENTITIES} where {{it}}""",
}
# Why they are removed; the channels of which are told where they differ.
REASONS = {"by_event": "unsubscribed", "shared": "no_address", "blocked": "no_address", "of_two": "no_address"}


@pytest.fixture(scope="module")
def shops(demo_copies) -> Iterator[tuple[list[Shop], dict[str, str], dict[str, dict]]]:
    """Two copies of the demo shop after the night on which it all happened; whom it happened to, and what was there before."""
    copies = demo_copies("exports")
    # of one person each, known by one customer record and one address, and handed over by e-mail and for ads
    alone = copies[0].rows(f"""
        select mails.customer_id
        from analytics.marketing_export as mails
        inner join analytics.marketing_export as ads using (store_id, customer_id)
        inner join {IDENTITIES} as identities using (store_id, customer_id)
        where mails.destination_id = 'email' and ads.destination_id = 'ads' and mails.store_id = 'store_1'
            and mails.is_exported and ads.is_exported and mails.customer_id like 'c%'
        group by mails.customer_id
        having count(case when identifier_type in ('customer', 'email') then 1 end) = 2
        order by mails.customer_id limit {len(PLANTED)}""")
    people = dict(zip(PLANTED, (customer for (customer,) in alone), strict=True))
    before = {shop.target: shop.frames(EXPORTS) for shop in copies}

    def work(shop: Shop) -> None:
        for reason, statements in PLANTED.items():
            it = f"store_id = 'store_1' and customer_id = '{people[reason]}'"
            for statement in statements.split(";"):
                shop.execute(statement.format(it=it))
        # identities, and what is read by views alone, are as they were changed
        run = ["run", "--select", "stg_identity_rules", *MADE]
        shop.dbt(*run, as_of=NIGHT, is_night=True)
        shop.dbt("test", "--select", LAW, "unique_key_marketing_export_store_id__destination_id__contact_key", as_of=NIGHT)

    both(copies, work)
    yield copies, people, before


def moves(shop: Shop, person: str) -> dict[str, tuple]:
    """What became of a person: destination -> whether handed over, the change, when, and why."""
    rows = shop.rows(f"""
        select destination_id, is_exported, change_type, cast(cast(changed_at as date) as text), removal_reason, email
        from analytics.marketing_export where store_id = 'store_1' and customer_id = '{person}' order by is_exported""")
    return {row[0]: row[1:5] for row in rows}


def test_before_they_were_handed_over_and_what_both_engines_say_is_one(shops):
    _, _, before = shops
    assert changes(*before.values()) == []
    assert before["duckdb"]["analytics.marketing_export"].num_rows > 500


@pytest.mark.parametrize("planted", [name for name in PLANTED if name != "other_address"])
def test_whoever_may_not_be_met_any_more_is_removed_and_it_is_said_why(shops, planted):
    copies, people, _ = shops
    for shop in copies:
        found = moves(shop, people[planted])
        removed = (False, "removed", NIGHT, REASONS.get(planted, planted))
        assert found["email"] == removed
        # who wants no e-mail but agreed to the use of their data did not say no to ads
        assert found["ads"] == removed if planted != "not_subscribed" else found["ads"][0]
    assert moves(copies[0], people[planted]) == moves(copies[1], people[planted])


def test_another_address_is_another_contact_and_the_old_one_is_removed(shops):
    copies, people, _ = shops
    for shop in copies:
        rows = shop.rows(f"""
            select is_exported, removal_reason, email like 'new.%' from analytics.marketing_export
            where customer_id = '{people["other_address"]}' and store_id = 'store_1' and destination_id = 'email' order by 1""")
        assert rows == [(False, "other_address", False), (True, None, True)]


def test_of_who_is_removed_no_more_is_kept_than_the_tool_needs(shops):
    copies, _, _ = shops
    for shop in copies:
        assert shop.rows("""
            select count(first_name) + count(city) + count(attributes) + count(segment_ids) + count(gdpr_consent),
                count(case when destination_id = 'ads' then email end), count(*) > 10
            from analytics.marketing_export where not is_exported""") == [(0, 0, True)]


def test_both_engines_say_the_same_and_a_second_run_changes_nothing(shops):
    copies, _, _ = shops
    once = [shop.frames(EXPORTS) for shop in copies]
    assert changes(*once) == []
    copies[0].dbt("run", "--select", *MADE, as_of=NIGHT, is_night=True)
    assert changes(once[0], copies[0].frames(EXPORTS)) == []


def test_a_run_that_is_no_night_hands_nothing_over_and_shows_it_nevertheless(shops):
    (shop, _), people, _ = shops
    ledger = shop.frames(EXPORTS[1:])
    shop.dbt("run", "--select", "int_export_contacts", "export_history", "marketing_export", as_of="2025-07-02")
    assert changes(ledger, shop.frames(EXPORTS[1:])) == []
    assert moves(shop, people["unsubscribed"])["email"] == (False, "removed", NIGHT, "unsubscribed")


def exported(shop: Shop, *arguments: str) -> None:
    """Run the command for a shop."""
    with mock.patch.dict(os.environ, shop.env):
        assert tessera(["export", *arguments, "--target", shop.target, "--store", "store_1"]) == 0


def test_the_command_writes_the_same_for_both_engines(shops, tmp_path, capsys):
    copies, people, _ = shops
    for form in ("csv", "klaviyo", "hubspot"):
        for shop in copies:
            exported(shop, "all", "--format", form, "--output", str(tmp_path / shop.target))
        one, other = (json_values((tmp_path / shop.target).read_text(encoding="utf-8")) for shop in copies)
        assert one == other
    since = tmp_path / "since.jsonl"
    exported(copies[1], "all", "--since", "2025-06-30", "--format", "jsonl", "--output", str(since))
    rows = [json.loads(line) for line in since.read_text(encoding="utf-8").splitlines()]
    assert {row["reason"] for row in rows if row["customer_id"] in people.values()} >= {"do_not_track", "unsubscribed", None}
    assert [row["move"] for row in rows] == sorted((row["move"] for row in rows), key=["remove", "leave", "upsert"].index)
    assert not {row["customer_id"] for row in rows if row["move"] == "upsert"} & {people["gone"], people["do_not_track"]}
    assert re.search(r"\d+ rows; \d+ to add or change, \d+ to remove, of the destination email", capsys.readouterr().out)


def test_a_file_without_anybody_says_why(shops, tmp_path, capsys):
    copies, _, _ = shops
    for shop in copies:
        shop.execute("""
            update analytics_intermediate.int_export_permissions set is_allowed = false, reason = 'no_consent'
            where store_id = 'store_2' and destination_id = 'email';
            delete from analytics.marketing_export where store_id = 'store_2' and destination_id = 'email'""")
        with mock.patch.dict(os.environ, shop.env):
            asked = ["export", "champions", "--target", shop.target, "--store", "store_2", "--output", str(tmp_path / "none.csv")]
            assert tessera(asked) == 0
        found = re.search(r": 0 rows; 0 to add or change \(nobody of (\d+) may be met: no_consent (\d+)", capsys.readouterr().out)
        assert found and 0 < int(found[2]) <= int(found[1])


def json_values(text: str) -> str:
    """Text in which a number of JSON is spelled in one way."""
    return re.sub(r"\b(\d+)\.(\d*?)0+\b(?=[,}\n])", lambda found: found[1] + (f".{found[2]}" if found[2] else ""), text)


def test_the_operation_of_dbt_writes_what_the_command_writes(shops, tmp_path):
    copies, _, _ = shops
    for shop in copies:
        exported(shop, "all", "--format", "braze", "--output", str(tmp_path / "command"))
        given = {"segment": "all", "store": "store_1", "format": "braze", "path": str(tmp_path / "operation")}
        said = shop.dbt("run-operation", "export_segment", "--args", json.dumps(given)).stdout
        assert "to add or change" in said
        assert (tmp_path / "operation").read_bytes() == (tmp_path / "command").read_bytes()
        done = shop.dbt("run-operation", "export_segment", "--args", json.dumps({**given, "store": "x"}), check=False)
        assert done.returncode == 1 and "There is no store 'x'" in done.stdout


def test_who_is_told_hashes_alone_is_told_no_ids(shops, tmp_path):
    copies, _, _ = shops
    path = tmp_path / "ads.jsonl"
    for since, move in ([], "upsert"), (["--since", "2025-06-30"], "remove"):
        exported(copies[1], "all", "--destination", "ads", *since, "--format", "jsonl", "--output", str(path))
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        assert move in {row["move"] for row in rows}
        told = {name for row in rows for name, value in row.items() if value not in (None, [])}
        assert told <= {"move", "reason", "email_sha256", "phone_sha256", "phone_digits_sha256", "segments"}


def test_who_left_a_segment_is_told(shops, tmp_path):
    copies, _, _ = shops
    shop = copies[0]
    # as if the night before had seen somebody among the champions who is not
    with duckdb.connect(shop.database()) as connection:
        ((person,),) = connection.execute("""
            select customer_id from analytics.marketing_export
            where store_id = 'store_1' and destination_id = 'email' and is_exported and not 'champions' = any(segment_ids)
            order by customer_id limit 1""").fetchall()
        connection.execute(
            """update analytics_intermediate.export_history set segment_ids = ['champions']
            where customer_id = $1 and store_id = 'store_1' and destination_id = 'email' and as_of < timestamp '2025-07-01'""",
            [person],
        )
    path = tmp_path / "champions.jsonl"
    exported(shop, "Champions", "--since", "2025-06-30", "--format", "jsonl", "--output", str(path))
    rows = {row["customer_id"]: row for row in map(json.loads, path.read_text(encoding="utf-8").splitlines())}
    assert rows[person]["move"] == "leave" and "Champions" not in rows[person]["segments"]


def test_a_destination_that_is_not_used_any_more_is_told_whom_to_remove(shops, tmp_path):
    (shop, _), _, _ = shops
    shop.execute("update analytics_seeds.export_destinations set status = 'inactive' where destination_id = 'sms'")
    shop.dbt("run", "--select", *MADE, as_of=NIGHT, is_night=True)
    path = tmp_path / "sms.jsonl"
    exported(shop, "all", "--destination", "sms", "--since", "2025-06-30", "--format", "jsonl", "--output", str(path))
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert len(rows) > 10 and {row["move"] for row in rows} == {"remove"}
    assert {row["reason"] for row in rows} == {"inactive"} and all(row["phone"] for row in rows)
    shop.execute("update analytics_seeds.export_destinations set status = 'active' where destination_id = 'sms'")
    shop.dbt("run", "--select", *MADE, as_of=NIGHT, is_night=True)


def test_who_is_forgotten_is_nowhere_and_what_tools_are_told_is_written_before(shops, tmp_path):
    copies, people, _ = shops
    person = people["unsubscribed"]
    with duckdb.connect(copies[0].database(), read_only=True) as connection:
        ((email,),) = connection.execute(
            """select email from analytics.marketing_export
            where store_id = 'store_1' and customer_id = $1 and destination_id = 'email'""",
            [person],
        ).fetchall()
    for shop in copies:
        folder = tmp_path / shop.target
        with mock.patch.dict(os.environ, shop.env), open_marts(shop.target) as marts:
            would = write_removals(marts, "store_1", f"email:{email.upper()}", folder, dry_run=True)
            assert not folder.exists()
            paths = write_removals(marts, "store_1", f"email:{email.upper()}", folder)
            assert paths == would and sorted(folder.iterdir()) == sorted(paths)
            # what was written for one person is not lost to the next one
            with pytest.raises(ExportError, match="name a new folder"):
                write_removals(marts, "store_1", people["of_two"], folder)
            assert sorted(folder.iterdir()) == sorted(paths)
            assert write_removals(marts, "store_1", "nobody", folder / "empty") == [] and not (folder / "empty").exists()
        assert {path.name for path in paths} >= {"ads.jsonl", "email.jsonl", "email.klaviyo.jsonl", "email.hubspot.jsonl"}
        (row,) = map(json.loads, (folder / "email.jsonl").read_text(encoding="utf-8").splitlines())
        (hashed,) = map(json.loads, (folder / "ads.jsonl").read_text(encoding="utf-8").splitlines())
        assert hashed["email_sha256"] and not hashed["customer_id"]
        told = {name: value for name, value in row.items() if value is not None}
        assert told == {"move": "remove", "reason": "forgotten", "customer_id": person, "email": email}
    # what forgetting does on Postgres is shown by its own tests
    shop = copies[0]
    shop.env["TESSERA_ERASURE_SECRET"] = "0123456789abcdef" * 4
    shop.dbt("run-operation", "forget_customer", "--args", json.dumps({"store_id": "store_1", "person": person}))
    assert moves(shop, person) == {}
    shop.dbt("run", "--select", *MADE, as_of="2025-07-02", is_night=True)
    assert moves(shop, person) == {}
    assert shop.rows(
        "select count(*) from analytics_intermediate.export_history "
        f"where store_id = 'store_1' and (customer_id = '{person}' or email = '{email}' or contact_key like '%{email}%')"
    ) == [(0,)]


def test_what_there_is_not_is_a_sentence(shops, tmp_path, capsys):
    (shop, _), _, _ = shops
    with mock.patch.dict(os.environ, shop.env):
        for arguments, said in [
            (["nobody", "--store", "store_1"], "is told of no segment 'nobody'"),
            (["all"], "There are several stores"),
            (["all", "--store", "x"], "There is no store 'x'"),
            (["all", "--store", "store_1", "--destination", "fax"], "has no active destination 'fax'"),
            (["all", "--store", "store_1", "--format", "meta"], "The format meta needs --account"),
            (["all", "--store", "store_1", "--output", str(tmp_path / "a" / "b")], "There is no folder"),
            (
                ["all", "--store", "store_1", "--destination", "ads", "--format", "klaviyo"],
                "klaviyo cannot tell the destination ads",
            ),
            (["all", "--store", "store_1", "--destination", "sms", "--format", "hubspot"], "of the channel sms; it takes: email"),
            (["all", "--store", "store_1", "--since", "2025-06-31"], "'2025-06-31' is no night"),
            (["all", "--store", "store_1", "--since", "2025-06-29T00:00+02:00"], "has a time zone"),
            (["all", "--store", "store_1", "--since", "2031-01-01"], "The last night is that of 2025-07-0"),
            (["all", "--store", "store_1", "--list", "7"], "--list means nothing to the format csv"),
            (
                ["all", "--store", "store_1", "--format", "klaviyo", "--account", "7"],
                "--account means nothing to the format klaviyo",
            ),
        ]:
            assert tessera(["export", *arguments]) == 1
            assert said in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
