"""Which marts there are, and what of each row counts when two builds of a mart are compared."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import yaml

from pipeline.settings import PROJECT_DIR
from pipeline.warehouse import Warehouse

SCHEMA = "marts"

#: Columns that say which run wrote a row, and when, by their names: they differ between runs that found the same.
#: A mart's contract may mark others with `meta: {audit: true}`.
_AUDIT = re.compile(r"_.*|run_(id|number)|.*_run(_id)?|(loaded|built|checked|computed|published)_at")


@dataclass(frozen=True)
class Mart:
    """A mart's name and its columns with their SQL types, in the mart's order."""

    name: str
    columns: Mapping[str, str]

    @property
    def compared_columns(self) -> list[str]:
        """The columns that say something about the business, without the audit columns; by name."""
        marked = _marked_columns().get(self.name, frozenset())
        return sorted(column for column in self.columns if not _AUDIT.fullmatch(column) and column not in marked)


def marts_of(warehouse: Warehouse, schema: str = SCHEMA) -> list[Mart]:
    """Every table and view of the schema, by name."""
    rows = warehouse.rows(
        """
        SELECT table_name, column_name, data_type FROM information_schema.columns
        WHERE table_schema = ? AND table_catalog = current_catalog()
        ORDER BY table_name, ordinal_position
        """,
        [schema],
    )
    columns: dict[str, dict[str, str]] = {}
    for table, column, kind in rows:
        columns.setdefault(table, {})[column] = kind
    return [Mart(name, types) for name, types in columns.items()]


@cache
def _marked_columns() -> Mapping[str, frozenset[str]]:
    """The columns that the marts' contracts mark as audit columns, by mart."""
    marked: dict[str, frozenset[str]] = {}
    for path in sorted((PROJECT_DIR / "dbt_project" / "models" / "marts").rglob("*.yml")):
        for model in (yaml.safe_load(path.read_text(encoding="utf-8")) or {}).get("models", []):
            marked[model["name"]] = frozenset(
                column["name"]
                for column in model.get("columns", [])
                if ((column.get("config") or {}).get("meta") or {}).get("audit")
            )
    return marked
