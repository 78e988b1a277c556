"""The database of small stores as a whole: its build is green with all data tests, and both engines say the same."""

from __future__ import annotations

from support.shops import differences


def test_both_engines_say_the_same(small_stores):
    assert differences(*small_stores) == []
