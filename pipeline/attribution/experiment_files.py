"""Experiments from a file, against the credit that a model gave the touches of the same window."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from pipeline.attribution.experiments import (
    Experiment,
    Share,
    as_sure_as,
    beside_credit,
    calibrated_shares,
    worth_testing,
)
from pipeline.attribution.fitting import FitResult
from pipeline.attribution.journey_files import TOUCHED, FileReport
from pipeline.attribution.shares import text
from pipeline.attribution.tables import Field, read_table
from pipeline.errors import UsageError
from pipeline.warehouse.on_duckdb import DuckDBWarehouse

EXPERIMENT_FIELDS = {
    "channel": Field("text", required=True),
    "starts_on": Field("moment", required=True),
    "ends_on": Field("moment", required=True),
    "increment": Field("count", required=True),
    "standard_error": Field("count", required=True),
    "measured_until": Field("moment"),
}
#: Channels named as worth an experiment.
MOST_WORTH_TESTING = 3
ROWS, EXPERIMENTS = "file_experiment_rows", "file_experiments"


def read_experiments(warehouse: DuckDBWarehouse, path: Path, report: FileReport) -> None:
    """Make EXPERIMENTS, a row per experiment; days are whole, the last ones included."""
    read_table(warehouse, path, EXPERIMENT_FIELDS, ROWS)
    place = "line" if path.suffix.lower() == ".csv" else "row"
    for wrong, where in (
        *((f"{name} is empty", f"{name} is null") for name in EXPERIMENT_FIELDS if name != "measured_until"),
        ("standard_error is not above 0", "standard_error <= 0"),
        ("ends_on is before starts_on", "ends_on < starts_on"),
        ("measured_until is before starts_on", "measured_until < starts_on"),
    ):
        line = warehouse.value(f"select min(_line) from {ROWS} where {where}")
        if line is not None:
            raise UsageError(f"{path.name} {place} {line}: {wrong}")
    warehouse.create_from_query(
        EXPERIMENTS, f"select * from {ROWS} qualify row_number() over (partition by _row order by _line) = 1"
    )
    rows, experiments = (int(warehouse.value(f"select count(*) from {table}")) for table in (ROWS, EXPERIMENTS))
    if rows > experiments:
        report.notes.append(f"{path.name}: {rows - experiments} rows equal another in every column and count once")
    if not experiments:
        report.notes.append(f"{path.name} has no experiment, so nothing is corrected")
    unknown = warehouse.rows(
        f"select _line, channel from {EXPERIMENTS} where channel not in (select channel from {TOUCHED}) order by _line"
    )
    report.notes += [f"{path.name} {place} {line}: no touch has the channel {channel!r}" for line, channel in unknown]


def experimented(warehouse: DuckDBWarehouse) -> list[str]:
    """The channels of the file's experiments."""
    return [channel for (channel,) in warehouse.rows(f"select distinct channel from {EXPERIMENTS} order by 1")]


def experiments_of(warehouse: DuckDBWarehouse, result: FitResult, credits: str, journeys: str) -> list[Experiment]:
    """Each experiment of the file beside the fitted model's credit for the same."""
    experiments = f"(select *, _line as experiment_key, '' as conversion_type from {EXPERIMENTS})"
    credited = f"""(
        select '' as conversion_type, credit.channel, credit.touched_at, journey.converted_at,
            credit.credit_share * credit.journey_count as conversions
        from {credits} as credit inner join {journeys} as journey on credit.journey_id = journey.journey_id
        where credit.model_name = {text(result.model.name)}
    )"""
    found = [experiment for _, experiment in beside_credit(warehouse, experiments, credited)]
    return as_sure_as(_shares(result), found)


def what_to_test(result: FitResult, tested: Sequence[str]) -> list[str]:
    """A sentence on which channels, but for those tested, experiments would tell most of; none where nobody knows."""
    shares = {channel: share for channel, share in _shares(result).items() if channel not in tested}
    gains = [one for one in worth_testing(shares, result.counts.conversions) if one[1] >= 1][:MOST_WORTH_TESTING]
    if not gains:
        return []
    (most, by), *others = [(channel, f"{gain:,.0f}") for channel, gain in gains]
    listed = [f"{most} ({by} conversions nearer to the truth)", *(f"{channel} ({by})" for channel, by in others)]
    return [f"{result.model.name}: experiments would tell most of {', '.join(listed)}"]


def _shares(result: FitResult) -> dict[str, Share]:
    return {one.channel: (one.credit_share, one.interval_low, one.interval_high) for one in result.channels()}


def corrected(result: FitResult, experiments: Sequence[Experiment]) -> FitResult:
    """A fit whose channel shares, and their replicates, are corrected by experiments."""
    if result.fit is None:
        return result
    fit, seed = result.fit, int(result.model.effective["seed"])
    return replace(
        result, fit=replace(fit, shares=calibrated_shares(fit.channel_shares, fit.channels, experiments, seed))
    )
