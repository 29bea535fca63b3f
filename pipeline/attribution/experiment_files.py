"""Experiments from a file, against the credit that a model gave the touches of the same window."""

from pathlib import Path

from pipeline.attribution.experiments import Experiment, beside_credit
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
    """Each experiment of the file beside the model's credit for the same."""
    experiments = f"(select *, _line as experiment_key, '' as conversion_type from {EXPERIMENTS})"
    credited = f"""(
        select '' as conversion_type, credit.channel, credit.touched_at, journey.converted_at,
            credit.credit_share * credit.journey_count as conversions
        from {credits} as credit inner join {journeys} as journey on credit.journey_id = journey.journey_id
        where credit.model_name = {text(model_name)}
    )"""
    return [experiment for _, experiment in beside_credit(warehouse, experiments, credited)]
