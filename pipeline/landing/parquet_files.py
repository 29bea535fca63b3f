"""Parquet: rows come typed, and are cast by the contract through their text like every other file."""

from pathlib import Path

from pipeline.landing.records import Records, match_header, text_columns
from pipeline.landing.report import BadFile
from pipeline.sources.contract import Entity
from pipeline.warehouse import Warehouse
from pipeline.warehouse.on_duckdb import identifier, quoted

_ROWS = "landing_rows"


def read(warehouse: Warehouse, path: Path, entity: Entity) -> Records:
    """The rows of the file; a row counts as one line, numbered from 1.

    Raises `BadFile` with rule `parquet` or what `match_header` raises.
    """
    reader = f"read_parquet({quoted(path)}, hive_partitioning = false)"
    numbered = f"read_parquet({quoted(path)}, hive_partitioning = false, file_row_number = true)"
    try:
        columns = warehouse.rows(f"SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM {reader})")
        layout = match_header([name for name, _ in columns], entity)
        # The whole file is read here, so that a damaged page shows before anything is loaded.
        warehouse.execute(f"CREATE OR REPLACE TEMP TABLE {_ROWS} AS SELECT * FROM {numbered}")
    except BadFile:
        raise
    except Exception as error:
        raise BadFile("parquet", f"cannot be read as Parquet: {str(error).splitlines()[0]:.300}") from error
    count = warehouse.value(f"SELECT count(*) FROM {_ROWS}")
    texts = [_text(identifier(name), sql_type) for name, sql_type in columns]
    return Records(
        text_sql=f"SELECT file_row_number AS ordinal, {text_columns(entity, layout, texts)} FROM {_ROWS}",
        count=count,
        lines_sql=f"SELECT file_row_number + 1 AS line_number, to_json(r)::VARCHAR AS line FROM {_ROWS} r",
        physical_lines=count,
        header_lines=0,
        blank_lines=0,
        new_columns=tuple(layout.unknown),
        native=frozenset(name for name, p in layout.positions.items() if columns[p][1] != "VARCHAR"),
    )


def _text(column: str, sql_type: str) -> str:
    if sql_type.startswith(("STRUCT", "MAP", "UNION")) or sql_type.endswith("]"):
        return f"to_json({column})::VARCHAR"
    return f"decode({column})" if sql_type == "BLOB" else f"{column}::VARCHAR"
