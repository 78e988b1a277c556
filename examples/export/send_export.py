r"""Send the requests that `tessera export --format TOOL` wrote, each once. For a scheduler; needs Python alone.

    tessera export champions --format klaviyo --output requests.jsonl
    EXPORT_URL=https://a.klaviyo.com EXPORT_HEADERS='{"Authorization": "Klaviyo-API-Key ...", "revision": "2026-04-15"}' \
        python send_export.py requests.jsonl sent.jsonl

What was sent is kept in the second file, so that a run that died goes on where it was. A busy server is asked again, as late as
it says. A request that is refused is sent in halves, down to the contact that is refused; what was refused is told, and the exit
code is 1. It is 2 where nothing can be sent: an address is missing, or the file holds no requests.
"""

from __future__ import annotations

import json
import os
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

TRIES = 5
REFUSED_AS_A_WHOLE = (400, 413, 422)


def post(method: str, path: str, body: Any) -> tuple[int, Any]:
    """Send one request until somebody answers it: status and answer; 0 where nobody did."""
    headers = {"Content-Type": "application/json", **json.loads(os.environ.get("EXPORT_HEADERS") or "{}")}
    request = urllib.request.Request(
        os.environ["EXPORT_URL"].rstrip("/") + path, json.dumps(body).encode(), headers, method=method
    )
    status, answer = 0, ""
    for attempt in range(TRIES):
        pause = float(2**attempt)
        try:
            with urllib.request.urlopen(request, timeout=60) as response:
                return response.status, response.read().decode()
        except urllib.error.HTTPError as error:
            status, answer = error.code, error.read().decode(errors="replace")
            if status != 429 and status < 500:
                return status, answer
            after = error.headers.get("Retry-After") or ""
            pause = float(after) if after.isdigit() else pause
        except OSError as error:
            status, answer = 0, str(error)
        if attempt < TRIES - 1:
            time.sleep(min(pause, 120))
    return status, answer


def longest_list(body: Any) -> list[Any]:
    """Give the contacts of a request: its longest list."""
    inner = body.values() if isinstance(body, dict) else body if isinstance(body, list) else ()
    return max([body if isinstance(body, list) else [], *map(longest_list, inner)], key=len)


def halves(body: Any) -> Iterator[Any]:
    """Give a request with the first half of its contacts, and with the second."""
    for part in (0, 1):
        copy = json.loads(json.dumps(body))
        contacts = longest_list(copy)
        middle = len(contacts) // 2
        contacts[:] = contacts[middle:] if part else contacts[:middle]
        yield copy


def what_is_wrong(requests: Path) -> str:
    """Why nothing of a file can be sent, in a sentence; an empty text where it can."""
    if not os.environ.get("EXPORT_URL"):
        return "EXPORT_URL is not set"
    try:
        headers = json.loads(os.environ.get("EXPORT_HEADERS") or "{}")
    except ValueError:
        headers = None
    if not isinstance(headers, dict) or not all(isinstance(value, str) for value in headers.values()):
        return 'EXPORT_HEADERS is no JSON object of texts, such as {"Authorization": "Bearer ..."}'
    number = 0
    try:
        with requests.open(encoding="utf-8") as file:
            for line in file:
                number += 1
                request = json.loads(line)
                if not isinstance(request, dict) or not {"id", "method", "path", "body"} <= request.keys():
                    raise ValueError
    except OSError as error:
        return f"Cannot read {requests}: {error.strerror}"
    except ValueError:
        return (
            f"{requests} holds no requests (line {number or 1}): tessera export writes them with --format and the name of a tool"
        )
    return ""


class Sender:
    """Sends requests of one file and keeps what became of them in another."""

    def __init__(self, state: Path) -> None:
        self.state, self.became, self.saved, self.failed = state, {}, {}, 0
        for line in state.read_text(encoding="utf-8").splitlines() if state.exists() else []:
            # a line that a killed run left unfinished says nothing
            if line.endswith("}"):
                told = json.loads(line)
                self.became[told["id"]] = told["became"]
                self.saved.update(told.get("saved", {}))

    def keep(self, request_id: str, became: str, **more: Any) -> None:
        """Write down what became of a request, so that it is there when the machine dies."""
        self.became[request_id] = became
        with self.state.open("a", encoding="utf-8") as file:
            file.write("\n" * (file.tell() > 0) + json.dumps({"id": request_id, "became": became, **more}))
            file.flush()
            os.fsync(file.fileno())

    def send(self, request: dict[str, Any]) -> bool:
        """Send a request that was not sent yet; whether the next one may follow."""
        request_id, saves = request["id"], request.get("saves", {})
        if self.became.get(request_id) in ("sent", "refused"):
            self.failed += self.became[request_id] == "refused"
            return True
        if self.became.get(request_id) == "split":
            return self.send_halves(request)
        if saves and self.became.get(request_id) == "begun":
            print(
                f"{request['path']}: the list may have been made when the last run died: look, and export with --list",
                file=sys.stderr,
            )
            return False
        text = json.dumps([request["path"], request["body"]])
        for name, value in self.saved.items():
            text = text.replace("{" + name + "}", str(value))
        path, body = json.loads(text)
        if saves:
            self.keep(request_id, "begun")
        status, answer = post(request["method"], path, body)
        if 200 <= status < 300:
            said = json.loads(answer) if answer.strip().startswith("{") else {}
            self.saved.update(saved := {name: at(said, place) for name, place in saves.items()})
            self.keep(request_id, "sent", **({"saved": saved} if saved else {}))
            wrong = said.get("errors") or said.get("num_invalid_entries")
            if wrong:
                # the others were taken: it is not sent again
                self.tell(path, status, json.dumps(wrong))
            return True
        if status in REFUSED_AS_A_WHOLE and not saves and len(longest_list(request["body"])) > 1:
            self.keep(request_id, "split")
            return self.send_halves(request)
        self.tell(path, status, answer)
        if status in REFUSED_AS_A_WHOLE and not saves:
            self.keep(request_id, "refused")
            return True
        if saves and 400 <= status < 500:
            self.keep(request_id, "not made")
        # nobody answers, or the key is wrong: the next run goes on here
        return False

    def send_halves(self, request: dict[str, Any]) -> bool:
        """Send a request that was refused as a whole in two."""
        parts = enumerate(halves(request["body"]))
        return all(self.send({**request, "id": f"{request['id']}.{part}", "body": body}) for part, body in parts)

    def tell(self, path: str, status: int, answer: str) -> None:
        """Say what went wrong."""
        self.failed += 1
        print(f"{path}: {status or 'no answer'} {answer[:500]}", file=sys.stderr)


def at(answer: Any, place: str) -> Any:
    """Give what stands at a place of an answer, such as data.id."""
    for name in place.split("."):
        answer = answer[name]
    return answer


def main(requests: str, state: str) -> int:
    """Send what was not sent yet."""
    wrong = what_is_wrong(Path(requests))
    if wrong:
        print(wrong, file=sys.stderr)
        return 2
    sender = Sender(Path(state))
    with Path(requests).open(encoding="utf-8") as file:
        is_through = all(map(sender.send, map(json.loads, file)))
    return 0 if is_through and not sender.failed else 1


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: send_export.py REQUESTS FILE_OF_WHAT_WAS_SENT")
    sys.exit(main(*sys.argv[1:]))
