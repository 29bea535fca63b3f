"""The hand-checkable examples beside the marts, run by dbt."""

import pytest
import yaml

from pipeline.attribution.experiments import expected_gain, standard_error
from tests.marts.conftest import MARTS


def test_every_example_of_a_mart_comes_out(small_company):
    examples = {name: status for name, status in small_company.results.items() if name.startswith("unit_test.")}
    assert len(examples) >= 32
    assert set(examples.values()) == {"pass"}


def test_what_an_experiment_would_tell_is_the_same_sum_in_the_mart_and_in_python():
    examples = yaml.safe_load((MARTS / "attribution" / "_attribution__unit_tests.yml").read_text())["unit_tests"]
    [example] = [one for one in examples if one["model"] == "mart_experiment_candidates"]
    not_tested = [row for row in example["expect"]["rows"] if row["basis"] == "not_tested"]
    assert len(not_tested) == 4
    for row in not_tested:
        found = expected_gain(row["credited_conversions"], row["standard_error"] or 0.0)
        assert row["expected_gain_conversions"] == pytest.approx(found, rel=1e-12), row["channel"]
    unsure = [row for row in example["expect"]["rows"] if row["standard_error"] is not None]
    assert {row["basis"] for row in unsure} == {"tested", "not_tested"}
    for row in unsure:
        share = standard_error(row["credited_share_low"], row["credited_share_high"])
        of_share = row["standard_error"] * row["credited_share"] / row["credited_conversions"]
        assert of_share == pytest.approx(share, rel=1e-9), row["channel"]
