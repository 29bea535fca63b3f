"""The contracts as dbt reads them: one `_<source>__sources.yml` a source, generated and never edited.

The natural key, the version and the deleted column of an entity travel as `config.meta`, so that
dbt macros find the current row of a key without a second list. How fresh a table is, is said by the
load ledger: a raw table that nothing changed in does not show that it was delivered.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

from pipeline.errors import UsageError
from pipeline.sources import all_sources
from pipeline.sources.contract import Column, Entity, Source

_HEADER = (
    "# Generated from pipeline/sources/{name}.py by `touchledger contracts --write`: edit the contract, not this.\n"
)

#: What was never delivered is as old as can be: dbt cannot compare with nothing.
_LOADED_AT = (
    "select coalesce(max(loaded_at), timestamp '1970-01-01 00:00:00') from ops.load_ledger "
    "where source = '{source}' and entity = '{entity}' and status <> 'quarantined'"
)

#: What landing adds to the contract columns of every raw table.
LANDING_COLUMNS = {
    "_extra": "JSON of the delivered columns that the contract does not know",
    "_file_id": "sha256 of the file's bytes",
    "_line_number": "physical line the record starts at, from 1",
    "_row_hash": "hash of the record's values",
    "_delivery_date": "date of the delivery folder",
    "_effective_date": "business date from which the record counts",
}


def sources_file(dbt_project: Path, source: Source) -> Path:
    """Where the sources file of `source` lives."""
    return dbt_project / "models" / "staging" / source.name / f"_{source.name}__sources.yml"


def render(source: Source) -> str:
    """The text of the sources file of `source`."""
    content = {
        "version": 2,
        "sources": [
            {
                "name": source.name,
                "description": source.description,
                "schema": "raw",
                "tables": [_table(source, entity) for entity in source.entities],
            }
        ],
    }
    body = yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=120)
    return _HEADER.format(name=source.name) + body


def write_all(dbt_project: Path, sources: Iterable[Source] | None = None) -> list[Path]:
    """Write the sources files that differ from their contracts; returns those written."""
    written = []
    for source in stale(dbt_project, sources):
        path = sources_file(dbt_project, source)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(render(source), encoding="utf-8")
        written.append(path)
    return written


def stale(dbt_project: Path, sources: Iterable[Source] | None = None) -> list[Source]:
    """The sources whose file is missing or differs from the contract."""
    chosen = list(all_sources().values()) if sources is None else list(sources)
    return [source for source in chosen if _written(sources_file(dbt_project, source)) != render(source)]


def check(dbt_project: Path, sources: Iterable[Source] | None = None) -> None:
    """Raise `UsageError` naming the sources whose file is not what the contract says."""
    names = [source.name for source in stale(dbt_project, sources)]
    if names:
        raise UsageError(
            f"dbt sources of {', '.join(names)} differ from their contracts: run `touchledger contracts --write`"
        )


def _written(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.exists() else None


def _table(source: Source, entity: Entity) -> dict[str, Any]:
    columns = [_column(column) for column in entity.columns]
    columns += [{"name": name, "description": text} for name, text in LANDING_COLUMNS.items()]
    return {
        "name": entity.name,
        "identifier": f"{source.name}__{entity.name}",
        "description": entity.description,
        "config": {
            "meta": {
                "natural_key": list(entity.key),
                "version_column": entity.version,
                "deleted_column": entity.deleted,
            },
            **_freshness(source, entity),
        },
        "columns": columns,
    }


def _freshness(source: Source, entity: Entity) -> dict[str, Any]:
    """Late after a rhythm and a quarter of one, stale when a second delivery is that late too."""
    rhythm = source.delivers_every_hours
    if rhythm is None:
        return {}
    grace = rhythm // 4
    return {
        "freshness": {
            "warn_after": {"count": rhythm + grace, "period": "hour"},
            "error_after": {"count": 2 * rhythm + grace, "period": "hour"},
        },
        "loaded_at_query": _LOADED_AT.format(source=source.name, entity=entity.name),
    }


def _column(column: Column) -> dict[str, Any]:
    described = {"name": column.name, "data_type": column.sql_type.lower()}
    if column.description:
        described["description"] = column.description
    return described
