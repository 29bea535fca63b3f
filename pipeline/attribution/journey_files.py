"""Journeys and paths from a file: checked, and made into one row a journey and one row a touch.

The relations made here, in a database of its own that always is DuckDB:

* JOURNEYS: journey_id, account_id, converted, amount, converted_at, journey_count, and of a path (else null)
  conversions and nulls, the journeys along it that did and did not convert;
* TOUCHED: journey_id, given_number, touched_at, channel, the flags and details a weight may read, not yet numbered.
"""

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from pipeline.attribution.inputs import FLAGGED
from pipeline.attribution.model import DIRECT_NAMES
from pipeline.attribution.shares import text
from pipeline.attribution.tables import Field, read_table
from pipeline.errors import UsageError
from pipeline.warehouse.on_duckdb import DuckDBWarehouse

JOURNEY_FIELDS = {
    "journey_id": Field("text", required=True),
    "channel": Field("text", required=True),
    "converted": Field("flag", required=True),
    "touched_at": Field("moment"),
    "touch_number": Field("integer"),
    "touch_id": Field("text"),
    "amount": Field("amount"),
    "converted_at": Field("moment"),
    "account_id": Field("text"),
    "journey_count": Field("count", says="a number of journeys, 0 or more and below 10^12"),
    "campaign_id": Field("text"),
    "content_name": Field("text"),
    "touch_kind": Field("text"),
    "buying_role": Field("text"),
    "is_offline": Field("flag"),
    "is_direct": Field("flag"),
    "is_marketing": Field("flag"),
    **{f"is_{milestone}": Field("flag") for milestone in FLAGGED},
}
PATH_FIELDS = {
    "path": Field("text", required=True),
    "total_conversions": Field("count", required=True),
    "total_conversion_value": Field("amount"),
    "total_null": Field("count"),
}
#: What a journey says once, whatever the number of its touches.
OF_JOURNEY = ("converted", "amount", "converted_at", "account_id", "journey_count")

NO_CHANNEL = "(not set)"
ROWS, JOURNEYS, TOUCHED = "file_rows", "file_journeys", "file_touches"


@dataclass
class FileReport:
    """What was read and written; `notes` are sentences that a reader should see."""

    out: Path
    channels_out: Path
    models: list[str]
    journeys: int = 0
    conversions: float = 0.0
    touches: int = 0
    notes: list[str] = field(default_factory=list)

    def summary(self) -> dict[str, Any]:
        """The same, JSON-able."""
        return {**asdict(self), "out": str(self.out), "channels_out": str(self.channels_out)}


def read_journeys(warehouse: DuckDBWarehouse, path: Path, report: FileReport) -> set[str]:
    """Make JOURNEYS (one row a journey) and TOUCHED (one row a touch, not yet numbered)."""
    columns = read_table(warehouse, path, JOURNEY_FIELDS, ROWS)
    if not columns & {"touched_at", "touch_number"}:
        raise UsageError(f"{path.name} has neither touched_at nor touch_number: one must say the order of the touches")
    place = "line" if path.suffix.lower() == ".csv" else "row"
    order = "touch_number" if "touch_number" in columns else "touched_at"
    for name, where in (
        ("journey_id", "journey_id is null"),
        ("converted", "converted is null"),
        (order, f"{order} is null and not (channel is null and touched_at is null and touch_number is null)"),
    ):
        line = warehouse.value(f"select min(_line) from {ROWS} where {where}")
        if line is not None:
            raise UsageError(f"{path.name} {place} {line}: {name} is empty")
    line = warehouse.value(f"select min(_line) from {ROWS} where journey_count < 0")
    if line is not None:
        raise UsageError(f"{path.name} {place} {line}: journey_count is below 0")
    for name in OF_JOURNEY:
        mixed = warehouse.rows(
            f"""select journey_id, min(_line), max(_line), count(*) over () from {ROWS} where {name} is not null
            group by journey_id having count(distinct {name}) > 1 order by journey_id limit 1"""
        )
        if mixed:
            journey_id, first, last, count = mixed[0]
            raise UsageError(
                f"{path.name}: journey {journey_id!r} ({place}s {first} to {last}) has more than one value of {name}; "
                f"a journey has one ({count} such journeys)"
            )
    warehouse.create_from_query(
        JOURNEYS,
        f"""select journey_id, bool_or(converted) as converted, max(amount) as amount,
            max(converted_at) as converted_at, coalesce(max(journey_count), 1) as journey_count,
            max(account_id) as account_id, cast(null as double) as conversions, cast(null as double) as nulls
        from {ROWS} group by journey_id""",
    )
    identity = "coalesce(touch_id, _row)"
    warehouse.create_from_query(
        f"{TOUCHED}_once",
        f"""select * exclude (delivery) from (
            select *, row_number() over (
                partition by journey_id, {identity} order by touch_number, touched_at, channel, _row) as delivery
            from {ROWS} where not (channel is null and touched_at is null and touch_number is null)
        ) where delivery = 1""",
    )
    given = "is_direct" if "is_direct" in columns else f"lower(channel) in ({', '.join(map(text, DIRECT_NAMES))})"
    late = "journey.converted and touch.touched_at > journey.converted_at"
    warehouse.create_from_query(
        TOUCHED,
        f"""
        select touch.* replace (coalesce(touch.channel, {text(NO_CHANNEL)}) as channel,
                coalesce({given}, false) as is_direct),
            epoch(coalesce(journey.converted_at, journey.last_touched_at) - touch.touched_at) / 86400e0
                as days_before_conversion,
            touch.touch_number as given_number
        from {TOUCHED}_once as touch
        inner join (
            select journey.*, last.last_touched_at from {JOURNEYS} as journey inner join (
                select journey_id, max(touched_at) as last_touched_at from {TOUCHED}_once group by journey_id
            ) as last on journey.journey_id = last.journey_id
        ) as journey on touch.journey_id = journey.journey_id
        where not coalesce({late}, false)""",
    )
    _note_rows(warehouse, report, has_touch_ids="touch_id" in columns)
    return columns


def _note_rows(warehouse: DuckDBWarehouse, report: FileReport, *, has_touch_ids: bool) -> None:
    def count(query: str) -> int:
        return int(warehouse.value(f"select count(*) from {query}"))

    report.journeys = count(JOURNEYS)
    report.touches = count(TOUCHED)
    report.conversions = float(
        warehouse.value(f"select coalesce(sum(journey_count), 0) from {JOURNEYS} where converted")
    )
    touched = count(f"{ROWS} where not (channel is null and touched_at is null and touch_number is null)")
    once = count(f"{TOUCHED}_once")
    repeated = (
        "rows repeat a touch_id of their journey and count once"
        if has_touch_ids
        else "rows equal another in every column and count once; if they are touches of their own, give each a touch_id"
    )
    for number, sentence in (
        (touched - once, repeated),
        (once - report.touches, "touches are later than their journey's converted_at and are left out"),
        (
            count(f"{TOUCHED} where channel = {text(NO_CHANNEL)}"),
            f"touches have no channel and are called {NO_CHANNEL}",
        ),
    ):
        if number:
            report.notes.append(f"{number} {sentence}")
    if not report.conversions:
        report.notes.append("no journey converted, so there is nothing to credit")


def read_paths(warehouse: DuckDBWarehouse, path: Path, separator: str, report: FileReport) -> None:
    """Make JOURNEYS and TOUCHED from paths: each a journey that stands for all its conversions."""
    if not separator.strip():
        raise UsageError("the separator of paths must be more than spaces, e.g. ' > '")
    read_table(warehouse, path, PATH_FIELDS, ROWS)
    place = "line" if path.suffix.lower() == ".csv" else "row"
    for name in ("total_conversions", "total_null"):
        line = warehouse.value(f"select min(_line) from {ROWS} where {name} < 0")
        if line is not None:
            raise UsageError(f"{path.name} {place} {line}: {name} is below 0")
    line = warehouse.value(f"select min(_line) from {ROWS} where total_conversions is null")
    if line is not None:
        raise UsageError(f"{path.name} {place} {line}: total_conversions is empty")
    warehouse.create_from_query(
        f"{ROWS}_split",
        f"""select *, list_transform(
                case when path is null then [] else string_split(path, {text(separator)}) end,
                lambda channel: trim(channel)) as channels
        from {ROWS}""",
    )
    sign = text(separator.strip())  # of two in a row with one space between, a split leaves the second in a channel
    line = warehouse.value(
        f"""select min(_line) from {ROWS}_split where len(list_filter(channels, lambda channel:
            channel = '' or starts_with(channel, {sign}) or ends_with(channel, {sign}))) > 0"""
    )
    if line is not None:
        raise UsageError(f"{path.name} {place} {line}: the path has an empty channel between two {separator!r}")
    line = warehouse.value(
        f"""select min(_line) from (
            select _line, sum(total_conversion_value) over (partition by channels) as amount from {ROWS}_split
        ) where abs(amount) >= 1e14"""
    )
    if line is not None:
        raise UsageError(
            f"{path.name} {place} {line}: the total_conversion_value of its path is not below 10^14 in sum"
        )
    warehouse.create_from_query(
        JOURNEYS,
        f"""select row_number() over (order by min(_line)) as journey_id, channels,
            sum(total_conversions) > 0 as converted, cast(sum(total_conversion_value) as decimal(18, 4)) as amount,
            cast(null as timestamp) as converted_at, cast(1 as double) as journey_count,
            cast(null as string) as account_id, sum(total_conversions) as conversions,
            coalesce(sum(total_null), 0) as nulls
        from {ROWS}_split group by channels""",
    )
    flags = ("is_offline", "is_marketing", *(f"is_{milestone}" for milestone in FLAGGED))
    texts = ("touch_id", "campaign_id", "content_name", "touch_kind", "buying_role")
    nothing = ", ".join(
        [f"cast(null as boolean) as {name}" for name in flags] + [f"cast(null as string) as {name}" for name in texts]
    )
    warehouse.create_from_query(
        TOUCHED,
        f"""select journey_id, channel, touch_number, touch_number as given_number, '' as _row,
            cast(null as timestamp) as touched_at, cast(null as double) as days_before_conversion,
            lower(channel) in ({", ".join(map(text, DIRECT_NAMES))}) as is_direct, {nothing}
        from (
            select journey_id, unnest(channels) as channel, generate_subscripts(channels, 1) as touch_number
            from {JOURNEYS}
        )""",
    )
    report.journeys = int(warehouse.value(f"select count(*) from {JOURNEYS}"))
    report.touches = int(warehouse.value(f"select count(*) from {TOUCHED}"))
    report.conversions = float(warehouse.value(f"select coalesce(sum(conversions), 0) from {JOURNEYS}"))
    repeated = int(warehouse.value(f"select count(*) from {ROWS}")) - report.journeys
    if repeated:
        report.notes.append(f"{repeated} rows repeat the path of another row and were added up with it")
    if not report.conversions:
        report.notes.append("no path converted, so there is nothing to credit")
