"""What the scorecard shows of sales and marketing together, read from the marts by SQL."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from pipeline.publish.scorecard.figures import NoDataError, Reader
from pipeline.publish.tables import SCHEMA

#: Subjects of seed alignment_measures in the order a lead passes them.
SUBJECTS = ("handover", "response", "conversion", "revenue", "people")
DECISIONS = ("accepted", "rejected", "skipped", "taken_back", "undecided")


@dataclass(frozen=True)
class Measure:
    """A measure in the last month that was over and has a figure; `by_month` may have gaps."""

    name: str
    subject: str
    unit: str
    month: date
    value: float
    previous_value: float | None
    trend: str
    target: float | None
    target_set_by: str | None
    status: str
    by_month: list[float | None]


def measures(reader: Reader) -> list[Measure]:
    """Every measure with a figure in the period's months that are over, by subject."""
    table = f"{SCHEMA}.mart_alignment_scorecard"
    rows = reader.rows(
        f"""
        SELECT measure, subject, unit, month_start, value, previous_value, trend, target_value, target_set_by, status
        FROM {table}
        WHERE is_month_over AND value IS NOT NULL AND month_start BETWEEN {{start}} AND {{end}}
        ORDER BY measure, month_start
        """,
        table,
    )
    if not rows:
        raise NoDataError("no month of the period has a figure")
    newest = {row[0]: row for row in rows}
    values = {(row[0], row[3]): float(row[4]) for row in rows}
    found = [
        Measure(
            *(name, subject, unit, month, float(value), before, trend, target, set_by, status),
            by_month=[values.get((name, start)) for start in reader.period.months],
        )
        for name, subject, unit, month, value, before, trend, target, set_by, status in newest.values()
    ]
    return sorted(found, key=lambda measure: SUBJECTS.index(measure.subject))


def handovers(reader: Reader) -> dict[str, float]:
    """Hand-overs of the period by decision, stagnant and uncontacted ones, and the threshold of acceptance."""
    table = f"{SCHEMA}.mart_sal_acceptance"
    names = ("delivered", *DECISIONS, "stagnant", "uncontacted")
    sums = ", ".join(f"sum({name}_count)" for name in names)
    row = reader.rows(
        f"""SELECT {sums}, max(threshold_share) FROM {table}
        WHERE segment_type = 'overall' AND month_start BETWEEN {{start}} AND {{end}}""",
        table,
    )[0]
    if not row[0]:
        raise NoDataError("no lead was handed over in the period")
    return {name: float(value) for name, value in zip((*names, "threshold"), row, strict=True)}


def service_levels(reader: Reader) -> list[tuple[str, float, float]]:
    """Name, clocks stopped in time and clocks due of each service level, over the period."""
    found = []
    for table in (f"{SCHEMA}.kpi_sal_decision_service_level", f"{SCHEMA}.kpi_sal_contact_service_level"):
        found += reader.rows(
            f"""SELECT kpi, sum(numerator), sum(denominator) FROM {table}
            WHERE period_grain = 'month' AND segment_type = 'overall' AND period_start BETWEEN {{start}} AND {{end}}
            GROUP BY kpi HAVING sum(denominator) > 0 ORDER BY kpi""",
            table,
        )
    return found


def rejections(reader: Reader) -> list[tuple[str, float]]:
    """Why sales rejected, and how often in the period, most frequent first."""
    table = f"{SCHEMA}.mart_sal_rejection_reasons"
    return reader.rows(
        f"""SELECT rejection_reason, sum(rejected_count) AS rejected FROM {table}
        WHERE period_grain = 'month' AND segment_type = 'overall' AND period_start BETWEEN {{start}} AND {{end}}
        GROUP BY rejection_reason ORDER BY rejected DESC, rejection_reason""",
        table,
    )


def signals(reader: Reader) -> list[Mapping[str, Any]]:
    """Every signal that holds, the longest first."""
    table = f"{SCHEMA}.mart_misalignment_signals"
    names = ("signal", "since", "days", "value", "limit", "evidence")
    rows = reader.rows(
        f"SELECT signal, since_date, days_since, value, limit_value, evidence FROM {table} ORDER BY 3 DESC, 1, 6", table
    )
    return [dict(zip(names, row, strict=True)) for row in rows]
