"""The tables that landing writes: raw, quarantine and ops."""

from pipeline.errors import UsageError
from pipeline.sources.contract import Entity, Source, raw_table
from pipeline.warehouse import Warehouse

#: What landing adds to the contract columns of every raw table; see `pipeline.sources.as_dbt_sources`.
LANDING_COLUMNS = {
    "_extra": "JSON",
    "_file_id": "VARCHAR",
    "_line_number": "BIGINT",
    "_row_hash": "VARCHAR",
    "_delivery_date": "DATE",
    "_effective_date": "DATE",
}

_TABLES = {
    "quarantine.rows": """
        file_id VARCHAR, source VARCHAR, entity VARCHAR, path VARCHAR, delivery_date DATE,
        line_number BIGINT, line_count BIGINT, column_name VARCHAR, rule VARCHAR, reason VARCHAR,
        raw_line VARCHAR, run_id VARCHAR, effective_date DATE""",
    "quarantine.files": """
        file_id VARCHAR, source VARCHAR, entity VARCHAR, path VARCHAR, delivery_date DATE,
        rule VARCHAR, reason VARCHAR, physical_lines BIGINT, run_id VARCHAR, effective_date DATE""",
    "ops.load_ledger": """
        file_id VARCHAR, source VARCHAR, entity VARCHAR, path VARCHAR, delivery_date DATE,
        effective_date DATE, business_date DATE, run_id VARCHAR, loaded_at TIMESTAMP,
        size_bytes BIGINT, modified_ns BIGINT, reading VARCHAR,
        status VARCHAR, encoding VARCHAR, physical_lines BIGINT, header_lines BIGINT, blank_lines BIGINT,
        data_lines BIGINT, loaded_records BIGINT, loaded_lines BIGINT, duplicate_records BIGINT,
        duplicate_lines BIGINT, quarantined_records BIGINT, quarantined_lines BIGINT,
        version_conflicts BIGINT, new_columns JSON""",
    "ops.deliveries": """
        source VARCHAR, entity VARCHAR, business_date DATE, run_id VARCHAR, status VARCHAR,
        files BIGINT, quarantined_files BIGINT, late_files BIGINT""",
    "ops.ingests": "source VARCHAR, business_date DATE, run_id VARCHAR, completed_at TIMESTAMP",
}


def ensure_tables(warehouse: Warehouse, source: Source) -> None:
    """Create the schemas and tables of `source` that are not there; add columns its contracts gained.

    Raises `UsageError` when a contract changed the type of a stored column.
    """
    for schema in ("raw", "quarantine", "ops"):
        warehouse.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
    for table, columns in _TABLES.items():
        warehouse.execute(f"CREATE TABLE IF NOT EXISTS {table} ({columns})")
    for entity in source.entities:
        _ensure_raw(warehouse, source, entity)


def _ensure_raw(warehouse: Warehouse, source: Source, entity: Entity) -> None:
    table = raw_table(source, entity)
    wanted = {column.name: column.sql_type for column in entity.columns} | LANDING_COLUMNS
    columns = ", ".join(f'"{name}" {sql_type}' for name, sql_type in wanted.items())
    warehouse.execute(f"CREATE TABLE IF NOT EXISTS {table} ({columns})")
    stored = dict(warehouse.rows(f"SELECT column_name, column_type FROM (DESCRIBE {table})"))
    for name, sql_type in wanted.items():
        if name not in stored:
            warehouse.execute(f'ALTER TABLE {table} ADD COLUMN "{name}" {sql_type}')
        elif _plain(stored[name]) != _plain(sql_type):
            raise UsageError(
                f"{table}.{name} is stored as {stored[name]} and the contract now says {sql_type}: "
                "give the column a new header in the contract, or rebuild the warehouse from the landing folder"
            )


def _plain(sql_type: str) -> str:
    return sql_type.replace(" ", "").upper()
