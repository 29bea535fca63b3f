from pathlib import Path

import pytest

from pipeline.errors import UsageError
from pipeline.settings import Settings, business_rules


def test_an_option_wins_over_the_environment_and_that_over_the_default(tmp_path: Path):
    env = {"TOUCHLEDGER_HOME": str(tmp_path / "env"), "TOUCHLEDGER_THREADS": "3"}
    assert Settings.read(env).home == tmp_path / "env"
    assert Settings.read(env, home=tmp_path / "option").home == tmp_path / "option"
    assert Settings.read(env).landing == tmp_path / "env" / "landing"
    assert Settings.read(env).threads == 3
    assert Settings.read({}).target == "duckdb"


def test_an_unreadable_value_names_its_variable():
    with pytest.raises(UsageError, match="TOUCHLEDGER_THREADS='many'"):
        Settings.read({"TOUCHLEDGER_THREADS": "many"})


def test_a_vars_file_is_laid_over_the_project_and_the_command_line_over_both(tmp_path: Path):
    file = tmp_path / "ours.yml"
    file.write_text("journey_grain: person\nlookback_days: {won: 100}\n")
    settings = Settings.read({"TOUCHLEDGER_VARS_FILE": str(file)})
    rules = business_rules(settings, {"lookback_days": {"mql": 10}})
    assert rules["journey_grain"] == "person"
    assert rules["lookback_days"]["won"] == 100
    assert rules["lookback_days"]["mql"] == 10
    assert rules["lookback_days"]["sql"] == business_rules(Settings.read({}))["lookback_days"]["sql"]


def test_a_broken_vars_file_is_one_sentence_with_its_path(tmp_path: Path):
    file = tmp_path / "ours.yml"
    file.write_text("a: [1,\n")
    with pytest.raises(UsageError, match=r"ours\.yml is not valid YAML"):
        business_rules(Settings.read({"TOUCHLEDGER_VARS_FILE": str(file)}))
    with pytest.raises(UsageError, match=r"missing\.yml cannot be read"):
        business_rules(Settings.read({"TOUCHLEDGER_VARS_FILE": str(tmp_path / "missing.yml")}))


def test_a_child_process_is_given_the_same_settings(tmp_path: Path):
    settings = Settings.read({}, home=tmp_path)
    assert Settings.read(settings.environment()) == settings
