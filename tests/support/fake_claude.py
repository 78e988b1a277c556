"""A server on this machine that answers the real client as Claude would, well or badly."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Reply:
    """What the server sends: a status, a body (JSON or bytes), headers, and seconds to wait before or while it sends."""

    body: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    wait: float = 0.0
    drip: float = 0.0


@dataclass
class Claude:
    """The replies to come, the last of them for ever, and the requests that came: headers and text."""

    replies: list[Reply | Callable[[dict[str, Any]], Reply]]
    requests: list[tuple[dict[str, str], str]] = field(default_factory=list)
    url: str = ""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def reply(self, headers: dict[str, str], text: str) -> Reply:
        with self.lock:
            self.requests.append((headers, text))
            reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        return reply(json.loads(text)) if callable(reply) else reply

    def questions(self) -> list[dict[str, Any]]:
        """What the requests asked, the latest message of each."""
        return [asked(json.loads(text)) for _, text in self.requests]


def asked(request: dict[str, Any]) -> dict[str, Any]:
    """The question in the last message of a request."""
    text = request["messages"][-1]["content"]
    return json.loads(text[text.index("{") :])


def message(text: str, stop_reason: str = "end_turn") -> dict[str, Any]:
    """A message as the API sends it."""
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "a-model",
        "stop_reason": stop_reason,
        "stop_sequence": None,
        "usage": {"input_tokens": 1, "output_tokens": 1},
        "content": [{"type": "text", "text": text}],
    }


def named(names: dict[int, str], interpretation: str = "What they do.") -> Reply:
    """An answer that names segments by number."""
    return Reply(
        message(
            json.dumps(
                {
                    "segments": [
                        {"segment": number, "segment_name": name, "interpretation": interpretation}
                        for number, name in names.items()
                    ]
                }
            )
        )
    )


def good(request: dict[str, Any]) -> Reply:
    """A good answer to whatever is asked."""
    question = asked(request)
    return named({number: f"{question['axis']}_group_{number}" for number in question["to_name"]})


def error(status: int, kind: str = "api_error", text: str = "something", **headers: str) -> Reply:
    """An error as the API sends it."""
    return Reply(
        {"type": "error", "error": {"type": kind, "message": text}},
        status,
        {name.replace("_", "-"): value for name, value in headers.items()},
    )


@contextmanager
def serving(*replies: Reply | Callable[[dict[str, Any]], Reply]) -> Iterator[Claude]:
    """Start a server with these replies."""
    claude = Claude(list(replies))

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            text = self.rfile.read(int(self.headers["content-length"])).decode()
            reply = claude.reply({name.lower(): value for name, value in self.headers.items()}, text)
            time.sleep(reply.wait)
            body = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
            try:
                self.send_response(reply.status)
                headers = {"content-type": "application/json", "content-length": str(len(body)), **reply.headers}
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                for start in range(0, len(body), 1 if reply.drip else max(1, len(body))):
                    self.wfile.write(body[start : start + (1 if reply.drip else len(body))])
                    self.wfile.flush()
                    time.sleep(reply.drip)
            except OSError:
                self.close_connection = True

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.block_on_close = False
    claude.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield claude
    server.shutdown()
    server.server_close()
