"""dbt's connection: what DuckDB refuses to be told twice is said once."""

import yaml

from pipeline.settings import PROJECT_DIR


def test_the_folder_to_spill_to_is_said_as_the_file_is_opened():
    """A setting is set again on each cursor; once DuckDB has spilled, it refuses to be told its folder again."""
    profile = yaml.safe_load((PROJECT_DIR / "dbt_project" / "profiles.yml").read_text())
    target = profile["touchledger"]["outputs"]["duckdb"]
    assert "TOUCHLEDGER_TEMP" in target["config_options"]["temp_directory"]
    assert "temp_directory" not in target["settings"]
