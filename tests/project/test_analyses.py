"""The queries under analyses/ run on both engines and say the same."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from support.shops import PROJECT, Shop, both, spelling

ANALYSES = sorted(path.stem for path in (PROJECT / "analyses").glob("*.sql"))


@pytest.fixture(scope="module")
def answers(demo: list[Shop]) -> list[dict[str, pd.DataFrame]]:
    """What each query returns, by engine."""

    def ask(shop: Shop) -> dict[str, pd.DataFrame]:
        shop.dbt("compile", "--select", "resource_type:analysis")
        folder = Path(shop.env["DBT_TARGET_PATH"]) / "compiled/tessera/analyses"
        return {name: pd.DataFrame(shop.rows((folder / f"{name}.sql").read_text())) for name in ANALYSES}

    return both(demo, ask)


def as_text(value: object) -> str:
    """A value of either engine in one spelling: one hands JSON over as text, the other as what it holds."""
    return spelling(json.dumps(value) if isinstance(value, (dict, list)) else str(value))


@pytest.mark.parametrize("name", ANALYSES)
def test_an_analysis_has_rows_and_they_are_the_same_on_both_engines(answers, name):
    left, right = (found[name].map(as_text) for found in answers)
    assert len(left) > 0
    pd.testing.assert_frame_equal(left, right)


def test_lifecycle_summary_adds_up_to_everybody(demo, answers):
    people = demo[0].rows("select count(*) from analytics.audience_profiles")[0][0]
    assert int(answers[0]["lifecycle_summary"][2].sum()) == people


def test_a_page_of_members_goes_on_after_the_last(demo, answers):
    shop = demo[0]
    first = [row[0] for row in answers[0]["get_segment_members"].itertuples(index=False)]
    members = [
        name
        for (name,) in shop.rows(
            "select customer_id from analytics.segment_memberships where store_id = 'store_1' and segment_id = 'champions' "
            "and left_at is null order by customer_id"
        )
    ]
    assert first == members[:100] and len(first) > 40
    shop.dbt("compile", "--select", "get_segment_members", after=first[19], page_size=10)
    query = Path(shop.env["DBT_TARGET_PATH"]) / "compiled/tessera/analyses/get_segment_members.sql"
    assert [row[0] for row in shop.rows(query.read_text())] == members[20:30]
