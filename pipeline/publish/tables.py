"""Which marts there are, and what of each row counts when two builds of a mart are compared."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import yaml

from pipeline.settings import PROJECT_DIR
from pipeline.warehouse import Warehouse
from pipeline.warehouse.on_duckdb import identifier

SCHEMA = "marts"

#: Columns that say which run wrote a row, and when, by their names: they differ between runs that found the same.
#: A mart's contract may mark others with `meta: {audit: true}`.
_AUDIT = re.compile(r"_.*|run_(id|number)|.*_run(_id)?|(loaded|built|checked|computed|published)_at")


#: Types that a file would store as another, and which.
_STORED_AS = {"HUGEINT": "BIGINT", "UHUGEINT": "BIGINT", "JSON": "VARCHAR", "UUID": "VARCHAR"}


@dataclass(frozen=True)
class Mart:
    """A mart's name and its columns with their SQL types, in the mart's order."""

    name: str
    columns: Mapping[str, str]

    @property
    def compared_columns(self) -> list[str]:
        """The columns that say something about the business, without the audit columns; by name."""
        marked = _audit_columns().get(self.name, frozenset())
        return sorted(column for column in self.columns if not _AUDIT.fullmatch(column) and column not in marked)

    @property
    def sort_columns(self) -> list[str]:
        """The columns a reader would sort by: the first three, without a key that the mart begins with.

        Keys are often digests, and rows in their order compress badly.
        """
        shown = [column for column in self.columns if column in self.compared_columns]
        return shown[1 if shown and shown[0].endswith("_id") else 0 :][:3]

    def stored(self, column: str) -> str:
        """SQL of a column's value with the type that it has in a file."""
        kind = _STORED_AS.get(self.columns[column])
        return f"CAST({identifier(column)} AS {kind})" if kind else identifier(column)

    def row_digest(self) -> str:
        """SQL of a number that tells a row's compared columns from any other's."""
        values = [self._rounded(column) for column in self.compared_columns]
        return f"hash({', '.join(values)})" if values else "0"

    def _rounded(self, column: str) -> str:
        """Doubles with 12 significant digits: their sum depends on the order in which threads add them."""
        is_double = self.columns[column] in ("DOUBLE", "FLOAT")
        # adding 0 turns -0 into 0
        return f"printf('%.11e', {identifier(column)} + 0)" if is_double else self.stored(column)


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
def _audit_columns() -> Mapping[str, frozenset[str]]:
    """The columns that the marts' contracts mark with `meta: {audit: true}`, by mart."""
    marked: dict[str, frozenset[str]] = {}
    for path in sorted((PROJECT_DIR / "dbt_project" / "models" / "marts").rglob("*.yml")):
        for model in (yaml.safe_load(path.read_text(encoding="utf-8")) or {}).get("models", []):
            marked[model["name"]] = frozenset(
                column["name"]
                for column in model.get("columns", [])
                if ((column.get("config") or {}).get("meta") or {}).get("audit")
            )
    return marked
