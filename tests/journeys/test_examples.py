"""The hand-checkable examples beside the intermediate models and the journeys, run by dbt."""

import pytest

from tests.journeys.conftest import Built

pytestmark = pytest.mark.slow


def test_every_example_comes_out(built: Built) -> None:
    results = built.build(
        "test", "--select", "path:models/intermediate,test_type:unit", "path:models/journeys,test_type:unit"
    )
    assert len(results) >= 6
    assert {result["status"] for result in results} == {"pass"}
