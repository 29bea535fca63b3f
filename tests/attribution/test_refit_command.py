"""What a person sees of `touchledger refit`, and what a fit that breaks leaves standing."""

from __future__ import annotations

import shutil
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline import cli, step_runs
from pipeline.attribution import attribute_warehouse, registry
from pipeline.settings import Settings
from pipeline.warehouse import open_warehouse
from tests.attribution.journeys import load, night
from tests.attribution.test_fits import RULES, company

VARS = """{enabled_models: [markov, logistic, linear], model_parameters: {
    markov: {min_conversions: 4, min_non_conversions: 4, replicates: 20},
    logistic: {min_conversions: 4, min_non_conversions: 4, replicates: 20}}}"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home folder after one night, in which email then wins more than search."""
    settings = Settings.read({}, home=tmp_path_factory.mktemp("refit"))
    rules = {**RULES, "enabled_models": ["markov", "logistic", "linear"]}
    rules["model_parameters"] = dict.fromkeys(("markov", "logistic"), RULES["model_parameters"]["markov"])
    with open_warehouse(settings) as warehouse:
        load(warehouse, company())
        attribute_warehouse(warehouse, rules, night(1), "night 1")
        load(warehouse, company(search=2, email=6))
    ran = step_runs.StepRun(
        "night 2", night(2), "build_journeys", None, "succeeded", datetime(2026, 4, 2, tzinfo=UTC), 1.0, {}, None
    )
    step_runs.keep(settings, ran)
    return settings.home


class Company:
    """The command line on a home folder."""

    def __init__(self, home: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        self.settings, self.capsys, self.monkeypatch = Settings.read({}, home=home), capsys, monkeypatch

    def __call__(self, *arguments: str) -> tuple[int, str, str]:
        """The exit code of `touchledger`, and what it wrote to either stream."""
        self.monkeypatch.setattr(sys, "argv", ["touchledger", *arguments, "--home", str(self.settings.home)])
        code = 0
        try:
            cli.main()
        except SystemExit as stopped:
            code = int(stopped.code or 0)
        said = self.capsys.readouterr()
        return code, said.out, said.err

    def refit(self, *more: str) -> tuple[int, str, str]:
        return self("refit", "--date", str(night(2)), "--vars", VARS, *more)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with open_warehouse(self.settings, read_only=True) as warehouse:
            return warehouse.rows(query)


@pytest.fixture
def run(home: Path, tmp_path: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch) -> Company:
    return Company(Path(shutil.copytree(home, tmp_path / "home")), capsys, monkeypatch)


NEW = "select model_name, conversion_type from attribution.model_fits where fit_number > 4 order by 1, 2"


def test_a_refit_says_what_it_changed_and_keeps_it(run: Company):
    # Two conversions are split over search and email; of the fit before, search had 0.3 of each.
    code, dry, _ = run.refit("--dry-run")
    assert code == 0
    assert run.rows(NEW) == []
    assert run.rows("select count(*) from ops.step_runs where step = 'refit'") == [(0,)]
    code, said, log = run.refit()
    assert code == 0
    assert "refit: 2 fits" in log
    lines = said.splitlines()
    assert any(line.startswith("markov mql: not enough data: 1 conversions") for line in lines)
    [line] = [line for line in lines if line.startswith("markov won: ")]
    before, after = run.rows(
        """select touch_credit_conversions_before, touch_credit_conversions_after from attribution.model_fit_changes
        where model_name = 'markov' and conversion_type = 'won' and channel = 'search'"""
    )[0]
    assert before == pytest.approx(0.6)
    assert after < before
    assert f"{(before - after) / 8:.1%} of its credit changes channel" in line
    assert f"search {before:,.2f} to {after:,.2f}" in line
    assert "touchledger attribute" in said
    assert [one for one in dry.splitlines() if " won: " in one] == [one for one in lines if " won: " in one]
    assert run.rows(NEW) == [("logistic", "mql"), ("logistic", "won"), ("markov", "mql"), ("markov", "won")]
    assert run.rows("select status from ops.step_runs where step = 'refit'") == [("succeeded",)]


def test_a_model_that_cannot_be_fitted_takes_no_other_with_it(run: Company, monkeypatch: pytest.MonkeyPatch):
    declared = registry.declared_models()

    def broken(summary: object, values: object) -> None:
        raise np.linalg.LinAlgError("Singular [matrix]")

    monkeypatch.setattr(
        registry, "declared_models", lambda: {**declared, "logistic": replace(declared["logistic"], fit=broken)}
    )
    for more, kept in (("--dry-run",), []), ((), [("logistic", "mql"), ("markov", "mql"), ("markov", "won")]):
        code, said, log = run.refit(*more)
        assert code == 1
        assert "Traceback" not in log
        assert "touchledger: could not fit logistic won (LinAlgError: Singular [matrix])" in log
        assert "nights go on with the fits they have" in log
        assert any(line.startswith("markov won: ") and "of its credit" in line for line in said.splitlines())
        assert run.rows(NEW) == kept
    assert run.rows("select status, summary like '%markov won%' from ops.step_runs where step = 'refit'") == [
        ("failed", True)
    ]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["refit", "--date", "2026-04-03"], "refit for 2026-04-03 needs that night's build_journeys"),
        (["refit", "--date", "soon"], "business date 'soon' is not a day"),
        (["refit"], "Missing option '--date'"),
        (["refit", "--date", "2026-04-02", "--vars", "{enabled_models: [hazrad]}"], "unknown model 'hazrad'"),
        (
            ["refit", "--date", "2026-04-02", "--vars", "{model_parameters: {markov: {order: 9}}}"],
            "markov.order must be",
        ),
        (["evaluate", "--date", "2026-04-02"], "needs that night's attribute"),
        (["evaluate", "--date", "2026-04-02", "--dry-run", "--models", "lin"], "unknown model 'lin'"),
        (["evaluate", "--date", "2026-04-02", "--dry-run", "--types", "wom"], "unknown conversion type 'wom'"),
        (["evaluate", "--date", "2026-04-02", "--seed", "x"], "'x' is not a valid integer"),
        (["model_card"], "Missing argument 'MODEL_NAME'"),
        (["model_card", "hazrad"], "unknown fitted model 'hazrad'; known: logistic, markov"),
        (["model_card", "linear"], "unknown fitted model 'linear'; known: logistic, markov"),
        (["model_card", "markov", "--type", "wom"], "unknown conversion type 'wom'; known: mql, won"),
        (["model_card", "markov", "--fit", "99"], "unknown fit of markov '99'"),
        (["model_card", "markov", "--fit", "one"], "'one' is not a valid integer"),
    ],
)
def test_a_wrong_request_is_one_sentence_and_exit_code_2(run: Company, arguments: list[str], sentence: str):
    code, said, log = run(*arguments)
    assert (code, said) == (2, "")
    assert sentence in " ".join(log.split())
    assert "Traceback" not in log
