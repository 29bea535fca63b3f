"""The two doors: what was delivered tonight, and the marts before anyone may read them.

A check is a line in a file under `expectations/` (`pipeline.quality.files` says how). Every
result is kept in `ops.expectation_results`; a critical one that did not pass closes the door.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from importlib import import_module

from pipeline.errors import TouchledgerError
from pipeline.progress import Progress
from pipeline.quality import gx
from pipeline.quality.batches import ROW_LIMIT, Batch, read_batch
from pipeline.quality.files import Door, Expectation, ExpectationFile, expectation_files
from pipeline.quality.raw_tables import RawTable, raw_tables
from pipeline.quality.report import Result, ValidationReport, create_results_table, keep
from pipeline.settings import Settings
from pipeline.warehouse import Warehouse

__all__ = ["Result", "ValidationReport", "preload", "validate"]

_NO_ROWS = Expectation(
    "expect_table_row_count_to_be_between", {"min_value": 1}, "critical", "The file says `when_empty: fail`."
)


def preload() -> None:
    """Import Great Expectations, which takes seconds, while something else is going on."""
    import_module("great_expectations")


def validate(
    warehouse: Warehouse,
    door: Door,
    settings: Settings,
    business_date: date,
    run_id: str,
    progress: Progress | None = None,
    tables: list[str] | None = None,
    row_limit: int = ROW_LIMIT,
) -> ValidationReport:
    """Check every table with expectations at a door, keep the results, and return them.

    Nothing is raised for data that breaks a check: the caller asks `report.raise_for_gate()`.
    A raw table that is not there belongs to a source that is not enabled and is skipped; a mart
    that is not there is an error. Raises `UsageError` for a wrong expectation file.
    """
    progress = progress or Progress()
    files = expectation_files(settings.expectations, door, tables)
    create_results_table(warehouse)
    contracts = raw_tables(settings.dbt_project)
    applying = [file for file in files if _applies(warehouse, file, contracts)]
    if applying:
        progress.phase("loading Great Expectations")
    for file in applying:
        gx.check_names(file, business_date)
    progress.phase(f"checking {len(applying)} tables at the door {door!r}")
    results: list[Result] = []
    for done, file in enumerate(applying, 1):
        results += _check_file(warehouse, file, business_date, row_limit, contracts.get(file.name))
        progress.advance(done, len(applying), "tables")
    skipped = tuple(file.table for file in files if file not in applying)
    report = ValidationReport(door, business_date, run_id, tuple(results), skipped)
    keep(warehouse, report)
    return report


def _applies(warehouse: Warehouse, file: ExpectationFile, contracts: Mapping[str, RawTable]) -> bool:
    if file.door != "raw":
        return True
    if file.query is None:
        return warehouse.exists(file.table)
    source = file.name.partition("__")[0] + "__"
    return any(warehouse.exists(f"raw.{name}") for name in contracts if name.startswith(source))


def _check_file(
    warehouse: Warehouse, file: ExpectationFile, business_date: date, row_limit: int, raw: RawTable | None
) -> list[Result]:
    def batch(where: str | None = None) -> Batch:
        return read_batch(warehouse, file, business_date, where, row_limit, raw)

    if file.query is None and not warehouse.exists(file.table):
        return _not_computed(file, f"there is no table {file.table}; was its model renamed or disabled?")
    try:
        if batch().row_count == 0:
            return _of_no_rows(file)
        return [
            result
            for where, checks in _by_condition(file.expectations).items()
            for result in _check_batch(file, batch(where), checks, business_date)
        ]
    except TouchledgerError:
        raise
    except Exception as error:  # whatever keeps a check from being computed is its result, not a crash of the night
        return _not_computed(file, f"{type(error).__name__}: {str(error).strip().splitlines()[0]}")


def _check_batch(
    file: ExpectationFile, batch: Batch, expectations: list[Expectation], business_date: date
) -> list[Result]:
    """Checks that read columns share one frame; checks of the row count alone need none."""
    results: list[Result] = []
    of_columns: list[Expectation] = []
    of_rows: list[Expectation] = []
    for check in expectations:
        absent = [column for column in check.columns if column not in batch.columns]
        if absent:
            message = f"no column {', '.join(absent)}; there are: {', '.join(batch.columns)}"
            results.append(Result(file.table, check, "error", message))
        elif check.columns and batch.row_count == 0:
            results.append(Result(file.table, check, "success", "no rows satisfy its condition", element_count=0))
        else:
            (of_columns if check.columns else of_rows).append(check)
    if of_columns:
        needed = dict.fromkeys([column for check in of_columns for column in check.columns] + list(batch.key))
        results += gx.run(file.table, batch.frame(list(needed)), of_columns, business_date, batch.key)
    if of_rows:
        results += gx.run(file.table, batch.frame([]), of_rows, business_date)
    return [replace(result, message=result.message or batch.note) for result in results]


def _of_no_rows(file: ExpectationFile) -> list[Result]:
    if file.when_empty == "fail":
        return [Result(file.table, _NO_ROWS, "failure", "the batch has no rows", observed_value="0")]
    return [
        Result(file.table, check, "success", "the batch has no rows", element_count=0) for check in file.expectations
    ]


def _not_computed(file: ExpectationFile, message: str) -> list[Result]:
    return [Result(file.table, check, "error", message) for check in file.expectations]


def _by_condition(expectations: tuple[Expectation, ...]) -> dict[str | None, list[Expectation]]:
    groups: dict[str | None, list[Expectation]] = {}
    for expectation in expectations:
        groups.setdefault(expectation.where, []).append(expectation)
    return groups
