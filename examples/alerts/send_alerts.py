r"""Send the messages of alert_payloads to an incoming webhook of Slack, each once. For a scheduler; needs Python alone.

Reads lines of payload_id, a tab and payload from standard input, and the address of the webhook from SLACK_WEBHOOK_URL:

    psql -At -F "$(printf '\t')" -c 'select payload_id, payload from analytics.alert_payloads' | python send_alerts.py sent.txt

The ids of messages that were sent are kept in the file that is named, so that a night that is run again sends nothing twice.
What is still to be sent is kept beside it (sent.txt.unsent) and tried again the next time, also after other nights; the exit code
is 1 then.
"""

from __future__ import annotations

import json
import os
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator
from pathlib import Path

TRIES = 3


def send(address: str, payload: str) -> str | None:
    """Send one message; what is wrong, or nothing."""
    request = urllib.request.Request(address, payload.encode(), {"Content-Type": "application/json"})
    wrong = None
    for attempt in range(TRIES):
        try:
            with urllib.request.urlopen(request, timeout=20):
                return None
        except urllib.error.HTTPError as error:
            wrong = f"{error.code} {error.reason}"
            if error.code != 429 and error.code < 500:
                # the same message would be refused again
                return wrong
            pause = float(error.headers.get("Retry-After") or 2**attempt)
        except (OSError, ValueError) as error:
            wrong, pause = str(error), float(2**attempt)
        if attempt < TRIES - 1:
            time.sleep(min(pause, 60))
    return wrong


def messages(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    """The ids and payloads of lines."""
    for line in lines:
        payload_id, _, payload = line.rstrip("\n").partition("\t")
        if payload:
            yield payload_id, json.dumps(json.loads(payload))


def keep(path: Path, waiting: dict[str, str]) -> None:
    """Keep what is still to be sent."""
    whole = path.with_name(f"{path.name}.new")
    whole.write_text("".join(f"{payload_id}\t{payload}\n" for payload_id, payload in waiting.items()), encoding="utf-8")
    whole.replace(path)


def main(sent_file: str) -> int:
    """Send what was not sent yet."""
    address = os.environ.get("SLACK_WEBHOOK_URL", "")
    if not address.startswith(("https://", "http://")):
        print("SLACK_WEBHOOK_URL is not set to an address with https://", file=sys.stderr)
        return 2
    path = Path(sent_file)
    unsent = path.with_name(f"{path.name}.unsent")
    sent = set(path.read_text(encoding="utf-8").split()) if path.exists() else set()
    waiting = dict(messages(unsent.read_text(encoding="utf-8").splitlines())) if unsent.exists() else {}
    waiting |= dict(messages(sys.stdin))
    waiting = {payload_id: payload for payload_id, payload in waiting.items() if payload_id not in sent}
    # before anything is sent, so that nothing is lost with this process
    keep(unsent, waiting)
    for payload_id, payload in list(waiting.items()):
        wrong = send(address, payload)
        if wrong is None:
            with path.open("a", encoding="utf-8") as file:
                file.write(f"{payload_id}\n")
            del waiting[payload_id]
        else:
            print(f"{payload_id}: {wrong}", file=sys.stderr)
    keep(unsent, waiting)
    return 1 if waiting else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: send_alerts.py FILE_OF_SENT_IDS")
    sys.exit(main(sys.argv[1]))
