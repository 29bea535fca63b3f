"""What the scorecard shows of deliveries, quarantine and the doors, read by SQL."""

from typing import Any

from pipeline.publish.scorecard.figures import NoDataError, Reader
from pipeline.publish.tables import SCHEMA


def deliveries(reader: Reader) -> list[dict[str, Any]]:
    """Files, loaded, duplicate and quarantined records of each entity, up to the business date."""
    names = ("source", "entity", "files", "loaded", "duplicates", "quarantined", "bad_files", "last_delivery")
    rows = reader.rows(
        """
        SELECT source, entity, count(*), sum(loaded_records), sum(duplicate_records), sum(quarantined_records),
            count(CASE WHEN status = 'quarantined' THEN 1 END), max(delivery_date)
        FROM ops.load_ledger WHERE effective_date <= {end}
        GROUP BY source, entity ORDER BY source, entity
        """,
        "ops.load_ledger",
    )
    if not rows:
        raise NoDataError("no file was delivered")
    return [dict(zip(names, row, strict=True)) for row in rows]


def quarantine(reader: Reader, most: int = 12) -> list[dict[str, Any]]:
    """The rules that kept most out, with an example; empty when nothing was quarantined."""
    table = f"{SCHEMA}.mart_data_quality"
    names = ("source", "entity", "kind", "rule", "column", "count", "share", "example")
    rows = reader.rows(
        f"""
        SELECT source_system, entity, quarantined_kind, rule, column_name, quarantined_count, quarantined_share,
            example_reason
        FROM {table} ORDER BY quarantined_count DESC, source_system, entity, rule, column_name LIMIT {most}
        """,
        table,
    )
    return [dict(zip(names, row, strict=True)) for row in rows]


def doors(reader: Reader) -> list[dict[str, Any]]:
    """Every check of the newest validation of each door for the business date; those that did not pass first."""
    names = ("door", "table", "expectation", "column", "severity", "status", "unexpected", "elements", "message")
    rows = reader.rows(
        """
        SELECT door, table_name, expectation, column_name, severity, status, unexpected_count, element_count, message
        FROM (
            SELECT *, max(checked_at) OVER (PARTITION BY door) AS newest
            FROM ops.expectation_results WHERE business_date = {end}
        ) AS results
        WHERE checked_at = newest
        ORDER BY door DESC, status, severity, table_name, expectation, column_name
        """,
        "ops.expectation_results",
    )
    if not rows:
        raise NoDataError("no checks ran for this date")
    return [dict(zip(names, row, strict=True)) for row in rows]
