"""Which nights are played; that they are played is shown by the demo shop, whose nights `make build` plays."""

from __future__ import annotations

import datetime as dt

import pytest

from tessera.cli import main
from tessera.replay import nights_between

FIRST = dt.date(2025, 6, 1)


def test_nights_lie_so_many_days_apart_and_the_last_is_played():
    day = dt.timedelta(1)
    assert nights_between(FIRST, FIRST + 8 * day, 7) == [FIRST, FIRST + 7 * day, FIRST + 8 * day]
    assert nights_between(FIRST, FIRST + 14 * day, 7) == [FIRST, FIRST + 7 * day, FIRST + 14 * day]
    assert nights_between(FIRST, FIRST, 7) == [FIRST]


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["2025-06-02", "2025-06-01"], "in their order"),
        (["2025-06-01", "2025-06-01"], "each once"),
        (["2025-06-02", "2025-06-01", "--every", "7"], "lies before"),
        (["2025-06-01", "2025-06-02", "--every", "0"], "at least 1"),
        (["2025-06-01", "--every", "7"], "between two nights"),
        (["2025-06-01", "9025-06-01"], "lies ahead"),
        (["2025-06-01", "--vars", "{as_of: 2025-06-02}"], "--vars cannot"),
    ],
)
def test_nights_in_no_order_are_refused_in_a_sentence(capsys, arguments, reason):
    assert main(["replay", *arguments]) == 1
    assert reason in capsys.readouterr().err
