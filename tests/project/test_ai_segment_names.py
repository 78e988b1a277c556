"""The ledger of names as dbt runs it on both engines, in a project of its own with segments that are made up."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
import yaml
from dbt.cli.main import dbtRunner

from support.fake_claude import Claude, error, good, serving
from support.shops import connect

PROJECT = Path(__file__).resolve().parents[2]
SEGMENTS = """
select
    cast('s' as text) as store_id,
    cast('purchase_frequency' as text) as axis_name,
    cast('id_' || numbers.number as text) as segment_id,
    cast(numbers.number as integer) as segment_number,
    3 as segment_count,
    cast('seed_name_' || numbers.number as text) as csv_name,
    cast(null as text[]) as held_names,
    cast(null as double precision[]) as members_over,
    array['orders_per_month'] as features,
    array[cast(1.5 as double precision)] as centre,
    array[cast(0 as double precision)] as centre_scaled,
    cast(0.3 as double precision) as sample_share,
    cast(1000 as bigint) as population,
    numbers.number <= {{ var('segments') }} as is_current
from generate_series(1, 4) as numbers (number)
"""
SEED = "select 'purchase_frequency' as axis_name, 'seed_name_9' as segment_name"
SETTINGS = """
select
    {{ as_of() }} as as_of,
    {{ var('ai_naming') }} as ai_naming,
    cast('a-model' as text) as ai_naming_model,
    cast(5 as double precision) as ai_naming_timeout_seconds
"""
PROFILE = """
names:
  target: duckdb
  outputs:
    duckdb: {type: duckdb, path: "{{ env_var('TESSERA_DUCKDB_PATH', '') }}", schema: names, threads: 1}
    postgres:
      type: postgres
      host: "{{ env_var('TESSERA_POSTGRES_HOST', '') }}"
      port: "{{ env_var('TESSERA_POSTGRES_PORT', '5432') | as_number }}"
      user: "{{ env_var('TESSERA_POSTGRES_USER', '') }}"
      password: "{{ env_var('TESSERA_POSTGRES_PASSWORD', '') }}"
      dbname: "{{ env_var('TESSERA_POSTGRES_DBNAME', '') }}"
      schema: names
      threads: 1
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The model and the macros that it needs, beside views that stand in for what it reads."""
    folder = tmp_path_factory.mktemp("names")
    for name in ("models/ledgers", "macros", "seeds", "tests/generic"):
        (folder / name).mkdir(parents=True)
    (folder / "models" / "int_axis_seed_names.sql").write_text(SEGMENTS)
    (folder / "models" / "int_naming_settings.sql").write_text(SETTINGS)
    (folder / "models" / "axis_segment_names.sql").write_text(SEED)
    (folder / "models" / "store_id.md").write_text("{% docs store_id %}The store.{% enddocs %}")
    for ending in ("py", "yml"):
        shutil.copy(PROJECT / f"python_models/ledgers/ai_segment_names.{ending}", folder / "models" / "ledgers")
    for macros in ("macros/as_of.sql", "macros/incremental.sql", "macros/nights.sql"):
        shutil.copy(PROJECT / macros, folder / "macros")
    shutil.copytree(PROJECT / "src/dbt_local_python/macros", folder / "macros", dirs_exist_ok=True)
    shutil.copy(PROJECT / "tests/generic/unique_key.sql", folder / "tests" / "generic")
    shutil.copy(PROJECT / "seeds/axes/feature_words.csv", folder / "seeds")
    configured = yaml.safe_load((PROJECT / "dbt_project.yml").read_text())["models"]["tessera"]["ledgers"]
    ledgers = {key: value for key, value in configured.items() if key.startswith("+")}
    (folder / "dbt_project.yml").write_text(
        json.dumps({"name": "names", "profile": "names", "config-version": 2, "models": {"names": {"ledgers": ledgers}}})
    )
    (folder / "profiles.yml").write_text(PROFILE)
    return folder


@pytest.fixture(params=["duckdb", pytest.param("postgres", marks=pytest.mark.torture)])
def night(
    request: pytest.FixtureRequest,
    project: Path,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    new_database: Callable[[str], dict[str, str]],
) -> Callable[..., list[tuple]]:
    """Plays a night and returns the ledger."""
    target = request.param
    env = new_database("names") if target == "postgres" else {"TESSERA_DUCKDB_PATH": str(tmp_path / "shop.duckdb")}
    for name, value in {**env, "ANTHROPIC_API_KEY": "a-key"}.items():
        monkeypatch.setenv(name, value)

    def play(claude: Claude, day: str, segments: int = 2, ai_naming: bool = True, *arguments: str) -> list[tuple]:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", claude.url)
        done = dbtRunner().invoke(
            [
                "--quiet",
                "build",
                "--project-dir",
                str(project),
                "--profiles-dir",
                str(project),
                "--target",
                target,
                "--target-path",
                str(project / f"target_{target}"),
                "--log-path",
                str(project / "logs"),
                "--vars",
                json.dumps({"as_of": day, "segments": segments, "ai_naming": ai_naming}),
                *arguments,
            ]
        )
        assert done.success, [result.message for result in done.result or []] or done.exception
        query = "select cast(as_of as date), segment_id, status, segment_name, reason from names.ai_segment_names order by 1, 2"
        if target == "duckdb":
            with duckdb.connect(env["TESSERA_DUCKDB_PATH"]) as connection:
                rows = connection.execute(query).fetchall()
        else:
            connection = connect(env)
            cursor = connection.cursor()
            cursor.execute(query)
            rows = cursor.fetchall()
            connection.close()
        return [(f"{day:%d}", *rest) for day, *rest in rows]

    return play


def test_names_are_asked_for_once_and_failures_every_night(night):
    name = "purchase_frequency_group_{}".format
    failed = [("02", "id_1", "failed", None, "http_401"), ("02", "id_2", "failed", None, "http_401")]
    given = [("03", "id_1", "named", name(1), None), ("03", "id_2", "named", name(2), None)]
    added = [("04", "id_3", "named", name(3), None)]
    with serving(error(401), good) as claude:
        assert night(claude, "2025-07-01", ai_naming=False) == []
        assert claude.requests == []
        assert night(claude, "2025-07-02") == failed
        assert night(claude, "2025-07-03") == failed + given
        assert night(claude, "2025-07-04", 3) == failed + given + added
        assert claude.questions()[-1]["to_name"] == [3]
        # the same night again, and on a full refresh: nothing is lost, and nothing comes twice
        assert night(claude, "2025-07-04", 3, True, "--full-refresh") == failed + given + added
