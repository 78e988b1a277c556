"""The script that sends alerts, against a server of this machine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.web_server import WebServer, run_script, serving

SCRIPT = Path(__file__).resolve().parents[2] / "examples" / "alerts" / "send_alerts.py"
MESSAGE = {
    "text": "s: 1 number out of the ordinary",
    "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "Größe ✓"}}],
}


@pytest.fixture
def slack() -> Iterator[WebServer]:
    with serving() as server:
        yield server


def send(slack: WebServer, file: Path, *ids: str) -> subprocess.CompletedProcess[str]:
    lines = "".join(f"{one}\t{json.dumps(MESSAGE, ensure_ascii=False)}\n" for one in ids)
    return run_script(SCRIPT, str(file), lines=lines, SLACK_WEBHOOK_URL=f"{slack.url}/x")


def test_each_message_is_sent_once(slack, tmp_path):
    file = tmp_path / "sent.txt"
    assert send(slack, file, "a", "b").returncode == 0
    assert send(slack, file, "a", "b", "c").returncode == 0
    assert [told.body for told in slack.told] == [MESSAGE] * 3
    assert slack.told[0].headers["Content-Type"] == "application/json"
    assert file.read_text().split() == ["a", "b", "c"]


def test_a_busy_server_is_asked_again_and_a_refusal_is_told(slack, tmp_path):
    file = tmp_path / "sent.txt"
    slack.answers = [(status, {}) for status in (429, 503, 200, 400)]
    done = send(slack, file, "a", "b", "c")
    assert (done.returncode, done.stderr) == (1, "b: 400 Bad Request\n")
    assert len(slack.told) == 2 and file.read_text().split() == ["a", "c"]
    # what was refused is tried again, though the next night has other messages
    assert send(slack, file, "d").returncode == 0
    assert len(slack.told) == 4 and file.read_text().split() == ["a", "c", "b", "d"]
    assert send(slack, file).returncode == 0
    assert len(slack.told) == 4


@pytest.mark.parametrize("address", ["", "hooks.example/x"])
def test_without_an_address_nothing_is_read(tmp_path, address):
    env = {**os.environ, "SLACK_WEBHOOK_URL": address}
    done = subprocess.run(
        [sys.executable, str(SCRIPT), str(tmp_path / "sent.txt")], input="", env=env, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (2, "SLACK_WEBHOOK_URL is not set to an address with https://\n")
