"""Experiments from a file, against the credit that a model gave the touches of the same window."""

from pathlib import Path

from pipeline.attribution.experiments import Experiment
from pipeline.attribution.shares import text
from pipeline.attribution.tables import Field, read_table
from pipeline.errors import UsageError
from pipeline.warehouse.on_duckdb import DuckDBWarehouse

EXPERIMENT_FIELDS = {
    "channel": Field("text", required=True),
    "starts_on": Field("moment", required=True),
    "ends_on": Field("moment", required=True),
    "increment": Field("number", required=True),
    "standard_error": Field("number", required=True),
    "measured_until": Field("moment"),
}
EXPERIMENTS = "file_experiments"


def read_experiments(warehouse: DuckDBWarehouse, path: Path) -> None:
    """Make EXPERIMENTS, a row per experiment; days are whole, the last ones included."""
    read_table(warehouse, path, EXPERIMENT_FIELDS, EXPERIMENTS)
    place = "line" if path.suffix.lower() == ".csv" else "row"
    for wrong, where in (
        *((f"{name} is empty", f"{name} is null") for name in EXPERIMENT_FIELDS if name != "measured_until"),
        ("standard_error is not above 0", "standard_error <= 0"),
        ("ends_on is before starts_on", "ends_on < starts_on"),
    ):
        line = warehouse.value(f"select min(_line) from {EXPERIMENTS} where {where}")
        if line is not None:
            raise UsageError(f"{path.name} {place} {line}: {wrong}")


def experiments_of(warehouse: DuckDBWarehouse, model_name: str, credits: str, journeys: str) -> list[Experiment]:
    """Each experiment beside the model's credit, in conversions until it was measured, of the touches in its window."""
    rows = warehouse.rows(
        f"""
        select experiment.channel, experiment.increment, experiment.standard_error,
            coalesce(sum(credit.credit_share * credit.journey_count), 0e0)
        from {EXPERIMENTS} as experiment
        left join (
            select credit.*, journey.converted_at from {credits} as credit
            inner join {journeys} as journey on credit.journey_id = journey.journey_id
            where credit.model_name = {text(model_name)}
        ) as credit
            on experiment.channel = credit.channel
            and credit.touched_at >= experiment.starts_on
            and credit.touched_at < experiment.ends_on + interval '1' day
            and credit.converted_at < coalesce(experiment.measured_until, experiment.ends_on) + interval '1' day
        group by experiment._line, experiment.channel, experiment.increment, experiment.standard_error
        order by experiment._line"""
    )
    return [Experiment(*row) for row in rows]
