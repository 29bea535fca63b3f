"""The contract of a source: what it delivers, column by column.

A source file declares a `Source` named `SOURCE`; `pipeline.sources.all_sources` finds it by
itself. Landing reads every file as text, compares its header with the contract and casts.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from pipeline.errors import UsageError, unknown_name

Kind = Literal["crm", "touchpoints", "finance", "surveys", "experiments"]
OnBadFile = Literal["continue", "stop"]

#: Types a column may have, and the SQL type each is stored as.
SQL_TYPES: Mapping[str, str] = {
    "string": "VARCHAR",
    "integer": "BIGINT",
    "double": "DOUBLE",
    "decimal": "DECIMAL(18, 4)",
    "rate": "DECIMAL(18, 8)",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "timestamp": "TIMESTAMP",
}


@dataclass(frozen=True)
class Column:
    """One column of an extract.

    `header` is the name in the file; `CamelCase`, `snake_case` and spaced spellings of it are
    the same header. `required` values may not be empty; an `optional` column may be missing
    from the file altogether (its values are then null). `allowed` closes the set of values.
    """

    header: str
    type: str
    required: bool = False
    optional: bool = False
    allowed: tuple[str, ...] = ()
    description: str = ""

    @property
    def name(self) -> str:
        """The column's name in the warehouse: the header in snake_case."""
        spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", self.header)
        return re.sub(r"[^a-z0-9]+", "_", spaced.lower()).strip("_")

    @property
    def sql_type(self) -> str:
        """The type it is stored as."""
        return SQL_TYPES[self.type]

    @staticmethod
    def header_key(header: str) -> str:
        """Two headers with the same key are the same column: letters and digits, lower case."""
        return re.sub(r"[^a-z0-9]", "", header.lower())


def string(header: str, **options: Any) -> Column:
    """A text column."""
    return Column(header, "string", **options)


def integer(header: str, **options: Any) -> Column:
    """A whole number."""
    return Column(header, "integer", **options)


def double(header: str, **options: Any) -> Column:
    """A floating-point number: scores, probabilities."""
    return Column(header, "double", **options)


def decimal(header: str, **options: Any) -> Column:
    """Money or a quantity: exact to four places."""
    return Column(header, "decimal", **options)


def rate(header: str, **options: Any) -> Column:
    """An exchange rate: exact to eight places."""
    return Column(header, "rate", **options)


def boolean(header: str, **options: Any) -> Column:
    """true/false, yes/no, 1/0, t/f, y/n in any case."""
    return Column(header, "boolean", **options)


def date(header: str, **options: Any) -> Column:
    """A day without a time."""
    return Column(header, "date", **options)


def timestamp(header: str, **options: Any) -> Column:
    """An instant; stored in UTC. Without an offset it is read in the source's time zone."""
    return Column(header, "timestamp", **options)


@dataclass(frozen=True)
class Entity:
    """One kind of record a source delivers: a folder in the landing area, a table in `raw`.

    `key` names the natural key (warehouse names). Of two rows with the same key the one with the
    higher `version` column is current; without `version` a record never changes. A row whose
    `deleted` column is true is a tombstone.
    """

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    version: str | None = None
    deleted: str | None = None
    description: str = ""

    def __post_init__(self) -> None:
        names = [column.name for column in self.columns]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise UsageError(f"entity {self.name}: columns declared twice: {', '.join(twice)}")
        for name in (*self.key, *filter(None, (self.version, self.deleted))):
            if name not in names:
                raise unknown_name(f"column of entity {self.name}", name, names)


@dataclass(frozen=True)
class Source:
    """A system that delivers extracts, and how its files are written.

    `timestamp_format` and `date_format` are strptime patterns; None reads ISO 8601 only.
    `time_zone` is the zone of timestamps without an offset. `null_values` are texts that mean
    null in every column beside the empty one. `on_bad_file` says whether a file
    that cannot be read at all stops the run. Above `max_quarantined_share` of a night's lines
    the door closes. `must_deliver` names entities whose missing delivery stops the run; any
    other missing delivery is a status. `delivers_every_hours` is the rhythm that `touchledger
    freshness` holds every entity to; None has none.
    """

    name: str
    kind: Kind
    entities: tuple[Entity, ...]
    encoding: str = "utf-8"
    delimiter: str = ","
    timestamp_format: str | None = None
    date_format: str | None = None
    time_zone: str = "UTC"
    null_values: tuple[str, ...] = ()
    on_bad_file: OnBadFile = "continue"
    max_quarantined_share: float = 0.05
    must_deliver: tuple[str, ...] = ()
    delivers_every_hours: int | None = 24
    description: str = ""

    def entity(self, name: str) -> Entity:
        """The entity called `name`, or a `UsageError` that lists those there are."""
        for entity in self.entities:
            if entity.name == name:
                return entity
        raise unknown_name(f"entity of source {self.name}", name, [e.name for e in self.entities])

    def with_options(self, options: Mapping[str, Any]) -> "Source":
        """This source with declared fields replaced (var `source_options.<source>`)."""
        allowed = {
            "encoding",
            "delimiter",
            "timestamp_format",
            "date_format",
            "time_zone",
            "null_values",
            "on_bad_file",
            "max_quarantined_share",
            "must_deliver",
        }
        for name in options:
            if name not in allowed:
                raise unknown_name(f"option of source {self.name}", name, allowed)
        values = {name: tuple(value) if isinstance(value, list) else value for name, value in options.items()}
        return replace(self, **values)


def raw_table(source: Source, entity: Entity) -> str:
    """The raw table of an entity: `raw.<source>__<entity>`."""
    return f"raw.{source.name}__{entity.name}"
