"""Asking Claude through the package anthropic, within bounds.

The client's own retries are off: it knows a limit for one request and none for all of them, sleeps for up to a minute when a
server says so, and asks again at once where one says to wait longer. Here no wait goes beyond the deadline, and a server that
wants to be left alone until then is. The package is imported when somebody is asked, and not before.
"""

from __future__ import annotations

import math
import os
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tessera.naming.answers import MALFORMED
from tessera.naming.request import SCHEMA, SYSTEM

if TYPE_CHECKING:
    from anthropic import Anthropic
    from anthropic.types import Message, MessageParam

NO_KEY, NO_CLIENT, OUT_OF_TIME = "no key", "no client", "out_of_time"
TIMEOUT, RATE_LIMITED, UNREACHABLE, REFUSED, ERROR = "timeout", "rate_limited", "unreachable", "refused", "error"
_MAX_TOKENS = 4096
_LONGEST_BACKOFF = 8.0


@dataclass(frozen=True)
class NamingSettings:
    """How Claude is asked. The key is not among it: the client reads it from ANTHROPIC_API_KEY.

    Parameters
    ----------
    model
        Name of the model.
    timeout_seconds
        How long one request may take.
    max_retries
        How often a request is sent again after a timeout, a lost connection, a rate limit or an error of the server.
    budget_seconds
        How long everything may take together.
    parallel
        How many requests are open at a time.
    min_customers
        A segment of fewer customers is not shown to Claude: the mean of a handful would be almost somebody's own data.
    """

    model: str = "claude-sonnet-5-5"
    timeout_seconds: float = 20.0
    max_retries: int = 2
    budget_seconds: float = 120.0
    parallel: int = 4
    min_customers: int = 5


class NoAnswerError(Exception):
    """Claude gave no answer; the text is the reason."""


def new_client() -> Anthropic | str:
    """A client of the environment's key, or why there is none."""
    if not os.environ.get("ANTHROPIC_API_KEY"):
        return NO_KEY
    try:
        from anthropic import Anthropic
    except ImportError:
        return NO_CLIENT
    try:
        return Anthropic()
    except Exception:
        # other variables of the client's (an address, headers) may be wrong, and its message may quote them
        return ERROR


class Asker:
    """Sends a conversation and returns the text of the answer, within a deadline."""

    def __init__(self, client: Anthropic, settings: NamingSettings, deadline: float) -> None:
        self._client = client
        self._settings = settings
        self._deadline = deadline
        self._extra_body: dict[str, Any] | None = {"temperature": 0.0}

    def __call__(self, messages: list[MessageParam]) -> str:
        """The text of Claude's answer.

        Raises
        ------
        NoAnswerError
            With the reason, where there is none.
        """
        for attempt in range(self._settings.max_retries + 1):
            text, wait = self._attempt(messages, attempt)
            if wait is None:
                return text
            if attempt == self._settings.max_retries or time.monotonic() + wait >= self._deadline:
                raise NoAnswerError(text)
            time.sleep(wait)
        raise NoAnswerError(ERROR)

    def _attempt(self, messages: list[MessageParam], attempt: int) -> tuple[str, float | None]:
        """The answer and None, or why there is none and how many seconds to wait before another attempt."""
        import anthropic

        backoff = min(_LONGEST_BACKOFF, 0.5 * 2**attempt)
        try:
            return _text(self._send(messages)), None
        except anthropic.APITimeoutError:
            return TIMEOUT, 0.0
        except anthropic.APIConnectionError:
            return UNREACHABLE, backoff
        except anthropic.APIStatusError as failure:
            reason = RATE_LIMITED if failure.status_code == 429 else f"http_{failure.status_code}"
            if failure.status_code not in (408, 409, 429) and failure.status_code < 500:
                raise NoAnswerError(reason) from None
            return reason, _retry_after(failure.response.headers.get("retry-after"), backoff)
        except (anthropic.APIResponseValidationError, ValueError):
            return MALFORMED, backoff

    def _send(self, messages: list[MessageParam]) -> Message:
        """Send once. The client has no argument for the temperature, as new models refuse one; those are asked without."""
        import anthropic

        while True:
            remaining = self._deadline - time.monotonic()
            if remaining <= 0:
                raise NoAnswerError(OUT_OF_TIME)
            try:
                return self._client.messages.create(
                    model=self._settings.model,
                    max_tokens=_MAX_TOKENS,
                    system=SYSTEM,
                    messages=messages,
                    output_config={"format": {"type": "json_schema", "schema": SCHEMA}},
                    timeout=min(self._settings.timeout_seconds, remaining),
                    extra_body=self._extra_body,
                )
            except anthropic.BadRequestError as failure:
                if "temperature" not in failure.message or self._extra_body is None:
                    raise
                self._extra_body = None


def _text(message: Message) -> str:
    """The text of an answer; what is no message is an empty one."""
    if getattr(message, "stop_reason", None) == "refusal":
        raise NoAnswerError(REFUSED)
    blocks = getattr(message, "content", None) or []
    return "".join(block.text for block in blocks if getattr(block, "type", None) == "text")


def _retry_after(header: str | None, otherwise: float) -> float:
    """Seconds that a server asks to wait, where it says so in seconds."""
    try:
        seconds = float(header or "")
    except ValueError:
        return otherwise
    return seconds if math.isfinite(seconds) and seconds >= 0 else otherwise
