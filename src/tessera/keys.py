"""Keys of several ids."""

from __future__ import annotations


def composed_key(*parts: str | None) -> str:
    """Give one text of several ids that no other ids make: the macro of the same name, in Python.

    Every part comes after its length, a null after -1, so that no part can end early or run on, whatever it holds.

    Examples
    --------
    >>> composed_key("o1", None, "a:b")
    '2:o1:-1:3:a:b'
    """
    return ":".join("-1" if part is None else f"{len(part)}:{part}" for part in parts)
