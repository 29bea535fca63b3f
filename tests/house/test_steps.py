from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from pipeline import step_runs, steps
from pipeline.errors import UsageError
from pipeline.settings import Settings
from pipeline.step_runs import LAYERS, StepRun

NIGHT, NEXT = date(2026, 6, 30), date(2026, 7, 1)
START = datetime(2026, 7, 1, 2, tzinfo=UTC)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.read({}, home=tmp_path)


def ran(settings: Settings, step: str, night: date, minute: int, status: str = "succeeded") -> None:
    at = START + timedelta(minutes=minute)
    step_runs.keep(settings, StepRun("run", night, step, None, status, at, 1.0, {}, None))


def test_a_step_needs_the_layers_below_it_to_hold_its_own_night(settings: Settings):
    step_runs.require_layers_below(settings, "build_journeys", NIGHT)
    with pytest.raises(UsageError, match="build_journeys never ran"):
        step_runs.require_layers_below(settings, "attribute", NIGHT)
    for minute, step in enumerate(LAYERS):
        ran(settings, step, NIGHT, minute)
    step_runs.require_layers_below(settings, "publish", NIGHT)
    with pytest.raises(UsageError, match=r"publish for 2026-07-01 needs.*last ran for 2026-06-30"):
        step_runs.require_layers_below(settings, "publish", NEXT)


def test_a_layer_built_again_below_makes_those_above_it_stale(settings: Settings):
    for minute, step in enumerate(LAYERS):
        ran(settings, step, NIGHT, minute)
    ran(settings, "build_journeys", NIGHT, 10)
    with pytest.raises(UsageError, match="what attribute built is older than what it reads"):
        step_runs.require_layers_below(settings, "publish", NIGHT)


def test_a_failed_layer_holds_no_night(settings: Settings):
    ran(settings, "build_journeys", NIGHT, 0)
    ran(settings, "build_journeys", NIGHT, 1, status="failed")
    with pytest.raises(UsageError, match="last ran for 2026-06-30 and failed"):
        step_runs.require_layers_below(settings, "attribute", NIGHT)


def test_publish_refuses_another_nights_marts_before_it_does_anything(settings: Settings):
    for minute, step in enumerate(LAYERS):
        ran(settings, step, NIGHT, minute)
    with pytest.raises(UsageError, match="publish for 2026-07-01"):
        steps.publish(steps.Run(NEXT, "run", settings))


@pytest.mark.parametrize("text", ["yesterday", "2026-13-01", "2026-6-1", ""])
def test_a_business_date_that_is_no_day_is_refused_with_the_form(text: str):
    with pytest.raises(UsageError, match="YYYY-MM-DD"):
        steps.parse_business_date(text)
