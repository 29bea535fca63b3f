"""The hand-checkable examples beside the marts, run by dbt."""

import pytest

from pipeline import dbt
from pipeline.progress import Progress
from pipeline.settings import Settings, business_rules
from tests.marts.conftest import RULES


@pytest.mark.usefixtures("as_of_query")
def test_every_example_of_a_mart_comes_out(settings: Settings) -> None:
    selection = ["--select", "path:models/marts,test_type:unit"]
    results = dbt.run(settings, business_rules(settings, RULES), ["test", *selection], Progress())
    assert len(results) >= 32
    assert {result["status"] for result in results} == {"pass"}
