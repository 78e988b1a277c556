"""The script that sends alerts, against a server of this machine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "examples" / "alerts" / "send_alerts.py"
MESSAGE = {
    "text": "s: 1 number out of the ordinary",
    "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "Größe ✓"}}],
}


class Slack(HTTPServer):
    """Keeps what it is told; answers what it is asked to, else ok."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Webhook)
        self.told: list[object] = []
        self.answers: list[int] = []


class Webhook(BaseHTTPRequestHandler):
    """One request."""

    server: Slack

    def do_POST(self) -> None:
        """Take a message."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        status = self.server.answers.pop(0) if self.server.answers else 200
        if status == 200:
            assert self.headers["Content-Type"] == "application/json"
            self.server.told.append(json.loads(body))
        self.send_response(status)
        self.send_header("Retry-After", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def slack() -> Iterator[Slack]:
    with Slack() as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def send(slack: Slack, file: Path, *ids: str) -> subprocess.CompletedProcess[str]:
    lines = "".join(f"{one}\t{json.dumps(MESSAGE, ensure_ascii=False)}\n" for one in ids)
    env = {
        **os.environ,
        "SLACK_WEBHOOK_URL": f"http://127.0.0.1:{slack.server_port}/x",
        "no_proxy": "127.0.0.1",
        "PYTHONUTF8": "1",
    }
    return subprocess.run(
        [sys.executable, str(SCRIPT), str(file)],
        input=lines,
        env=env,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def test_each_message_is_sent_once(slack, tmp_path):
    file = tmp_path / "sent.txt"
    assert send(slack, file, "a", "b").returncode == 0
    assert send(slack, file, "a", "b", "c").returncode == 0
    assert slack.told == [MESSAGE] * 3
    assert file.read_text().split() == ["a", "b", "c"]


def test_a_busy_server_is_asked_again_and_a_refusal_is_told(slack, tmp_path):
    file = tmp_path / "sent.txt"
    slack.answers = [429, 503, 200, 400]
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
