"""The ledger: every version of every credit, and the runs that wrote them.

A version is what one model says about one conversion: all its rows share `valid_from_run`, and `valid_to_run` is
null while it is current. A later run that says something else closes it and opens the next; a run that says the same
leaves it. `credits_as_of` gives back any run's numbers.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import date

from pipeline.attribution.evaluation import tables as evaluation_tables
from pipeline.attribution.inputs import CONVERSIONS, TOUCHES
from pipeline.attribution.shares import text
from pipeline.errors import UsageError
from pipeline.warehouse.base import Warehouse

CREDITS = "attribution.credits"
CURRENT = "attribution.current_credits"
REPLAY = "attribution.replay_credits"
RUNS = "attribution.runs"
RUN_MODELS = "attribution.run_models"
CHANGES = "attribution.credit_changes"
CONVERSION_INPUTS = "attribution.conversion_inputs"
TOUCH_INPUTS = "attribution.touch_inputs"

#: What a credit says; two versions that agree in all of it are one.
CONTENT: dict[str, str] = {
    "model_name": "string",
    "conversion_id": "string",
    "conversion_type": "string",
    "account_id": "string",
    "person_id": "string",
    "opportunity_id": "string",
    "touch_id": "string",
    "touch_number": "integer",
    "touched_at": "timestamp",
    "channel": "string",
    "campaign_id": "string",
    "content_name": "string",
    "touch_kind": "string",
    "is_offline": "boolean",
    "buying_role": "string",
    "credit_kind": "string",
    "credit_reason": "string",
    "credit_share": "double",
    "credited_amount": "decimal(18, 4)",
    "currency": "string",
    "credited_amount_reporting": "decimal(18, 4)",
    "reporting_currency": "string",
    "reporting_date": "date",
    "converted_at": "timestamp",
    "opportunity_status": "string",
    "position_roles": "string",
    "base_weight": "double",
    "reallocated_weight": "double",
    "policy": "string",
    "model_version": "string",
}

TABLES: dict[str, dict[str, str]] = {
    CREDITS: {**CONTENT, "run_id": "string", "valid_from_run": "bigint", "valid_to_run": "bigint"},
    REPLAY: {**CONTENT, "run_id": "string", "valid_from_run": "bigint", "valid_to_run": "bigint"},
    RUNS: {
        "run_number": "bigint",
        "run_id": "string",
        "business_date": "date",
        "started_at": "timestamp",
        "finished_at": "timestamp",
        "is_replay": "boolean",
        "is_full": "boolean",
        "model_count": "integer",
        "conversion_count": "bigint",
        "changed_conversion_count": "bigint",
        "credit_change_count": "bigint",
        "journey_config_hash": "string",
        "config": "string",
    },
    RUN_MODELS: {
        "run_number": "bigint",
        "model_name": "string",
        "model_version": "string",
        "definition": "string",
        "conversion_count": "bigint",
        "computed_conversion_count": "bigint",
        "unattributed_conversion_count": "bigint",
        "zero_weight_conversion_count": "bigint",
    },
    CHANGES: {
        "run_number": "bigint",
        "run_id": "string",
        "business_date": "date",
        "model_name": "string",
        "conversion_id": "string",
        "conversion_type": "string",
        "reason": "string",
        "reasons": "string",
        "moved_share": "double",
        "shares_before": "string",
        "shares_after": "string",
        "touch_count_before": "integer",
        "touch_count_after": "integer",
        "amount_before": "decimal(18, 4)",
        "amount_after": "decimal(18, 4)",
        "currency_before": "string",
        "currency_after": "string",
        "amount_reporting_before": "decimal(18, 4)",
        "amount_reporting_after": "decimal(18, 4)",
        "valid_from_run_before": "bigint",
    },
    CONVERSION_INPUTS: {
        "conversion_id": "string",
        "conversion_type": "string",
        "account_id": "string",
        "person_id": "string",
        "opportunity_status": "string",
        "amount": "decimal(18, 4)",
        "currency": "string",
        "identity_key": "string",
        "stage_key": "string",
        "amount_key": "string",
        "touch_set": "string",
        "touch_hash": "string",
        "input_hash": "string",
        "is_present": "boolean",
        "run_number": "bigint",
    },
    TOUCH_INPUTS: {
        "journey_id": "string",
        "conversion_id": "string",
        "touch_id": "string",
        "account_id": "string",
        "person_id": "string",
    },
}


def prepare(warehouse: Warehouse) -> None:
    """Make the ledger's schema and tables, and those of evaluations, where they are not there yet."""
    warehouse.execute("create schema if not exists attribution")
    for table, columns in TABLES.items():
        listed = ", ".join(f"{name} {kind}" for name, kind in columns.items())
        warehouse.execute(f"create table if not exists {table} ({listed})")
    if not warehouse.exists(CURRENT):
        show(warehouse, CREDITS)
    evaluation_tables.prepare(warehouse)


def show(warehouse: Warehouse, table: str) -> None:
    """Let `attribution.current_credits`, which the marts read, show the current versions of `table`."""
    columns = ", ".join(TABLES[CREDITS])
    warehouse.execute(f"create or replace view {CURRENT} as select {columns} from {table} where valid_to_run is null")


def next_run_number(warehouse: Warehouse) -> int:
    """Run numbers count every run of the ledger, replays and repetitions too."""
    return int(warehouse.value(f"select coalesce(max(run_number), 0) + 1 from {RUNS}"))


def newest_date(warehouse: Warehouse) -> date | None:
    """The latest business date that the ledger holds."""
    return warehouse.value(f"select max(business_date) from {RUNS} where not is_replay")


def last_models(warehouse: Warehouse) -> dict[str, tuple[str, str]]:
    """The version and definition of each model that the ledger's last run credited with."""
    rows = warehouse.rows(
        f"""select model_name, model_version, definition from {RUN_MODELS} where run_number = (
            select max(run_number) from {RUNS} where not is_replay)"""
    )
    return {name: (model_version, definition) for name, model_version, definition in rows}


def last_journey_config(warehouse: Warehouse) -> str | None:
    """The hash of the rules that the journeys of the ledger's last run were built by."""
    return warehouse.value(
        f"""select journey_config_hash from {RUNS} where run_number = (
            select max(run_number) from {RUNS} where not is_replay)"""
    )


def content_sql(credited: str, model_name: str, policy: str | None, model_version: str) -> str:
    """Credits as the ledger keeps them, from a query of credited amounts."""
    given = {
        "model_name": text(model_name),
        "policy": text(policy) if policy else "cast(null as string)",
        "model_version": text(model_version),
        "person_id": "coalesce(touch.person_id, conversion.person_id)",
    }
    of_share = {
        "touch_number", "credit_kind", "credit_reason", "credit_share", "credited_amount", "credited_amount_reporting",
        "position_roles", "base_weight", "reallocated_weight",
    }  # fmt: skip
    of_touch = {
        "touch_id", "touched_at", "channel", "campaign_id", "content_name", "touch_kind", "is_offline", "buying_role"
    }  # fmt: skip

    def column(name: str) -> str:
        relation = "credited" if name in of_share else "touch" if name in of_touch else "conversion"
        return f"cast({given.get(name, f'{relation}.{name}')} as {CONTENT[name]}) as {name}"

    return f"""
        select {", ".join(column(name) for name in CONTENT)}
        from ({credited}) as credited
        inner join {CONVERSIONS} as conversion on credited.conversion_key = conversion.conversion_key
        left join {TOUCHES} as touch
            on credited.conversion_key = touch.conversion_key and credited.touch_number = touch.touch_number"""


def insert(warehouse: Warehouse, table: str, credits: str, run_id: str, run_number: int) -> None:
    """Open versions: append a relation of credits to the ledger (or the replay) as of a run."""
    listed = ", ".join(CONTENT)
    warehouse.execute(
        f"insert into {table} select {listed}, {text(run_id)}, {run_number}, cast(null as bigint) from {credits}"
    )


def close(warehouse: Warehouse, model_name: str, conversions: str | None, run_number: int) -> None:
    """Close a model's current versions of the conversions in a relation, or of all of them."""
    which = f" and conversion_id in (select conversion_id from {conversions})" if conversions else ""
    warehouse.execute(
        f"update {CREDITS} set valid_to_run = {run_number} "
        f"where valid_to_run is null and model_name = {text(model_name)}{which}"
    )


def differing_sql(new: str, model_name: str, conversions: str) -> str:
    """The conversions of which a model's new credits (a relation) say something else than its current ones.

    Shares are compared to twelve digits, so that the noise of doubles never makes a version.
    """
    doubles = [name for name, kind in CONTENT.items() if kind == "double"]
    columns = ", ".join(f"round({name}, 12) as {name}" if name in doubles else name for name in CONTENT)
    current = f"""select {columns} from {CREDITS} where valid_to_run is null and model_name = {text(model_name)}
        and conversion_id in (select conversion_id from {conversions})"""
    return f"""
        select distinct conversion_id from (
            (select {columns} from {new} except all {current})
            union all
            ({current} except all select {columns} from {new})
        ) as differing"""


def record(warehouse: Warehouse, table: str, values: Mapping[str, object] | Iterable[Mapping[str, object]]) -> None:
    """Append rows of Python values, by column name."""
    for row in [values] if isinstance(values, Mapping) else values:
        marks = ", ".join("?" for _ in row)
        warehouse.execute(f"insert into {table} ({', '.join(row)}) values ({marks})", list(row.values()))


def credits_as_of(run_number: int, table: str = CREDITS) -> str:
    """The query of the credits as they were published by a run (for a replay: as the ledger stood then)."""
    number = int(run_number)
    return (
        f"select * from {table} where valid_from_run <= {number} and (valid_to_run is null or valid_to_run > {number})"
    )


def run_numbered(warehouse: Warehouse, run: str | int | date) -> int:
    """The number of a run given by number, by run id, or by a date (the last run up to that business date).

    Raises `UsageError` naming the newest runs when there is no such run.
    """
    if not warehouse.exists(RUNS):
        raise UsageError("nothing has been attributed yet: run `touchledger run --date YYYY-MM-DD` first")
    given = str(run)
    found = warehouse.value(
        f"select max(run_number) from {RUNS} where cast(run_number as string) = ? or run_id = ?", [given, given]
    )
    if found is None and re.fullmatch(r"\d{4}-\d\d-\d\d", given):
        found = warehouse.value(
            f"select max(run_number) from {RUNS} where cast(business_date as string) <= ? and not is_replay", [given]
        )
    if found is None:
        newest = warehouse.rows(f"select run_number, business_date from {RUNS} order by run_number desc limit 3")
        known = ", ".join(f"{number} ({day})" for number, day in newest) or "none"
        raise UsageError(f"there is no run {given!r}; the newest runs are {known}")
    return int(found)
