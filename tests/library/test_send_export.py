"""The script that sends exports, against a server of this machine that is busy, breaks, and refuses."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.web_server import Told, WebServer, run_script, serving
from tessera.export import Audience, Contact
from tessera.export.command import write

SCRIPT = Path(__file__).resolve().parents[2] / "examples" / "export" / "send_export.py"
PEOPLE = [f"p{number:04d}@mail.example" for number in range(300)]


@pytest.fixture
def tool() -> Iterator[WebServer]:
    with serving() as server:
        yield server


@pytest.fixture
def requests(tmp_path) -> Path:
    """300 people for Braze, in four requests of at most 75."""
    return exported(tmp_path, "braze")


def exported(folder: Path, form: str) -> Path:
    path = folder / "requests.jsonl"
    contacts = [Contact("upsert", f"email:{email}", email[:5], "email", email=email) for email in PEOPLE]
    write(path, form, Audience("Champions", "champions"), contacts)
    return path


def environment(tool: WebServer) -> dict[str, str]:
    return {"EXPORT_URL": tool.url, "EXPORT_HEADERS": json.dumps({"Authorization": "Bearer key"})}


def send(tool: WebServer, requests: Path) -> subprocess.CompletedProcess[str]:
    return run_script(SCRIPT, str(requests), str(requests.with_name("sent.jsonl")), **environment(tool))


def people(told: list[Told]) -> Counter[str]:
    """How often each person was taken."""
    return Counter(user["email"] for request in told for user in request.body.get("attributes", []))


def test_everybody_is_sent_once_and_a_second_run_sends_nothing(tool, requests):
    for _ in range(2):
        done = send(tool, requests)
        assert (done.returncode, done.stderr) == (0, "")
    assert people(tool.told) == Counter(PEOPLE) and len(tool.asked) == 4
    assert tool.told[0].path == "/users/track" and tool.told[0].headers["Authorization"] == "Bearer key"


def test_a_busy_server_is_asked_again_when_it_says(tool, requests):
    tool.answers = [(429, {}), (503, {}), (500, {}), (201, {}), (429, {})]
    assert send(tool, requests).returncode == 0
    assert people(tool.told) == Counter(PEOPLE) and len(tool.asked) == 8


def test_a_server_that_stays_away_is_told_and_the_next_run_goes_on(tool, requests):
    tool.answers = [(200, {}), *[(429, {"message": "slow down"})] * 5]
    done = send(tool, requests)
    assert done.returncode == 1 and "429" in done.stderr and "slow down" in done.stderr
    assert len(people(tool.told)) == 75
    assert send(tool, requests).returncode == 0
    assert people(tool.told) == Counter(PEOPLE)


def test_a_wrong_key_sends_nothing_more(tool, requests):
    tool.answers = [(401, {"message": "unknown key"})]
    done = send(tool, requests)
    assert done.returncode == 1 and "unknown key" in done.stderr and len(tool.asked) == 1


def test_who_is_refused_takes_nobody_along(tool, requests):
    refused = {PEOPLE[3], PEOPLE[74], PEOPLE[200]}

    def answer(request: Told) -> tuple[int, object]:
        # as HubSpot does: one that is wrong stops the request
        named = {user["email"] for user in request.body["attributes"]}
        return (400, {"message": f"invalid: {min(named & refused)}"}) if named & refused else (201, {})

    tool.answer = answer
    done = send(tool, requests)
    assert done.returncode == 1 and sorted(done.stderr.splitlines()) == [
        f'/users/track: 400 {{"message": "invalid: {email}"}}' for email in sorted(refused)
    ]
    assert people(tool.told) == Counter(set(PEOPLE) - refused)
    asked = len(tool.asked)
    # those who were taken are not sent again, and those who were refused are still said
    assert send(tool, requests).returncode == 1
    assert len(tool.asked) == asked


def test_what_an_answer_says_of_some_is_told_and_nobody_is_sent_again(tool, requests):
    # as Braze does: the others were taken
    tool.answers = [(201, {"message": "success", "errors": [{"type": "invalid email", "index": 3}]})]
    done = send(tool, requests)
    assert done.returncode == 1 and "invalid email" in done.stderr
    assert people(tool.told) == Counter(PEOPLE)


def test_a_run_that_is_killed_half_way_goes_on_where_it_was(tool, requests):
    state = requests.with_name("sent.jsonl")
    process = subprocess.Popen(
        [sys.executable, str(SCRIPT), str(requests), str(state)],
        env={**os.environ, **environment(tool), "no_proxy": "127.0.0.1"},
        stderr=subprocess.DEVNULL,
    )
    # the third request waits: two were taken and written down
    tool.answers = [(200, {}), (200, {}), (503, {}), *[(503, {})] * 50]
    deadline = time.monotonic() + 120
    while len(tool.asked) < 3 and time.monotonic() < deadline:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    # a line that was not written to its end
    with state.open("a", encoding="utf-8") as file:
        file.write('\n{"id": "abc", "beca')
    tool.answers = []
    assert len(people(tool.told)) == 150
    assert send(tool, requests).returncode == 0
    assert people(tool.told) == Counter(PEOPLE)
    assert send(tool, requests).returncode == 0
    assert people(tool.told) == Counter(PEOPLE)


def test_an_answer_that_is_lost_is_asked_for_again(tool, requests):
    tool.answers = [(200, {}), (0, {})]
    assert send(tool, requests).returncode == 0
    assert people(tool.told) == Counter(PEOPLE)


def test_a_list_is_made_once_and_what_it_is_called_stands_in_later_requests(tool, tmp_path):
    requests = exported(tmp_path, "klaviyo")
    tool.answers = [(201, {"data": {"type": "list", "id": "L9"}}), *[(503, {})] * 5]
    assert send(tool, requests).returncode == 1
    assert send(tool, requests).returncode == 0
    made, imported = tool.told
    assert made.body["data"]["attributes"] == {"name": "Segment: Champions"}
    assert imported.body["data"]["relationships"]["lists"]["data"] == [{"type": "list", "id": "L9"}]
    assert len(imported.body["data"]["attributes"]["profiles"]["data"]) == len(PEOPLE)


def test_whether_a_list_was_made_is_asked_where_nobody_knows(tool, tmp_path):
    requests = exported(tmp_path, "klaviyo")
    (first, *_) = requests.read_text(encoding="utf-8").splitlines()
    state = requests.with_name("sent.jsonl")
    state.write_text(json.dumps({"id": json.loads(first)["id"], "became": "begun"}), encoding="utf-8")
    done = send(tool, requests)
    assert done.returncode == 1 and "export with --list" in done.stderr and tool.asked == []


def test_without_an_address_nothing_is_sent(tmp_path):
    done = run_script(SCRIPT, str(tmp_path / "a"), str(tmp_path / "b"), EXPORT_URL="")
    assert (done.returncode, done.stderr) == (2, "EXPORT_URL is not set\n")


@pytest.mark.parametrize(
    ("form", "headers", "said"),
    [
        ("csv", "{}", "holds no requests (line 1)"),
        # as of removals, too: rows and no requests
        ("jsonl", "{}", "holds no requests (line 1)"),
        ("parquet", "{}", "holds no requests (line 1)"),
        ("braze", "Authorization: Bearer key", "EXPORT_HEADERS is no JSON object"),
        ("braze", '["Authorization"]', "EXPORT_HEADERS is no JSON object"),
        (None, "{}", "Cannot read"),
    ],
)
def test_what_cannot_be_sent_is_a_sentence(tool, tmp_path, form, headers, said):
    requests = exported(tmp_path, form) if form else tmp_path / "nowhere"
    done = run_script(SCRIPT, str(requests), str(tmp_path / "sent.jsonl"), **{**environment(tool), "EXPORT_HEADERS": headers})
    assert done.returncode == 2 and said in done.stderr and done.stderr.count("\n") == 1
    assert tool.asked == [] and not (tmp_path / "sent.jsonl").exists()
