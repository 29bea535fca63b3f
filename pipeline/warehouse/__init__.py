"""The engine behind the pipeline: a small protocol, one file an engine."""

from pipeline.errors import unknown_name
from pipeline.settings import Settings
from pipeline.warehouse.base import Warehouse

__all__ = ["Warehouse", "open_warehouse"]


def open_warehouse(settings: Settings, *, read_only: bool = False) -> Warehouse:
    """Open the warehouse of `settings.target`; a context manager.

    Raises `WarehouseBusyError` when another process is writing to it.
    """
    if settings.target == "duckdb":
        from pipeline.warehouse.on_duckdb import DuckDBWarehouse

        return DuckDBWarehouse.open(settings, read_only=read_only)
    raise unknown_name("target", settings.target, ["duckdb"])
