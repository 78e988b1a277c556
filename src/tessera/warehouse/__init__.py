"""The warehouse, DuckDB or Postgres: opening it, writing raw tables to it, reading marts and staged relations from it."""

from tessera.warehouse.cleaning import clean_text
from tessera.warehouse.connections import (
    PATIENCE,
    WarehouseBusyError,
    WarehouseError,
    connect_duckdb,
    connect_postgres,
    duckdb_path,
    postgres_settings,
)
from tessera.warehouse.marts import Marts, open_marts
from tessera.warehouse.publishing import publish
from tessera.warehouse.staging import StagedRelation, gathered
from tessera.warehouse.writing import TARGETS, Warehouse, open_warehouse

__all__ = [
    "PATIENCE",
    "TARGETS",
    "Marts",
    "StagedRelation",
    "Warehouse",
    "WarehouseBusyError",
    "WarehouseError",
    "clean_text",
    "connect_duckdb",
    "connect_postgres",
    "duckdb_path",
    "gathered",
    "open_marts",
    "open_warehouse",
    "postgres_settings",
    "publish",
]
