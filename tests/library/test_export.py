"""Exports in the shapes that tools take, by hand and against schemas of their documentation; files are whole or not there."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import stat
from collections.abc import Iterable
from pathlib import Path

import jsonschema
import pyarrow.parquet as pq
import pytest

import tessera.export
from tessera.export import TOOLS, Audience, Contact, Request
from tessera.export.command import write
from tessera.export.files import COLUMNS, ExportError, harmless, read_requests, row_of, whole
from tessera.export.removals import deletions
from tessera.export.requests import batched, compact
from tessera.export.tools import ATTRIBUTES

SCHEMAS = Path(tessera.export.__file__).parent / "schemas"
CHAMPIONS = Audience("Champions", "champions")
GIVEN = Audience("Champions", "champions", members="77", account="123")


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def somebody(number: int, move: str = "upsert", reason: str | None = None, **given) -> Contact:
    """A contact; of who is removed only the address is known, as in the mart."""
    email = f"p{number}@mail.example"
    values = {
        "move": move,
        "contact_key": f"email:{email}",
        "customer_id": f"c{number}",
        "channel": "email",
        "reason": reason,
        "email": email,
        "email_sha256": sha(email),
    }
    if move != "remove":
        values |= {
            "profile": {"first_name": "Zoë", "city": "Köln", "timezone": "Europe/Berlin"},
            "segments": ["Champions", "A;B"],
            "attributes": {**dict.fromkeys(ATTRIBUTES), "total_orders": 3, "total_revenue": 9.5},
            "gdpr_consent": True,
        }
    return Contact(**{**values, **given})


def hashed(number: int, move: str = "upsert", **given) -> Contact:
    """The same for an ad platform, with a number where it is odd."""
    phone = f"+4915550{number:05d}"
    digits = {"phone_sha256": sha(phone), "phone_digits_sha256": sha(phone[1:])} if number % 2 else {}
    return somebody(number, move, email=None, profile={}, attributes={}, **digits, **given)


def bodies(requests: Iterable[Request]) -> list[tuple[str, str, dict]]:
    return [(request.method, request.path, request.body) for request in requests]


def requests_of(tool: str, audience: Audience, *contacts: Contact) -> list[Request]:
    """Requests of a tool, each as its documentation has it, and in no more bytes."""
    schema = json.loads((SCHEMAS / f"{tool}.json").read_text(encoding="utf-8"))
    validator = jsonschema.Draft202012Validator(schema)
    found = list(TOOLS[tool].requests(audience, contacts))
    for request in found:
        line = json.loads(request.line())
        assert not [error.message[:300] for error in validator.iter_errors(line)]
    return found


@pytest.mark.parametrize("tool", TOOLS)
def test_schemas_are_schemas_and_refuse_what_is_no_request(tool):
    schema = json.loads((SCHEMAS / f"{tool}.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    make = hashed if TOOLS[tool].destination == "ads" else somebody
    line = json.loads(requests_of(tool, GIVEN, make(1))[0].line())
    assert validator.is_valid(line)
    assert not validator.is_valid({**line, "body": {}})
    assert not validator.is_valid({**line, "path": "/elsewhere"})


def test_klaviyo_has_a_list_of_the_segment_and_profiles_in_it():
    made, imported = requests_of("klaviyo", CHAMPIONS, somebody(1))
    assert (made.path, made.body["data"]["attributes"], made.saves) == (
        "/api/lists",
        {"name": "Segment: Champions"},
        {"list": "data.id"},
    )
    assert imported.body["data"]["relationships"]["lists"]["data"] == [{"type": "list", "id": "{list}"}]
    (profile,) = imported.body["data"]["attributes"]["profiles"]["data"]
    assert profile["attributes"]["email"] == "p1@mail.example" and profile["attributes"]["external_id"] == "c1"
    assert profile["attributes"]["location"] == {"city": "Köln", "timezone": "Europe/Berlin"}
    assert profile["attributes"]["properties"]["tessera_segments"] == ["Champions", "A;B"]
    # a null clears a property; a name that is not known is left alone
    assert profile["attributes"]["properties"]["tessera_churn_risk"] is None and "last_name" not in profile["attributes"]
    (imported,) = requests_of("klaviyo", GIVEN, somebody(1))
    assert imported.body["data"]["relationships"]["lists"]["data"] == [{"type": "list", "id": "77"}]


def test_klaviyo_unsubscribes_who_said_no_and_clears_who_is_removed():
    left, moved = somebody(1, "remove", "unsubscribed"), somebody(2, "remove", "other_address")
    stays = somebody(3, "leave", segments=["Others"])
    unsubscribed, cleared = requests_of("klaviyo", CHAMPIONS, left, moved, stays)
    assert [one["attributes"]["email"] for one in unsubscribed.body["data"]["attributes"]["profiles"]["data"]] == [
        "p1@mail.example"
    ]
    profiles = [one["attributes"] for one in cleared.body["data"]["attributes"]["profiles"]["data"]]
    assert [one["properties"]["tessera_segments"] for one in profiles] == [None, None, ["Others"]]
    # an address is let go, and not the person, who may be there under another one
    assert [one.get("external_id") for one in profiles] == [None, None, "c3"]
    assert "relationships" not in cleared.body["data"]


def test_braze_sets_attributes_and_makes_nobody_in_order_to_remove_them():
    (request,) = requests_of(
        "braze", CHAMPIONS, somebody(1, "remove", "consent_refused"), somebody(2, "remove", "gone"), somebody(3)
    )
    refused, gone, there = request.body["attributes"]
    assert refused["email_subscribe"] == "unsubscribed" and "email_subscribe" not in gone
    assert refused["_update_existing_only"] and refused["tessera_segments"] is None and "external_id" not in refused
    assert there["external_id"] == "c3" and there["home_city"] == "Köln" and there["tessera_total_orders"] == 3


def test_hubspot_clears_with_an_empty_text_and_joins_with_semicolons():
    update, upsert = requests_of("hubspot", CHAMPIONS, somebody(1, "remove", "gone"), somebody(2))
    assert update.path.endswith("/update") and upsert.path.endswith("/upsert")
    assert set(update.body["inputs"][0]["properties"].values()) == {""}
    properties = upsert.body["inputs"][0]["properties"]
    assert properties["tessera_segments"] == "Champions;A,B" and properties["tessera_churn_risk"] == ""
    assert (properties["tessera_total_orders"], properties["firstname"]) == ("3", "Zoë")


def test_meta_gets_hashes_of_the_address_and_of_digits():
    removed, added = requests_of("meta", GIVEN, hashed(1, "remove"), hashed(2, "leave"), hashed(3))
    assert (removed.method, removed.path, added.method) == ("DELETE", "/77/users", "POST")
    assert added.body["payload"]["data"] == [[sha("p3@mail.example"), sha("491555000003")]]
    assert removed.body["payload"]["data"][1] == [sha("p2@mail.example"), ""]
    made, added = requests_of("meta", Audience("Audience 1", "champions", account="5"), hashed(1, "remove"), hashed(3))
    assert (made.path, made.body["name"], added.path) == ("/act_5/customaudiences", "Segment: Audience 1", "/{list}/users")


def test_google_gets_hashes_with_the_plus_and_the_consent_that_was_given():
    removed, added = requests_of("google", GIVEN, hashed(1, "remove"), hashed(3), hashed(4, gdpr_consent=None))
    assert removed.path.endswith(":remove") and "termsOfService" not in removed.body
    first, second = added.body["audienceMembers"]
    assert first["userData"]["userIdentifiers"] == [
        {"emailAddress": sha("p3@mail.example")},
        {"phoneNumber": sha("+491555000003")},
    ]
    assert first["consent"]["adUserData"] == "CONSENT_GRANTED" and "consent" not in second


@pytest.mark.parametrize(
    ("tool", "count", "most"),
    [
        ("klaviyo", 10_001, 10_000),
        ("braze", 151, 75),
        ("hubspot", 201, 100),
        ("meta", 10_001, 10_000),
        ("google", 10_001, 10_000),
    ],
)
def test_no_request_holds_more_than_the_tool_takes_and_nobody_is_lost(tool, count, most):
    make = hashed if TOOLS[tool].destination == "ads" else somebody
    found = list(TOOLS[tool].requests(GIVEN, map(make, range(count))))
    text = [request.line() for request in found]
    key = sha if make is hashed else str
    assert all(sum(line.count(key(f"p{number}@mail.example")) for line in text) >= 1 for number in (0, most, count - 1))
    assert len(found) >= -(-count // most) and len({json.loads(line)["id"] for line in text}) == len(found)
    schema = json.loads((SCHEMAS / f"{tool}.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(schema).validate(json.loads(text[-1]))


def test_bodies_are_full_to_the_byte_and_no_further():
    items = ["x" * length for length in (10, 80, 3, 90, 1)]
    found = list(batched(items, lambda some: {"data": some}, 100, 110))
    assert [item for body in found for item in body["data"]] == items
    assert all(len(compact(body).encode()) <= 110 for body in found) and len(found) == 3
    assert list(batched([], lambda some: {"data": some}, 1, 100)) == []
    with pytest.raises(ValueError, match="One contact takes"):
        list(batched(["ü" * 60], lambda some: {"data": some}, 100, 110))


@pytest.mark.parametrize("given", [{}, {"email": None, "phone": "+4915550001"}])
def test_who_is_to_be_forgotten_is_deleted_by_requests_that_tools_take(given):
    found = dict(deletions(somebody(1, "remove", "forgotten", **given)))
    assert set(found) == ({"klaviyo", "braze"} if given else {"klaviyo", "braze", "hubspot"})
    for tool, request in found.items():
        schema = json.loads((SCHEMAS / f"{tool}.json").read_text(encoding="utf-8"))
        jsonschema.Draft202012Validator(schema).validate(json.loads(request.line()))
    assert not list(deletions(hashed(1, "remove")))


def test_a_request_has_the_same_id_for_the_same_content_alone():
    one, other = Request("POST", "/a", {"x": 1}), Request("POST", "/a", {"x": 2})
    assert one.line() == Request("POST", "/a", {"x": 1}).line()
    assert json.loads(one.line())["id"] != json.loads(other.line())["id"]


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_of_a_file_is_a_formula(tmp_path, begin):
    evil = f"{begin}cmd|' /C calc'!A0"
    contact = somebody(1, profile={"first_name": evil}, segments=[evil, "b"], phone="+4915550001", customer_id=evil)
    write(tmp_path / "x.csv", "csv", CHAMPIONS, [contact])
    with (tmp_path / "x.csv").open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    assert row["first_name"] == row["customer_id"] == f"'{evil}" and row["segments"] == f"'{evil};b"
    # a number is none, nor is one that is negative
    assert row["phone"] == "+4915550001" and harmless(-3.5) == -3.5


def test_every_format_has_the_same_rows(tmp_path):
    contacts = [somebody(1, "remove", "gone"), somebody(2)]
    for form in ("csv", "jsonl", "parquet"):
        assert write(tmp_path / form, form, CHAMPIONS, contacts) == 2
    expected = [row_of(contact) for contact in contacts]
    assert [json.loads(line) for line in (tmp_path / "jsonl").read_text(encoding="utf-8").splitlines()] == expected
    assert pq.read_table(tmp_path / "parquet").to_pylist() == expected
    with (tmp_path / "csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == COLUMNS and rows[1]["total_revenue"] == "9.5" and rows[0]["segments"] == ""
    assert write(tmp_path / "braze", "braze", CHAMPIONS, contacts) == 1
    assert len(next(read_requests(tmp_path / "braze"))["body"]["attributes"]) == 2


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet", "klaviyo", "braze"])
def test_a_file_is_whole_or_as_it_was(tmp_path, form):
    path = tmp_path / "out"
    path.write_text("before", encoding="utf-8")

    def broken():
        yield somebody(1)
        raise RuntimeError("the warehouse went away")

    with pytest.raises(RuntimeError, match="went away"):
        write(path, form, CHAMPIONS, broken())
    assert path.read_text(encoding="utf-8") == "before" and os.listdir(tmp_path) == ["out"]
    write(path, form, CHAMPIONS, [somebody(1)])
    assert b"p1@mail.example" in path.read_bytes() and os.listdir(tmp_path) == ["out"]
    # people are in it: nobody else may read it
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_nothing_takes_the_place_of_what_is_no_regular_file(tmp_path):
    (tmp_path / "theirs").write_text("before", encoding="utf-8")
    (tmp_path / "link").symlink_to("theirs")
    (tmp_path / "broken").symlink_to("nowhere")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    there = sorted(os.listdir(tmp_path))
    for name in ("link", "broken", "pipe", "folder"):
        with pytest.raises(ExportError, match="no regular file"):
            write(tmp_path / name, "csv", CHAMPIONS, [somebody(1)])
    assert sorted(os.listdir(tmp_path)) == there and (tmp_path / "theirs").read_text(encoding="utf-8") == "before"
    assert (tmp_path / "link").is_symlink() and stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)


def test_a_file_that_cannot_be_written_is_a_sentence(tmp_path):
    with pytest.raises(ExportError, match="Cannot write"), whole(tmp_path / "nowhere" / "x") as file:
        file.write("x")
