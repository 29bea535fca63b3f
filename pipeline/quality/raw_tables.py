"""What the contracts say of raw tables, read where dbt reads it: the generated `_<source>__sources.yml` files."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from pipeline.errors import UsageError


@dataclass(frozen=True)
class RawTable:
    """A raw table's natural key, and the columns that version its records and mark them as deleted."""

    key: tuple[str, ...]
    version: str | None
    deleted: str | None


def raw_tables(dbt_project: Path) -> Mapping[str, RawTable]:
    """`<source>__<entity>` → what its contract says.

    Raises `UsageError` naming a file that is not as `touchledger contracts --write` makes it.
    """
    found: dict[str, RawTable] = {}
    for path in sorted((dbt_project / "models" / "staging").glob("*/_*__sources.yml")):
        try:
            for source in yaml.safe_load(path.read_text(encoding="utf-8"))["sources"]:
                for table in source["tables"]:
                    meta = table["config"]["meta"]
                    found[table["identifier"]] = RawTable(
                        tuple(meta["natural_key"]), meta["version_column"], meta["deleted_column"]
                    )
        except (yaml.YAMLError, KeyError, TypeError) as error:
            raise UsageError(f"{path} is broken: make it again with `touchledger contracts --write`") from error
    return found
