"""A checksum of each mart that is the same whenever the mart says the same.

The order of rows and columns does not matter, nor which run wrote them; a changed cent does.
Digests are DuckDB's own, so two checksums are comparable when one version of DuckDB computed both.
"""

from pathlib import Path

from pipeline.errors import UsageError
from pipeline.publish.tables import SCHEMA, Mart, marts_of
from pipeline.warehouse import Warehouse
from pipeline.warehouse.on_duckdb import identifier

DUCKDB_FILE = "touchledger.duckdb"


def checksums(of: Warehouse | Path) -> dict[str, str]:
    """The checksum of every mart, by name.

    `of` is an open warehouse, or the path of a published DuckDB file, a release folder, or the
    folder that is published to (its current release is read).
    """
    if not isinstance(of, Path):
        return {mart.name: checksum(of, mart) for mart in marts_of(of)}
    from pipeline.warehouse.on_duckdb import DuckDBWarehouse

    with DuckDBWarehouse.read(_file_of(of)) as warehouse:
        return checksums(warehouse)


def checksum(warehouse: Warehouse, mart: Mart) -> str:
    """`<rows>-<sum of row digests>-<digest of the column names>` of one mart."""
    count, total, names = warehouse.rows(
        f"""
        SELECT count(*), coalesce(sum(CAST({mart.row_digest()} AS HUGEINT)), 0), md5(?)
        FROM {SCHEMA}.{identifier(mart.name)}
        """,
        ["|".join(mart.compared_columns)],
    )[0]
    return f"{count}-{int(total):x}-{names[:8]}"


def _file_of(path: Path) -> Path:
    for candidate in (path, path / DUCKDB_FILE, path / "current" / DUCKDB_FILE):
        if candidate.is_file():
            return candidate
    raise UsageError(f"there is no published file at {path}: run `touchledger publish --date YYYY-MM-DD` first")
