"""Experiments in the warehouse correct the night's credit, as they do on files."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

from benchmarks.attribution_worlds import Design, World, simulate
from pipeline.attribution import attribute_file, attribute_warehouse
from pipeline.warehouse.on_duckdb import DuckDBWarehouse
from tests.attribution.journeys import Journey, Touch, load

RULES = {"enabled_models": ["linear", "hazard"], "model_parameters": {"hazard": {"replicates": 20}}}
NIGHT = date(2026, 4, 1)
AMOUNT = Decimal("99.99")


def experiment(channel: str, increment: float, standard_error: float = 3.0) -> dict[str, object]:
    return {
        "source_system": "experiments", "experiment_id": f"on {channel}", "conversion_type": "mql", "channel": channel,
        "starts_on": date(2025, 3, 1), "ends_on": date(2025, 8, 31), "measured_until": date(2025, 9, 30),
        "increment": increment, "standard_error": standard_error,
    }  # fmt: skip


@pytest.fixture(scope="module")
def world() -> World:
    return simulate(Design(accounts=1500, channels=4, placebos=1, conversions=600, baseline=0.3), 5)


@pytest.fixture(scope="module")
def experiments(world: World) -> list[dict[str, object]]:
    best, second, *_ = world.truth.sort_values(ascending=False).index
    return [experiment(best, 5.0), experiment(second, 60.0)]


@pytest.fixture(scope="module")
def company(world: World) -> DuckDBWarehouse:
    """A warehouse with the world's journeys and accounts at risk, and nothing attributed yet."""
    warehouse = DuckDBWarehouse.in_memory()
    journeys = []
    for account_id, rows in world.journeys.groupby("account_id"):
        is_converted = bool(rows.converted.iloc[0])
        end = rows.converted_at.iloc[0] if is_converted else rows.touched_at.max()
        touches = [
            Touch(one.touch_id, one.channel, (end - one.touched_at) / pd.Timedelta(days=1))
            for one in rows.sort_values("touched_at").itertuples()
        ]
        journeys.append(
            Journey(str(account_id), touches, "mql", is_converted, str(account_id), AMOUNT,
                    converted_at=end.to_pydatetime())
        )  # fmt: skip
    load(warehouse, journeys)
    converted = world.journeys[world.journeys.converted].groupby("account_id").converted_at.first()
    at_risk = world.accounts.assign(conversion_type="mql", converted_at=world.accounts.account_id.map(converted))
    at_risk["is_converted"] = at_risk.converted_at.notna()
    touches = world.journeys[["account_id", "touch_id", "touched_at", "channel"]]
    for name, frame in (("fct_accounts_at_risk", at_risk), ("fct_account_touches", touches)):
        table = pa.Table.from_pandas(frame, preserve_index=False)
        warehouse.create_from_arrow(f"journeys.{name}", table, temporary=False)
    return warehouse


def attribute(
    warehouse: DuckDBWarehouse,
    experiments: list[dict[str, object]],
    nights: int = 0,
    rules: dict[str, object] = RULES,
    **more: bool,
):
    if experiments:
        table = pa.Table.from_pylist(experiments)
        warehouse.create_from_arrow("journeys.fct_experiments", table, temporary=False)
    else:
        warehouse.execute("drop table if exists journeys.fct_experiments")
    night = NIGHT + timedelta(days=nights)
    return attribute_warehouse(warehouse, rules, night, f"night of {night}", **more)


def shares(warehouse: DuckDBWarehouse, model: str) -> dict[str, float]:
    rows = warehouse.rows(
        """select coalesce(channel, credit_kind), sum(credit_share) from attribution.current_credits
        where model_name = ? group by 1 order by 1""",
        [model],
    )
    return dict(rows)


def test_nights_correct_credit_by_experiments(company, experiments, world, tmp_path: Path):
    # WHEN there is no experiment THEN there is no corrected model
    report = attribute(company, [])
    assert report.models == ["linear", "hazard"]

    # WHEN there are THEN it stands beside the other, whole to the cent, with a baseline of its own
    attribute(company, experiments, 1)
    before, after = shares(company, "hazard"), shares(company, "hazard_calibrated")
    best, second = (one["channel"] for one in experiments)
    assert after[best] < before[best] / 2
    assert sum(after.values()) == pytest.approx(sum(before.values()))
    assert "baseline" in after
    wholes = company.rows(
        """select conversion_id, sum(credited_amount), sum(credit_share) from attribution.current_credits
        where model_name = 'hazard_calibrated' group by 1"""
    )
    assert len(wholes) > 400
    assert {amount for _, amount, _ in wholes} == {AMOUNT}
    assert max(abs(share - 1) for *_, share in wholes) < 1e-9

    # THEN files of the same data say the same
    world.journeys.to_parquet(tmp_path / "journeys.parquet")
    world.accounts.to_parquet(tmp_path / "accounts.parquet")
    pd.DataFrame(experiments).to_parquet(tmp_path / "experiments.parquet")
    attribute_file(
        journeys=tmp_path / "journeys.parquet", accounts=tmp_path / "accounts.parquet",
        experiments=tmp_path / "experiments.parquet", models="hazard", overrides=["hazard.replicates=20"],
        out=tmp_path / "credits.parquet",
    )  # fmt: skip
    of_files = pd.read_parquet(tmp_path / "credits.parquet")
    of_files = of_files[of_files.model_name == "hazard_calibrated"].fillna({"channel": "baseline"})
    assert of_files.groupby("channel").credit_share.sum().to_dict() == pytest.approx(after, rel=1e-6)

    # THEN the factors are kept, tested channels apart from others
    kept = {
        channel: rest
        for channel, *rest in company.rows(
            """select channel, experiment_count, credited_conversions, increment, standard_error, factor, factor_low,
                factor_high
            from attribution.calibrations where channel is not null"""
        )
    }
    assert kept.keys() == set(world.truth.index)
    assert kept[best][2:4] == [5.0, 3.0]
    assert kept[best][4] < 5.0 / kept[best][1] + 0.1
    assert kept[best][5] < kept[best][4] < kept[best][6]
    assert [one[0] for channel, one in kept.items() if channel not in (best, second)] == [0, 0]

    # WHEN nothing is new THEN nothing moves, computed in full or not
    assert attribute(company, experiments, 2).credits_written == 0
    assert attribute(company, experiments, 3, full=True).credits_written == 0

    # WHEN one more experiment is reported THEN the corrected credit moves, and says why
    report = attribute(company, [*experiments, experiment(world.truth.index[0] + " unseen", 3.0)], 4)
    assert company.rows("select count(*) from attribution.calibrations where channel like '% unseen'") == [(1,)]
    report = attribute(company, [experiment(best, 90.0), experiments[1]], 5)
    assert report.credit_changes.keys() == {"model_refit"}
    assert shares(company, "hazard") == before
    assert shares(company, "hazard_calibrated")[best] > after[best]


def newest_calibration(warehouse: DuckDBWarehouse) -> tuple[int, list[tuple[str, float]]]:
    number = warehouse.value("select max(calibration_number) from attribution.calibrations")
    return number, warehouse.rows(
        """select coalesce(channel, 'common'), factor from attribution.calibrations
        where calibration_number = ? order by 1""",
        [number],
    )


def test_an_experiment_that_is_taken_back_brings_the_former_factors_back(company, experiments):
    attribute(company, experiments, 10)
    first, factors = newest_calibration(company)
    attribute(company, [experiment(experiments[0]["channel"], 90.0), experiments[1]], 11)
    second, others = newest_calibration(company)
    attribute(company, experiments, 12)
    third, again = newest_calibration(company)
    # Marts read the newest, so what is in force again is kept again.
    assert first < second < third
    assert others != factors
    assert again == factors
    assert attribute(company, experiments, 13).credits_written == 0
    assert newest_calibration(company)[0] == third


def test_a_model_that_is_switched_off_is_not_corrected(company, experiments):
    attribute(company, experiments, 20)
    before, _ = newest_calibration(company)
    report = attribute(company, experiments, 21, {"enabled_models": ["linear"]})
    assert report.models == ["linear"]
    assert company.rows("select distinct model_name from attribution.current_credits") == [("linear",)]
    assert newest_calibration(company)[0] == before


def test_too_little_data_leaves_nothing_to_correct(company, experiments):
    rules = {"enabled_models": ["hazard"], "model_parameters": {"hazard": {"min_conversions": 10_000}}}
    attribute(company, experiments, 30)
    before, _ = newest_calibration(company)
    report = attribute(company, experiments, 31, rules)
    assert report.models == ["hazard", "hazard_calibrated"]
    assert report.unattributed == dict.fromkeys(report.models, report.conversions)
    assert company.rows(
        """select distinct model_name, credit_kind, credit_reason, credit_share
        from attribution.current_credits order by 1"""
    ) == [(name, "unattributed", "not_enough_data", 1.0) for name in report.models]
    assert newest_calibration(company)[0] == before
