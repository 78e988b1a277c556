"""Names of segments by the real client, against a server that answers well, badly or not at all."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
import time
import typing
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pytest
import yaml
from anthropic import Anthropic
from anthropic.resources.messages.messages import DEPRECATED_MODELS
from anthropic.types import Model

from support.fake_claude import Reply, error, good, message, named, serving
from tessera.naming import LEDGER, NAMES, NamingSettings, name_for_night, name_segments
from tessera.naming.vocabulary import borrowed, claims, contradiction, read_words

PROJECT = Path(__file__).resolve().parents[2]
SEEDS = PROJECT / "seeds" / "axes"
KEY = "sk-ant-planted-key"
SETTINGS = NamingSettings(model="a-model", timeout_seconds=0.3, max_retries=1, budget_seconds=10)
SCHEMA = pa.schema(
    [
        ("store_id", pa.string()),
        ("axis_name", pa.string()),
        ("segment_id", pa.string()),
        ("segment_number", pa.int64()),
        ("segment_count", pa.int64()),
        ("csv_name", pa.string()),
        ("held_names", pa.list_(pa.string())),
        ("members_over", pa.list_(pa.float64())),
        ("known_name", pa.string()),
        ("features", pa.list_(pa.string())),
        ("centre", pa.list_(pa.float64())),
        ("centre_scaled", pa.list_(pa.float64())),
        ("sample_share", pa.float64()),
        ("population", pa.int64()),
        ("silhouette", pa.float64()),
    ]
)
with (SEEDS / "feature_words.csv").open(encoding="utf-8", newline="") as seed_file:
    FEATURE_WORDS = pa.Table.from_pylist(list(csv.DictReader(seed_file)))
WORDS = read_words(FEATURE_WORDS)
LEAD_Z = {1: -1.0, 2: 0.1, 3: 2.0}


def segment(number, store="s", axis="purchase_frequency", **other):
    """A segment of an axis with three of them."""
    return {
        "store_id": store,
        "axis_name": axis,
        "segment_id": f"{store}-{axis}-id-{number}",
        "segment_number": number,
        "segment_count": 3,
        "csv_name": f"csv_{number}",
        "held_names": None,
        "members_over": None,
        "known_name": None,
        "features": ["orders_per_month", "purchase_consistency"],
        "centre": [0.5 * number, 1 / 3],
        "centre_scaled": [LEAD_Z[number], 0.0],
        "sample_share": 0.25,
        "population": 4000,
        "silhouette": 0.5,
        **other,
    }


def table(*rows):
    return pa.Table.from_pylist(rows, schema=SCHEMA)


THREE = table(segment(1), segment(2), segment(3))


def ask(claude, segments=THREE, settings=SETTINGS):
    """Segment number -> name or reason, for the segments of one axis."""
    client = Anthropic(api_key=KEY, base_url=claude.url)
    rows = name_segments(segments, FEATURE_WORDS, settings, client).to_pylist()
    return {int(row["segment_id"][-1]): row["segment_name"] or row["reason"] for row in rows}


def test_all_segments_of_an_axis_are_named_by_one_request():
    with serving(good) as claude:
        names = name_segments(THREE, FEATURE_WORDS, SETTINGS, Anthropic(api_key=KEY, base_url=claude.url))
    assert names.schema == NAMES
    assert names.to_pylist()[0] == {
        "store_id": "s",
        "axis_name": "purchase_frequency",
        "segment_id": "s-purchase_frequency-id-1",
        "status": "named",
        "segment_name": "purchase_frequency_group_1",
        "interpretation": "What they do.",
        "reason": None,
        "model": "a-model",
    }
    assert len(names) == 3 and len(claude.requests) == 1


def test_every_store_and_axis_is_asked_about_by_itself():
    rows = [segment(number, store, axis) for store in "ab" for axis in ("purchase_frequency", "x") for number in (2, 1)]
    with serving(good) as claude:
        names = name_segments(table(*rows), FEATURE_WORDS, SETTINGS, Anthropic(api_key=KEY, base_url=claude.url)).to_pylist()
    assert [row["segment_id"] for row in names] == sorted(row["segment_id"] for row in rows)
    assert sorted(question["axis"] for question in claude.questions()) == ["purchase_frequency"] * 2 + ["x"] * 2


def test_a_known_name_is_shown_kept_and_not_asked_about():
    with serving(named({1: "regulars", 2: "new_ones"}), named({1: "others", 2: "more"})) as claude:
        assert ask(claude, table(segment(1), segment(2), segment(3, known_name="regulars"))) == {1: "others", 2: "new_ones"}
    assert claude.questions()[0]["to_name"] == [1, 2]
    assert claude.questions()[0]["segments"][2]["name"] == "regulars"


def test_nobody_is_asked_when_every_name_is_known():
    with serving(good) as claude:
        assert ask(claude, table(segment(1, known_name="a"))) == {}
        assert ask(claude, SCHEMA.empty_table()) == {}
    assert claude.requests == []


def test_a_handful_of_customers_is_not_shown():
    with serving(good) as claude:
        assert ask(claude, table(segment(1, sample_share=0.001), segment(2, sample_share=0.00125), segment(3))) == {
            1: "too_few_customers",
            2: "purchase_frequency_group_2",
            3: "purchase_frequency_group_3",
        }
        assert ask(claude, table(segment(1, sample_share=None))) == {1: "too_few_customers"}
    assert [[shown["segment"] for shown in question["segments"]] for question in claude.questions()] == [[2, 3]]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ({1: "x_1", 2: "x_2", 3: "x_2"}, "duplicate"),
        ({1: "x_1", 2: "x_2", 3: "csv_1"}, "duplicate"),
        ({1: "x_1", 2: "x_2", 3: "a" * 41}, "too_long"),
        ({1: "x_1", 2: "x_2", 3: "occasional_buyers"}, "contradiction"),
        ({1: "x_1", 2: "x_2", 3: "Frequent Buyers"}, "not_snake_case"),
        ({1: "x_1", 2: "x_2", 3: "a__b"}, "not_snake_case"),
        ({1: "x_1", 2: "x_2", 3: ""}, "malformed"),
        ({1: "x_1", 2: "x_2"}, "malformed"),
    ],
)
def test_a_bad_name_is_asked_again_once_and_the_good_ones_stay(answer, reason):
    with serving(named(answer), named({1: "not_asked", 3: "frequent_buyers"})) as claude:
        assert ask(claude) == {1: "x_1", 2: "x_2", 3: "frequent_buyers"}
    again = claude.questions()[1]
    assert again["to_name"] == [3] and {"x_1", "x_2"} <= set(again["taken_names"])
    with serving(named(answer)) as claude:
        assert ask(claude) == {1: "x_1", 2: "x_2", 3: reason}
    assert len(claude.requests) == 2


def test_a_name_of_the_seed_is_for_its_own_segment_alone():
    seed = pa.table({"axis_name": ["purchase_frequency"] * 3, "segment_name": ["csv_1", "of_another_count", "csv_3"]})
    with serving(named({1: "csv_1", 2: "of_another_count", 3: "csv_2"})) as claude:
        names = name_segments(THREE, FEATURE_WORDS, SETTINGS, Anthropic(api_key=KEY, base_url=claude.url), seed_names=seed)
    assert names["segment_name"].to_pylist() == ["csv_1", None, None]
    assert names["reason"].to_pylist() == [None, "duplicate", "duplicate"]


def test_names_and_sentences_may_be_just_as_long_as_allowed():
    with serving(named({1: "a" * 40, 2: "csv_2", 3: "c"}, "i" * 200)) as claude:
        assert ask(claude) == {1: "a" * 40, 2: "csv_2", 3: "c"}
    with serving(named({1: "a", 2: "b", 3: "c"}, "i" * 201)) as claude:
        assert set(ask(claude).values()) == {"too_long"}


def test_a_sentence_against_the_centre_is_refused():
    with serving(named({1: "a", 2: "b", 3: "c"}, "They order frequently.")) as claude:
        assert ask(claude) == {1: "contradiction", 2: "b", 3: "c"}


@pytest.mark.parametrize(
    "reply",
    [
        Reply(message("no JSON")),
        Reply(message("[]")),
        Reply(message('{"segments": 3}')),
        Reply(message('{"segments": [1]}')),
        Reply(message('{"segments": [{"segment": "1", "segment_name": "a", "interpretation": "b"}]}')),
        Reply(message('{"segments": [{"segment": 1, "segment_name": null, "interpretation": "b"}]}')),
        Reply(message("[" * 100_000)),
        Reply(message('{"segments": [', "max_tokens")),
        Reply(message("")),
        Reply({"type": "message"}),
        Reply({"content": None}),
        Reply([]),
        Reply(b"", headers={"content-type": "text/plain"}),
        Reply(b"<html>", headers={"content-type": "text/html"}),
        Reply(b"{"),
        Reply(b"\xff\xfe"),
    ],
)
def test_what_is_no_answer_is_malformed(reply):
    with serving(reply) as claude:
        assert ask(claude, table(segment(1)), NamingSettings("a-model", max_retries=0)) == {1: "malformed"}
    with serving(reply, good) as claude:
        assert ask(claude, table(segment(1)), NamingSettings("a-model", max_retries=1)) == {1: "purchase_frequency_group_1"}


@pytest.mark.parametrize(
    ("reply", "reason", "requests"),
    [
        (Reply(message("", "refusal")), "refused", 1),
        (Reply(message("{}"), wait=1), "timeout", 2),
        (error(500, retry_after="0"), "http_500", 2),
        (error(529, "overloaded_error", retry_after="0"), "http_529", 2),
        (error(429, "rate_limit_error", retry_after="0.1"), "rate_limited", 2),
        (error(429, "rate_limit_error", retry_after="3600"), "rate_limited", 1),
        (error(401, "authentication_error"), "http_401", 1),
        (error(404, "not_found_error"), "http_404", 1),
        (error(400, "invalid_request_error"), "http_400", 1),
        (Reply(b"<html>", 502, {"retry-after": "soon"}), "http_502", 2),
    ],
)
def test_a_failure_is_a_reason_after_bounded_attempts(reply, reason, requests):
    with serving(reply) as claude:
        started = time.monotonic()
        assert ask(claude) == {1: reason, 2: reason, 3: reason}
        assert time.monotonic() - started < 5
    assert len(claude.requests) == requests


@pytest.mark.parametrize("reply", [error(429, "rate_limit_error", retry_after="0.2"), error(500), Reply(message("{}"), wait=1)])
def test_what_fails_once_is_asked_once_more(reply):
    with serving(reply, good) as claude:
        assert ask(claude, table(segment(1))) == {1: "purchase_frequency_group_1"}


def test_a_server_that_is_not_there_is_unreachable():
    with serving(good) as claude:
        pass
    assert ask(claude) == dict.fromkeys((1, 2, 3), "unreachable")


def test_a_failure_on_the_second_asking_keeps_what_the_first_gave():
    with serving(named({1: "a", 2: "b"}), Reply(message("", "refusal"))) as claude:
        assert ask(claude) == {1: "a", 2: "b", 3: "refused"}


def test_one_axis_that_fails_leaves_the_others_alone():
    def refuse_x(request):
        return Reply(message("", "refusal")) if '"axis": "x"' in request["messages"][0]["content"] else good(request)

    with serving(refuse_x) as claude:
        rows = table(segment(1), segment(1, axis="x"))
        names = name_segments(rows, FEATURE_WORDS, SETTINGS, Anthropic(api_key=KEY, base_url=claude.url))
    assert names["reason"].to_pylist() == [None, "refused"]


def test_centres_that_cannot_be_read_are_an_error_of_their_axis_alone():
    rows = table(segment(1), segment(1, axis="x", centre=[1.0]), segment(1, axis="y", sample_share=float("nan")))
    with serving(good) as claude:
        names = name_segments(rows, FEATURE_WORDS, SETTINGS, Anthropic(api_key=KEY, base_url=claude.url))
    assert names["reason"].to_pylist() == [None, "error", "error"]


def test_a_server_that_drips_cannot_hold_the_build():
    with serving(Reply(message("{}"), drip=0.1)) as claude:
        started = time.monotonic()
        settings = NamingSettings("a-model", timeout_seconds=0.5, budget_seconds=1)
        assert ask(claude, THREE, settings) == dict.fromkeys((1, 2, 3), "out_of_time")
        assert time.monotonic() - started < 1.5


def test_the_budget_holds_for_all_axes_together():
    axes = [segment(1, axis=f"axis_{number}") for number in range(20)]
    with serving(Reply(message("{}"), wait=2)) as claude:
        started = time.monotonic()
        settings = NamingSettings("a-model", timeout_seconds=0.4, max_retries=1, budget_seconds=1, parallel=2)
        names = name_segments(table(*axes), FEATURE_WORDS, settings, Anthropic(api_key=KEY, base_url=claude.url))
        assert time.monotonic() - started < 1.5
    assert len(names) == 20 and set(names["reason"].to_pylist()) == {"timeout", "out_of_time"}


def test_a_model_without_temperature_is_asked_without():
    def choosy(request):
        return error(400, text="temperature is not supported") if "temperature" in request else good(request)

    with serving(choosy) as claude:
        assert ask(claude, table(segment(1))) == {1: "purchase_frequency_group_1"}
    assert [json.loads(text).get("temperature") for _, text in claude.requests] == [0.0, None]


def test_without_a_key_everything_fails_and_nothing_is_sent(monkeypatch):
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
    with serving(good) as claude:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", claude.url)
        names = name_segments(THREE, FEATURE_WORDS, SETTINGS)
    assert set(names["reason"].to_pylist()) == {"no key"} and claude.requests == []


def test_without_the_package_everything_fails(monkeypatch):
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    monkeypatch.setitem(sys.modules, "anthropic", None)
    assert set(name_segments(THREE, FEATURE_WORDS, SETTINGS)["reason"].to_pylist()) == {"no client"}


def test_the_model_that_is_asked_by_default_is_not_about_to_be_retired():
    default = yaml.safe_load((PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))["vars"]["ai_naming_model"]
    assert default == NamingSettings().model
    assert default in typing.get_args(typing.get_args(Model)[0])
    assert default not in DEPRECATED_MODELS


@pytest.mark.parametrize("key", [KEY, f"{KEY}\nx", f"{KEY}\u20ac"])
def test_the_key_is_in_no_row(monkeypatch, key):
    monkeypatch.setenv("ANTHROPIC_API_KEY", key)
    for reply in (error(401, text=f"invalid key {KEY}"), Reply(message(KEY))):
        with serving(reply) as claude:
            monkeypatch.setenv("ANTHROPIC_BASE_URL", claude.url)
            assert KEY not in str(name_segments(THREE, FEATURE_WORDS, SETTINGS).to_pylist())


def test_the_package_is_not_imported_unless_somebody_is_asked():
    code = (
        "import sys, pyarrow as pa, tessera.naming as naming;"
        "nobody = pa.schema([(column, pa.string()) for column in naming.COLUMNS]).empty_table();"
        "naming.name_segments(nobody, nobody, naming.NamingSettings()); sys.exit('anthropic' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_requests_hold_aggregates_and_nothing_else(monkeypatch):
    planted = ["planted-store", "planted-segment", "planted-customer", "planted@mail.example", KEY, "secret"]
    rows = [
        segment(number, "planted-store", axis, segment_id=f"planted-segment-{number}")
        for axis in ("x", "y")
        for number in (1, 2, 3)
    ]
    segments = table(*rows)
    for column in ("customer_id", "email", "customer_ids"):
        segments = segments.append_column(column, pa.array(["planted-customer planted@mail.example"] * len(rows)))
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    monkeypatch.setenv("TESSERA_POSTGRES_PASSWORD", "secret")
    with serving(error(500, retry_after="0"), Reply(message("no JSON")), good) as claude:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", claude.url)
        name_segments(segments, FEATURE_WORDS, SETTINGS)
    assert len(claude.requests) == 4
    for headers, text in claude.requests:
        assert headers.pop("authorization") == f"Bearer {KEY}"
        assert not [word for word in planted if word in text or word in str(headers)]
        body = json.loads(text)
        assert set(body) == {"model", "max_tokens", "system", "messages", "output_config", "temperature"}
    for question in claude.questions():
        assert set(question) == {"axis", "features", "segments", "taken_names", "to_name"}
        assert all(
            set(shown) == {"segment", "rank_by_first_feature", "name", "customers", "share_of_customers", "centre"}
            for shown in question["segments"]
        )
    assert claude.questions()[0]["segments"][0] == {
        "segment": 1,
        "rank_by_first_feature": "1 of 3, ascending",
        "name": None,
        "customers": 1000,
        "share_of_customers": 0.25,
        "centre": {
            "orders_per_month": {"value": 0.5, "z_score": -1.0},
            "purchase_consistency": {"value": 0.3333, "z_score": 0.0},
        },
    }


def test_a_night_asks_only_about_what_earlier_nights_did_not_name():
    night = datetime(2025, 6, 30)
    row = {
        "store_id": "s",
        "axis_name": "purchase_frequency",
        "status": "named",
        "segment_name": "x",
        "interpretation": "y",
        "reason": None,
        "model": "a-model",
        "as_of": datetime(2025, 6, 29),
    }
    ledger = pa.Table.from_pylist(
        [
            {**row, "segment_id": segment(1)["segment_id"]},
            {**row, "segment_id": segment(2)["segment_id"], "status": "failed", "segment_name": None},
            {**row, "segment_id": segment(3)["segment_id"], "as_of": night},
            {**row, "segment_id": segment(2)["segment_id"], "store_id": "other"},
        ],
        schema=LEDGER,
    )
    segments = THREE.drop_columns(["known_name"])
    seed = pa.table({"axis_name": ["purchase_frequency", "other"], "segment_name": ["of_the_seed", "of_another_axis"]})
    with serving(good) as claude:
        client = Anthropic(api_key=KEY, base_url=claude.url)
        tonight = name_for_night(segments, seed, FEATURE_WORDS, ledger, night, SETTINGS, client)
        assert name_for_night(segments, seed, FEATURE_WORDS, LEDGER.empty_table(), night, SETTINGS, client).num_rows == 3
    assert tonight.schema == LEDGER and set(tonight["as_of"].to_pylist()) == {night}
    assert tonight["segment_id"].to_pylist() == [segment(2)["segment_id"], segment(3)["segment_id"]]
    assert claude.questions()[0]["taken_names"] == ["csv_1", "csv_2", "csv_3", "of_the_seed", "x"]


@pytest.mark.parametrize(
    ("name", "z_score", "is_contradicted"),
    [
        ("frequent_buyers", -0.25, True),
        ("frequent_buyers", -0.2499, False),
        ("frequent_buyers", 3.0, False),
        ("rare_buyers", 0.25, True),
        ("rare_buyers", 0.2499, False),
        ("rare_buyers", -3.0, False),
        ("high_rollers", -1.0, True),
        ("lowest_rung", 1.0, True),
        ("highland_buyers", -1.0, False),
        ("less_frequent_buyers", -1.0, False),
        ("less_frequent_buyers", 1.0, True),
        ("never_rare", 1.0, False),
        ("one_time_buyers", 1.0, True),
        ("time_buyers", 1.0, False),
        ("weekend_buyers", -1.0, False),
        ("frequent_buyers", float("nan"), False),
        ("frequent_buyers", None, False),
    ],
)
def test_a_claim_is_held_against_the_leading_feature(name, z_score, is_contradicted):
    assert (contradiction(name, {"orders_per_month": z_score}, WORDS, is_name=True) is not None) is is_contradicted


def test_a_word_speaks_of_the_first_feature_that_it_fits():
    z_scores = {"lifetime_value": -1.0, "avg_order_value": 1.0, "value_trend": 1.0}
    assert contradiction("growing_small_spenders", z_scores, WORDS, is_name=True) is None
    assert contradiction("declining_small_spenders", z_scores, WORDS, is_name=True) == "declining says that value_trend is low"
    assert contradiction("premium_spenders", z_scores, WORDS, is_name=True) == "premium says that lifetime_value is high"
    assert contradiction("high_value", z_scores, WORDS, is_name=True) == "high_value says that lifetime_value is high"


@pytest.mark.parametrize(
    ("name", "over", "is_contradicted"),
    [
        ("refund_prone_shoppers", 0.535, True),
        ("refund_prone_shoppers", 0.6, False),
        ("refund_prone_shoppers", None, False),
        ("refund_free_shoppers", 0.45, False),
        ("refund_free_shoppers", 0.55, False),
        ("refund_free_shoppers", 0.56, True),
    ],
)
def test_a_name_is_held_against_what_was_observed_of_the_members(name, over, is_contradicted):
    """Six of 86 people with a refund move the centre, and are above nobody else in most pairs: 0.5 + 0.5 * 6 / 86."""
    z_scores = {"refund_rate": 0.6 if "prone" in name else -0.6}
    assert (contradiction(name, z_scores, WORDS, {"refund_rate": over}, is_name=True) is not None) is is_contradicted
    assert contradiction(name, z_scores, WORDS, {"refund_rate": over}, is_name=False) is None


def test_a_sentence_may_use_general_words_and_topics():
    assert contradiction("High hopes, few discounts", {"discount_rate": -1.0}, WORDS, is_name=False) is None
    assert contradiction("Discount hunters", {"discount_rate": -1.0}, WORDS, is_name=False) is not None


def test_no_word_says_two_things_of_a_feature():
    both = {feature: set(words.high) & set(words.low) for feature, words in WORDS.items()}
    assert {feature: words for feature, words in both.items() if words} == {}


def test_every_phrase_of_the_table_can_be_found():
    lost = [
        (feature, phrase)
        for feature, words in WORDS.items()
        for phrase in (*words.high, *words.low)
        if [found[0] for found in claims(phrase, [feature], WORDS, is_name=True)] != [phrase]
    ]
    assert lost == []


def test_every_feature_in_use_is_described():
    with (SEEDS / "axes.csv").open(encoding="utf-8", newline="") as file:
        axes = list(csv.DictReader(file))
    described = {feature for feature, words in WORDS.items() if words.meaning}
    claimed = {feature for feature, words in WORDS.items() if words.high or words.low}
    assert {row["feature"] for row in axes if row["is_enabled"] == "true"} <= described
    assert {row["feature"] for row in axes if row["is_lead"] == "true"} <= claimed


@pytest.mark.parametrize(
    ("name", "held", "broken"),
    [
        ("one_time_shoppers", [], "one_time_customers"),
        ("loyal_one_time_customers", [], "one_time_customers"),
        ("one_time_shoppers", ["one_time_customers"], None),
        ("not_one_time", [], None),
        ("time_savers", [], None),
        ("premium_regulars", ["regular_buyers"], "premium_spenders"),
    ],
)
def test_a_name_that_has_the_words_of_one_of_the_seed_claims_what_it_does(name, held, broken):
    assert borrowed(name, ["one_time_customers", "regular_buyers", "premium_spenders"], held) == broken


def test_a_name_whose_claims_the_members_break_is_refused():
    seed = pa.table({"axis_name": ["purchase_frequency"], "segment_name": ["one_time_customers"]})
    with serving(named({1: "one_time_visitors", 2: "x_2", 3: "x_3"}), named({1: "one_time_visitors"})) as claude:
        names = name_segments(THREE, FEATURE_WORDS, SETTINGS, Anthropic(api_key=KEY, base_url=claude.url), seed_names=seed)
    assert names["reason"].to_pylist() == ["contradiction", None, None]
