"""Great Expectations on a frame: the only module that imports it.

Its import takes seconds, so it happens on the first check. The context lives in memory, draws
no bars and reports to nobody.
"""

import difflib
import logging
import math
from collections.abc import Sequence
from contextlib import contextmanager
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any

import pandas as pd

from pipeline.errors import UsageError
from pipeline.quality.files import Expectation, ExpectationFile, resolved
from pipeline.quality.report import Result

if TYPE_CHECKING:
    from collections.abc import Iterator

    import great_expectations

EXAMPLES = 3

#: Types that have another home, or no meaning on a frame of chosen columns.
NOT_AT_A_DOOR = {
    "expect_column_to_exist": "columns are the contract's matter",
    "expect_column_type_to_be": "types are the contract's matter",
    "expect_column_values_to_be_of_type": "types are the contract's matter",
    "expect_column_values_to_be_in_type_list": "types are the contract's matter",
    "expect_table_columns_to_match_ordered_list": "columns are the contract's matter",
    "expect_table_columns_to_match_set": "columns are the contract's matter",
    "expect_table_column_count_to_be_between": "columns are the contract's matter",
    "expect_table_column_count_to_equal": "columns are the contract's matter",
    "expect_query_results_to_match_comparison": "give the file a `query` and check its rows",
    "expect_table_row_count_to_equal_other_table": "give the file a `query` and check its rows",
    "unexpected_rows_expectation": "give the file a `query` and check its rows",
}

#: Types whose value over a sample is not the table's; a query is never sampled.
ONLY_ON_A_QUERY = {"expect_column_sum_to_be_between", "expect_column_unique_value_count_to_be_between"}


def check_names(file: ExpectationFile, business_date: date) -> None:
    """Raise `UsageError` naming the file, the expectation and the known types when a type or argument is wrong."""
    for number, expectation in enumerate(file.expectations, 1):
        where = f"{file.path}, expectation {number}"
        if expectation.type in NOT_AT_A_DOOR:
            raise UsageError(
                f"{where}: {expectation.type} is not for a door: {NOT_AT_A_DOOR[expectation.type]}; "
                f"known: {', '.join(known_types())}"
            )
        if expectation.type not in known_types():
            near = difflib.get_close_matches(expectation.type, known_types(), n=3)
            hint = f" (did you mean {' or '.join(near)}?)" if near else ""
            raise UsageError(
                f"{where}: unknown expectation type {expectation.type!r}{hint}; known: {', '.join(known_types())}"
            )
        if expectation.type in ONLY_ON_A_QUERY and file.query is None:
            raise UsageError(
                f"{where}: {expectation.type} on a table may see only a sample of it; give the file a `query`"
            )
        try:
            _built(expectation, business_date, 0)
        except (ValueError, TypeError) as error:
            detail = "; ".join(line.strip() for line in str(error).splitlines()[1:]) or str(error)
            raise UsageError(f"{where}: arguments of {expectation.type} are wrong: {detail}") from error


@cache
def known_types() -> tuple[str, ...]:
    """The expectation types a file may name."""
    _great_expectations()
    from great_expectations.expectations.registry import list_registered_expectation_implementations

    return tuple(sorted(set(list_registered_expectation_implementations()) - NOT_AT_A_DOOR.keys()))


def run(
    table: str,
    frame: pd.DataFrame,
    expectations: Sequence[Expectation],
    business_date: date,
    key: Sequence[str] = (),
) -> list[Result]:
    """Run checks on a frame, one result each in their order; `key` columns name the offending rows."""
    gx = _great_expectations()
    suite = gx.ExpectationSuite(
        name=table,
        expectations=[_built(expectation, business_date, n) for n, expectation in enumerate(expectations)],
    )
    definition = _context().data_sources.add_or_update_pandas("doors").add_dataframe_asset(table)
    batch = definition.add_batch_definition_whole_dataframe("batch").get_batch({"dataframe": frame})
    result_format: dict[str, Any] = {"result_format": "SUMMARY", "partial_unexpected_count": EXAMPLES}
    if key:
        result_format["unexpected_index_column_names"] = list(key)
    with _quiet():
        outcome = batch.validate(suite, result_format=result_format)
    by_number = {found.expectation_config.meta["number"]: found for found in outcome.results}
    return [_result(table, expectation, by_number[n]) for n, expectation in enumerate(expectations)]


def _built(expectation: Expectation, business_date: date, number: int) -> Any:
    from great_expectations.expectations.registry import get_expectation_impl

    kwargs = {name: resolved(value, business_date) for name, value in expectation.kwargs.items()}
    if "column_A" in kwargs:
        # two columns cannot be compared where one is empty; whether it may be is another check
        kwargs.setdefault("ignore_row_if", "either_value_is_missing")
    return get_expectation_impl(expectation.type)(**kwargs, meta={"number": number})


def _result(table: str, expectation: Expectation, found: Any) -> Result:
    exception = _exception(found.exception_info)
    if exception is not None:
        return Result(table, expectation, "error", exception)
    result = found.result or {}
    observed = result.get("observed_value")
    if "observed_value" in result and _is_nothing(observed):
        return Result(table, expectation, "error", "there is nothing to measure: the batch has no such values")
    unexpected = result.get("unexpected_count")
    is_allowed = not found.success and unexpected is not None and unexpected <= expectation.allow_rows
    examples = result.get("partial_unexpected_index_list") or result.get("partial_unexpected_list") or []
    return Result(
        table,
        expectation,
        "success" if found.success or is_allowed else "failure",
        f"{unexpected} rows are not as expected; {expectation.allow_rows} are allowed" if is_allowed else "",
        observed_value=None if observed is None else str(observed),
        unexpected_count=unexpected,
        element_count=result.get("element_count"),
        unexpected_examples=tuple(examples[:EXAMPLES]),
    )


def _exception(info: Any) -> str | None:
    """The message of a metric that raised: flat, or one mapping for each metric."""
    if not info:
        return None
    parts = [info] if "raised_exception" in info else list(info.values())
    for part in parts:
        if part and part.get("raised_exception"):
            return str(part.get("exception_message") or "the metric raised an exception").strip()
    return None


def _is_nothing(value: Any) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))


@cache
def _great_expectations() -> "great_expectations":
    import great_expectations

    return great_expectations


@cache
def _context() -> Any:
    gx = _great_expectations()
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = gx.get_context(mode="ephemeral")
    context.enable_analytics(False)
    context.variables.progress_bars = ProgressBarsConfig(globally=False, metric_calculations=False)
    return context


@contextmanager
def _quiet() -> "Iterator[None]":
    """Keep the library's own log out of ours while it computes: what it finds is in the results."""
    logger = logging.getLogger("great_expectations")
    before = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(before)
