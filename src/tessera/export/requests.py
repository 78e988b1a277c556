"""Requests to a tool's API: their bodies, as many contacts in each as it takes, in count and in bytes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Request:
    """One request.

    Parameters
    ----------
    method, path
        As HTTP has them; the path is of the tool's API. ``{list}`` stands in both, and in the body, for what an answer said.
    body
        JSON.
    saves
        Name -> the place in the answer's JSON of what later requests need, by points, such as ``data.id``.
    """

    method: str
    path: str
    body: dict[str, Any]
    saves: dict[str, str] = field(default_factory=dict)

    def line(self) -> str:
        """The request as one line of JSON, with an id that is the same for the same request."""
        said = {"method": self.method, "path": self.path, "body": self.body, **({"saves": self.saves} if self.saves else {})}
        text = json.dumps(said, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        return '{"id":"' + hashlib.sha256(text.encode()).hexdigest()[:32] + '",' + text[1:]


def compact(value: Any) -> str:
    """JSON without blanks, as it is sent."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def batched(
    items: Iterable[Any], envelope: Callable[[list[Any]], dict[str, Any]], most: int, most_bytes: int
) -> Iterator[dict[str, Any]]:
    """Put items into bodies of at most so many items and so many bytes.

    Parameters
    ----------
    items
        JSON values.
    envelope
        Makes the body of a list of them.
    most, most_bytes
        What one request of the tool may hold.

    Yields
    ------
    dict
        Bodies; of no items none.

    Raises
    ------
    ValueError
        If one item alone is too large.
    """
    room = most_bytes - len(compact(envelope([])).encode())
    batch: list[Any] = []
    size = 0
    for item in items:
        length = len(compact(item).encode()) + 1
        if length > room:
            raise ValueError(f"One contact takes {length:,} bytes, more than the {room:,} of a request")
        if batch and (len(batch) == most or size + length > room):
            yield envelope(batch)
            batch, size = [], 0
        batch.append(item)
        size += length
    if batch:
        yield envelope(batch)
