"""The hand-checkable examples beside the intermediate models and the journeys, run by dbt."""

import pytest

from tests.journeys.conftest import Built

pytestmark = pytest.mark.slow


def test_every_example_comes_out(built: Built) -> None:
    examples = {name: status for name, status in built.results.items() if name.startswith("unit_test.")}
    assert len(examples) >= 6
    assert set(examples.values()) == {"pass"}
