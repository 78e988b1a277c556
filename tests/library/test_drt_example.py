"""The example that sends with drt, against a server of this machine: what arrives in the end is what the mart has."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from support.web_server import Told, WebServer, serving

PROJECT = Path(__file__).resolve().parents[2] / "examples" / "export" / "drt"
PEOPLE = 200


@pytest.fixture
def tool() -> Iterator[WebServer]:
    with serving() as server:
        yield server


@pytest.fixture
def project(tmp_path) -> Path:
    """The example beside a warehouse of one mart: 199 people of a store, one who said no, and one of another store."""
    folder = tmp_path / "drt"
    (folder / "syncs").mkdir(parents=True)
    for path in PROJECT.rglob("*.yml"):
        (folder / path.relative_to(PROJECT)).write_bytes(path.read_bytes())
    (folder / ".drt").mkdir()
    profile = {"tessera": {"type": "duckdb", "database": str(folder / "shop.duckdb")}}
    (folder / ".drt" / "profiles.yml").write_text(json.dumps(profile), encoding="utf-8")
    with duckdb.connect(folder / "shop.duckdb") as connection:
        connection.execute("create schema analytics")
        connection.execute(f"""
            create table analytics.marketing_export as
            select
                case when n = {PEOPLE} then 'store_2' else 'store_1' end as store_id, 'email' as destination_id,
                'c' || n as customer_id,
                n > 0 as is_exported, 'p' || n || '@mail.example' as email, case when n > 0 then 'Zoë "Z"' end as first_name,
                cast(null as text) as last_name, case when n > 0 then ['Champions'] end as segment_names,
                timestamp '2025-06-30' as changed_at,
                case when n > 0 then cast('{{"total_orders":' || n || '}}' as json) end as attributes,
                case when n = 0 then 'unsubscribed' end as removal_reason
            from range({PEOPLE + 1}) as people (n)""")
    return folder


def arguments(tool: WebServer) -> list[str]:
    return [str(Path(sys.executable).with_name("drt")), "run", "--vars", f"braze: '{tool.url}'"]


def environment(project: Path) -> dict[str, str]:
    return {**os.environ, "HOME": str(project), "BRAZE_KEY": "key", "DO_NOT_TRACK": "1", "no_proxy": "127.0.0.1"}


def run(tool: WebServer, project: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(arguments(tool), cwd=project, env=environment(project), capture_output=True, text=True, check=False)


def users(told: list[Told]) -> dict[str, dict]:
    """What the tool has of each address in the end: later requests replace what earlier ones said."""
    return {user["email"]: user for request in told for user in request.body["attributes"]}


def count(told: list[Told]) -> int:
    return sum(len(request.body["attributes"]) for request in told)


def test_everybody_of_the_store_is_sent_once_and_then_who_changed(tool, project):
    done = run(tool, project)
    assert done.returncode == 0, done.stdout + done.stderr
    found = users(tool.told)
    assert len(found) == PEOPLE == count(tool.told) and max(len(request.body["attributes"]) for request in tool.told) <= 75
    assert found["p7@mail.example"] == {
        "external_id": "c7",
        "email": "p7@mail.example",
        "first_name": 'Zoë "Z"',
        "last_name": None,
        "tessera_segments": ["Champions"],
        "tessera": {"total_orders": 7},
    }
    assert found["p0@mail.example"] == {
        "email": "p0@mail.example",
        "_update_existing_only": True,
        "tessera_segments": None,
        "tessera": None,
        "email_subscribe": "unsubscribed",
    }
    sent = {name.lower(): value for name, value in tool.told[0].headers.items()}
    assert (tool.told[0].path, sent["authorization"], sent["content-type"]) == ("/users/track", "Bearer key", "application/json")
    assert run(tool, project).returncode == 0 and count(tool.told) == PEOPLE
    with duckdb.connect(project / "shop.duckdb") as connection:
        connection.execute("update analytics.marketing_export set changed_at = '2025-07-01' where customer_id = 'c9'")
    assert run(tool, project).returncode == 0 and count(tool.told) == PEOPLE + 1


def test_a_busy_server_is_asked_again(tool, project):
    tool.answers = [(429, {}), (503, {}), (200, {}), (500, {})]
    assert run(tool, project).returncode == 0
    assert len(users(tool.told)) == count(tool.told) == PEOPLE


def test_what_was_refused_is_told_and_the_next_run_sends_the_night_again(tool, project):
    tool.answers = [(200, {}), (400, {"message": "invalid"})]
    assert run(tool, project).returncode != 0
    assert count(tool.told) < PEOPLE
    # nobody is lost; who was taken is told the same again
    assert run(tool, project).returncode == 0
    assert len(users(tool.told)) == PEOPLE


def test_a_run_that_is_killed_half_way_loses_nobody(tool, project):
    tool.answers = [(200, {}), *[(503, {})] * 50]
    process = subprocess.Popen(
        arguments(tool), cwd=project, env=environment(project), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    deadline = time.monotonic() + 30
    while len(tool.asked) < 2 and time.monotonic() < deadline:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    tool.answers = []
    assert 0 < count(tool.told) < PEOPLE
    assert run(tool, project).returncode == 0
    assert len(users(tool.told)) == PEOPLE
