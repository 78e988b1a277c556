"""The warehouse, DuckDB or Postgres: opening it, writing raw tables to it, reading marts and staged relations from it."""

from tessera.warehouse.cleaning import clean_text
from tessera.warehouse.connections import (
    WarehouseError,
    connect_duckdb,
    connect_postgres,
    duckdb_path,
    postgres_settings,
)
from tessera.warehouse.marts import Marts, open_marts
from tessera.warehouse.staging import StagedRelation
from tessera.warehouse.writing import TARGETS, Warehouse, open_warehouse

__all__ = [
    "TARGETS",
    "Marts",
    "StagedRelation",
    "Warehouse",
    "WarehouseError",
    "clean_text",
    "connect_duckdb",
    "connect_postgres",
    "duckdb_path",
    "open_marts",
    "open_warehouse",
    "postgres_settings",
]
