"""Types that a demo shop plants on its axes are the segments that are found there."""

from __future__ import annotations

from pathlib import Path

import pytest

from axes_recovery import GROUPS, build_shop, recovered

# Types whose centres lie 1.2 to 2.4 apart, with this standard deviation within each.
MODERATE = 0.25


def found(group: list[str], folder: Path) -> dict[str, dict]:
    """Axis -> how its types were found again."""
    shop = build_shop(
        folder,
        "shop",
        {
            "planted": ",".join(group),
            "overlap": MODERATE,
            "stores": 1,
            "customers": 1500,
            "orders-per-customer": 20,
            "events-per-customer": 60,
        },
    )
    return {row["axis"]: row for row in recovered(shop, group)}


@pytest.mark.torture
def test_planted_types_are_the_segments(tmp_path):
    rows = {}
    for number, group in enumerate(GROUPS):
        (tmp_path / str(number)).mkdir()
        rows |= found(group, tmp_path / str(number))
    assert len(rows) == 14 and {axis: row["rand"] for axis, row in rows.items() if row["rand"] < 0.9} == {}
    assert sum(row["k"] == row["planted_k"] for row in rows.values()) >= 13
