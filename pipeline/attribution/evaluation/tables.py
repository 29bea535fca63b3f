"""Where evaluations are kept: one table a question in schema `attribution`, a row set for each evaluation."""

from collections.abc import Iterable, Mapping

from pipeline.warehouse.base import Warehouse

EVALUATIONS = "attribution.evaluations"

_KEY = {"evaluation_number": "bigint", "model_name": "string", "conversion_type": "string"}

#: Table → columns. `evaluation_number` says which evaluation a row is of.
TABLES: dict[str, dict[str, str]] = {
    EVALUATIONS: {
        "evaluation_number": "bigint",
        "run_id": "string",
        "business_date": "date",
        "evaluated_at": "timestamp",
        "seed": "integer",
        "options": "string",
        "has_truth": "boolean",
    },
    "attribution.evaluation_fits": {
        **_KEY,
        "fit_number": "bigint",
    },
    "attribution.evaluation_predictions": {
        **_KEY,
        "reason": "string",
        "journey_count": "bigint",
        "conversion_count": "bigint",
        "log_loss": "double",
        "length_log_loss": "double",
        "constant_log_loss": "double",
        "log_loss_difference": "double",
        "difference_low": "double",
        "difference_high": "double",
        "auc": "double",
        "auc_low": "double",
        "auc_high": "double",
        "length_auc": "double",
        "calibration_error": "double",
    },
    "attribution.evaluation_calibration": {
        **_KEY,
        "bin_number": "integer",
        "journey_count": "double",
        "predicted_share": "double",
        "observed_share": "double",
    },
    "attribution.evaluation_permutation": {
        **_KEY,
        "reason": "string",
        "journey_count": "bigint",
        "auc": "double",
        "auc_low": "double",
        "auc_high": "double",
        "log_loss_difference": "double",
    },
    "attribution.evaluation_placebo": {
        **_KEY,
        "reason": "string",
        "draw_count": "integer",
        "touch_share": "double",
        "mean_share": "double",
        "highest_share": "double",
        "mean_raw_effect": "double",
        "mean_interval_low": "double",
        "mean_interval_high": "double",
        "flagged_draw_count": "integer",
    },
    "attribution.evaluation_stability": {
        **_KEY,
        "as_of_date": "date",
        "previous_date": "date",
        "conversion_count": "double",
        "moved_share": "double",
        "most_moved_channel": "string",
        "channel_share_before": "double",
        "channel_share_after": "double",
    },
    "attribution.evaluation_truth": {
        **_KEY,
        "credit_kind": "string",
        "total_variation": "double",
        "best_baseline_name": "string",
        "best_baseline_total_variation": "double",
        "loses_to_baseline": "boolean",
    },
    "attribution.evaluation_truth_channels": {
        **_KEY,
        "credit_kind": "string",
        "channel": "string",
        "true_share": "double",
        "true_standard_error": "double",
        "credited_share": "double",
    },
    "attribution.evaluation_summary": {
        **_KEY,
        "is_learnt": "boolean",
        "verdict": "string",
        "reasons": "string",
        "log_loss_difference": "double",
        "difference_low": "double",
        "difference_high": "double",
        "auc": "double",
        "calibration_error": "double",
        "placebo_share": "double",
        "flagged_draw_count": "integer",
        "draw_count": "integer",
        "largest_weekly_move": "double",
        "total_variation": "double",
        "best_baseline_name": "string",
        "best_baseline_total_variation": "double",
    },
}


def prepare(warehouse: Warehouse) -> None:
    """Make the tables where they are not there yet."""
    warehouse.execute("create schema if not exists attribution")
    for table, columns in TABLES.items():
        listed = ", ".join(f"{name} {kind}" for name, kind in columns.items())
        warehouse.execute(f"create table if not exists {table} ({listed})")


def next_number(warehouse: Warehouse) -> int:
    """The number of the evaluation to come, from 1."""
    return int(warehouse.value(f"select coalesce(max(evaluation_number), 0) + 1 from {EVALUATIONS}"))


def append(warehouse: Warehouse, table: str, rows: Iterable[Mapping[str, object]]) -> int:
    """Append rows to a table (its name without the schema); returns how many."""
    columns = TABLES[f"attribution.{table}"]
    marks = ", ".join("?" for _ in columns)
    count = 0
    for row in rows:
        warehouse.execute(f"insert into attribution.{table} values ({marks})", [row.get(name) for name in columns])
        count += 1
    return count
