"""The law of the ledger, for every registered model: computing what changed gives what computing everything gives."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from pipeline.attribution import attribute_warehouse, model_fits
from pipeline.attribution.ledger import CONTENT
from pipeline.attribution.registry import all_models
from pipeline.warehouse.base import Row
from pipeline.warehouse.on_duckdb import DuckDBWarehouse
from tests.attribution.journeys import Journey, Touch, load, night
from tests.laws.generated import DECLARED, journeys, lost

RULES = {**DECLARED, "enabled_models": "all"}
NAMES = [model.name for model in all_models(DECLARED)]
NIGHTS = 3


def batch_of(number: int) -> list[Journey]:
    """What a night has: conversions come, go and come back, touches arrive late, amounts and stages change."""

    def tonight(one: Journey) -> Journey | None:
        turn = (int(one.unit_id[1:]) + number) % 9
        late = Touch(f"{one.unit_id}.late{number}", "webinar", 400.0)
        return {
            0: None,
            1: one.but(amount=7),
            2: one.but(touches=[late, *one.touches]),
            4: one.but(touches=one.touches[1:], opportunity_status="open"),
            5: one.but(touches=[replace(touch, holds=()) for touch in one.touches]),
        }.get(turn, one)

    return [*lost(), *(now for one in journeys(120) if (now := tonight(one)) is not None)]


@pytest.fixture(scope="module")
def incremental() -> Iterator[DuckDBWarehouse]:
    """Every night credited as it came."""
    with DuckDBWarehouse.in_memory() as warehouse:
        for number in range(1, NIGHTS + 1):
            load(warehouse, batch_of(number))
            report = attribute_warehouse(warehouse, RULES, night(number), f"night {number}")
            assert number == 1 or 0 < report.computed["linear"] < report.conversions, (
                "nothing, or everything, was redone"
            )
        yield warehouse


@pytest.fixture(scope="module")
def from_nothing(incremental: DuckDBWarehouse) -> Iterator[DuckDBWarehouse]:
    """The last night alone, in a warehouse that is empty but for the frozen fits."""
    with DuckDBWarehouse.in_memory() as warehouse:
        load(warehouse, batch_of(NIGHTS))
        model_fits.prepare(warehouse)
        for table in model_fits.TABLES:
            warehouse.create_from_arrow(table, incremental.arrow(f"select * from {table}"), temporary=False)
        attribute_warehouse(warehouse, RULES, night(NIGHTS), "alone", full=True)
        yield warehouse


def current(warehouse: DuckDBWarehouse, name: str) -> list[Row]:
    return warehouse.rows(
        f"select {', '.join(CONTENT)} from attribution.current_credits where model_name = ? "
        "order by conversion_id, touch_number, touch_id",
        [name],
    )


@pytest.mark.parametrize("name", NAMES)
def test_incremental_equals_full(incremental: DuckDBWarehouse, from_nothing: DuckDBWarehouse, name: str):
    found = current(incremental, name)
    assert len(found) > 100
    assert found == current(from_nothing, name)


@pytest.mark.parametrize("name", NAMES)
def test_each_version_after_the_first_says_why(incremental: DuckDBWarehouse, name: str):
    unexplained = incremental.rows(
        """
        select distinct later.conversion_id, later.valid_from_run
        from attribution.credits as later
        left join attribution.credit_changes as change
            on change.run_number = later.valid_from_run and change.model_name = later.model_name
            and change.conversion_id = later.conversion_id
        where later.model_name = $1 and change.reason is null and exists (
            select 1 from attribution.credits as earlier
            where earlier.model_name = $1 and earlier.conversion_id = later.conversion_id
                and earlier.valid_from_run < later.valid_from_run)""",
        [name],
    )
    assert unexplained == []


def test_a_full_run_over_the_same_journeys_writes_no_version(incremental: DuckDBWarehouse):
    before = incremental.value("select count(*) from attribution.credits")
    report = attribute_warehouse(incremental, RULES, night(NIGHTS), "full", full=True)
    assert report.credits_written == 0
    assert report.credit_changes == {}
    assert set(report.computed.values()) == {report.conversions}
    assert incremental.value("select count(*) from attribution.credits") == before
