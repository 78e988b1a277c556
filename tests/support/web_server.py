"""A server of this machine that plays another company's API: it keeps what it is told, and answers what it is asked to."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Told:
    """One request that was taken."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any


class WebServer(ThreadingHTTPServer):
    """Answers each request with what `answer` says of it: a status and JSON, with Retry-After 0."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.told: list[Told] = []
        self.asked: list[Told] = []
        self.answers: list[tuple[int, Any]] = []
        self.answer: Callable[[Told], tuple[int, Any]] = lambda _: self.answers.pop(0) if self.answers else (200, {})
        self.lock = threading.Lock()

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: WebServer

    def _take(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        request = Told(self.command, self.path, dict(self.headers), body)
        with self.server.lock:
            self.server.asked.append(request)
            status, answer = self.server.answer(request)
            if 200 <= status < 300:
                self.server.told.append(request)
        if status == 0:
            # the connection breaks
            self.close_connection = True
            self.connection.close()
            return
        text = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Retry-After", "0")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_POST = do_DELETE = do_PATCH = do_PUT = _take

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def serving() -> Iterator[WebServer]:
    """Give a server that runs."""
    with WebServer() as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def run_script(script: Path, *arguments: str, lines: str = "", **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a script of the examples, which may reach this machine alone."""
    return subprocess.run(
        [sys.executable, str(script), *arguments],
        input=lines,
        env={**os.environ, **variables, "no_proxy": "127.0.0.1", "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
