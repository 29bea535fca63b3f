"""What an evaluation says of models whose worth is known."""

import json
from datetime import timedelta

import pytest

from pipeline.attribution import attribute_warehouse, refit_warehouse
from pipeline.attribution.evaluation.evaluate import evaluate_warehouse
from pipeline.attribution.evaluation.tables import TABLES
from pipeline.attribution.evaluation.verdict import more_than_a_tenth
from pipeline.errors import UsageError
from pipeline.publish.evaluation import render
from pipeline.warehouse.on_duckdb import DuckDBWarehouse
from tests.attribution.journeys import load
from tests.evaluation.conftest import BUSINESS_DATE, company


def figures(warehouse, table, columns, where="true"):
    names = ", ".join(columns)
    rows = warehouse.rows(
        f"""select model_name, {names} from attribution.evaluation_{table}
            where evaluation_number = 1 and conversion_type = 'won' and {where}"""
    )
    return {row[0]: dict(zip(columns, row[1:], strict=True)) for row in rows}


def test_a_model_that_knows_foretells_and_one_that_does_not_does_not(evaluated):
    found = figures(evaluated, "predictions", ["auc", "auc_low", "log_loss", "length_log_loss", "difference_high"])
    assert found["perfect"]["auc"] > 0.9
    assert found["perfect"]["auc_low"] > 0.8
    assert found["perfect"]["difference_high"] < -0.1
    assert abs(found["useless"]["log_loss"] - found["useless"]["length_log_loss"]) < 0.02
    assert found["perfect"]["log_loss"] < found["useless"]["log_loss"]


def test_calibration_tells_what_became_of_each_chance(evaluated):
    bins = evaluated.rows(
        """select predicted_share, observed_share, journey_count from attribution.evaluation_calibration
           where evaluation_number = 1 and conversion_type = 'won' and model_name = 'perfect' order by bin_number"""
    )
    foretold, journeys = [row[0] for row in bins], sum(row[2] for row in bins)
    assert foretold == sorted(foretold)
    assert journeys == figures(evaluated, "predictions", ["journey_count"])["perfect"]["journey_count"] == 120
    error = sum(abs(predicted - observed) * count for predicted, observed, count in bins) / journeys
    stated = figures(evaluated, "predictions", ["calibration_error"])["perfect"]["calibration_error"]
    assert stated == pytest.approx(error)
    assert error < 0.1


def test_nothing_is_found_in_shuffled_outcomes(evaluated):
    found = figures(evaluated, "permutation", ["auc"])
    assert set(found) == {"linear", "markov", "perfect", "useless"}
    for name, one in found.items():
        assert one["auc"] == pytest.approx(0.5, abs=0.12), name


def test_a_rule_gives_the_placebo_what_being_there_earns(evaluated):
    found = figures(evaluated, "placebo", ["draw_count", "mean_share", "touch_share", "flagged_draw_count"])
    assert found["linear"]["draw_count"] == 5
    assert found["linear"]["mean_share"] == pytest.approx(found["linear"]["touch_share"], rel=0.3)
    assert found["perfect"]["mean_share"] < 0.02
    assert found["linear"]["flagged_draw_count"] is None
    assert found["markov"]["flagged_draw_count"] == 5


def test_verdicts_follow(evaluated):
    found = figures(evaluated, "summary", ["verdict", "reasons"])
    assert {name: one["verdict"] for name, one in found.items()} == {
        "linear": "holds_up",
        "markov": "fails",
        "perfect": "holds_up",
        "useless": "unproven",
    }
    assert "channel of random touches" in json.loads(found["markov"]["reasons"])[0]


def test_one_flagged_draw_of_five_proves_nothing():
    # Of five draws of a model that flags one in ten, 41 in 100 times one or more is flagged, 8 in 100 two or more.
    assert [more_than_a_tenth(flagged, 5) for flagged in range(4)] == [False, False, True, True]
    # Of twenty, four or more 13 in 100 times, five or more 4 in 100.
    assert [more_than_a_tenth(flagged, 20) for flagged in (2, 4, 5)] == [False, False, True]


def test_a_type_of_few_conversions_says_so(evaluated):
    rows = evaluated.rows(
        """select distinct verdict, json_extract_string(reasons, '$[0]') from attribution.evaluation_summary
           where evaluation_number = 1 and conversion_type = 'mql' and model_name = 'linear'"""
    )
    assert rows == [("not_enough_data", "2 later journeys that converted, and least_of_each_sort is 10")]


def test_the_same_seed_gives_the_same_answers(evaluated):
    for table, columns in TABLES.items():
        names = ", ".join(name for name in columns if name not in ("evaluation_number", "run_id", "evaluated_at"))
        first, second = (
            evaluated.rows(f"select {names} from {table} where evaluation_number = {number} order by all")
            for number in (1, 2)
        )
        assert first == second, table


def test_right_after_a_refit_the_report_shows_its_fits_and_not_those_of_older_marts(rules):
    few = {"folds": 2, "placebo_runs": 1, "placebo_replicates": 5, "stability_weeks": 1}
    rules = {**rules, "custom_models": {}, "evaluation": {**rules["evaluation"], **few}}
    with DuckDBWarehouse.in_memory() as warehouse:
        load(warehouse, company(accounts=120))
        attribute_warehouse(warehouse, rules, BUSINESS_DATE - timedelta(days=1), "night")
        refit_warehouse(warehouse, rules, BUSINESS_DATE, "refit")
        [(fit, before)] = warehouse.rows(
            """select max(fit_number), min(fit_number) from attribution.model_fits
            where model_name = 'markov' and conversion_type = 'won'"""
        )
        assert fit > before
        evaluate_warehouse(warehouse, rules, BUSINESS_DATE, "r", models=["markov", "linear"], conversion_types=["won"])
        assert warehouse.rows("select * from attribution.evaluation_fits") == [(1, "markov", "won", fit)]
        page = render(warehouse, rules)
        assert f"<span>fit {fit} of {BUSINESS_DATE}</span>" in page
        assert f"<span>fit {before} of" not in page
        assert "90% interval" in page


def test_unknown_names_are_told_apart_from_known_ones(rules, tmp_path):
    with pytest.raises(UsageError, match="there are no journeys to evaluate on"):
        evaluate_warehouse(DuckDBWarehouse.in_memory(), rules, BUSINESS_DATE, "r")
    with DuckDBWarehouse.in_memory() as warehouse:
        load(warehouse, company(accounts=20))
        with pytest.raises(UsageError, match=r"unknown conversion type 'wom'.*won"):
            evaluate_warehouse(warehouse, rules, BUSINESS_DATE, "r", conversion_types=["wom"])
        with pytest.raises(UsageError, match=r"unknown model 'lin'.*linear"):
            evaluate_warehouse(warehouse, rules, BUSINESS_DATE, "r", models=["lin"])
        with pytest.raises(UsageError, match="there is no truth in"):
            evaluate_warehouse(warehouse, rules, BUSINESS_DATE, "r", truth=tmp_path)
