import pytest
import yaml

from pipeline.errors import UsageError
from pipeline.landing.tables import LANDING_COLUMNS
from pipeline.settings import PROJECT_DIR
from pipeline.sources import all_sources, as_dbt_sources

DBT_PROJECT = PROJECT_DIR / "dbt_project"


@pytest.mark.parametrize("name", list(all_sources()))
def test_the_committed_sources_file_is_what_the_contract_says(name: str) -> None:
    source = all_sources()[name]
    written = as_dbt_sources.sources_file(DBT_PROJECT, source).read_text(encoding="utf-8")
    assert written == as_dbt_sources.render(source), "run `touchledger contracts --write`"


def test_keys_and_versions_travel_as_meta() -> None:
    content = yaml.safe_load(as_dbt_sources.render(all_sources()["salesforce"]))
    (source,) = content["sources"]
    accounts = source["tables"][0]
    assert (source["name"], source["schema"], accounts["identifier"]) == ("salesforce", "raw", "salesforce__accounts")
    assert accounts["config"]["meta"] == {
        "natural_key": ["id"],
        "version_column": "system_modstamp",
        "deleted_column": "is_deleted",
    }


def test_the_columns_are_those_that_landing_makes() -> None:
    assert list(as_dbt_sources.LANDING_COLUMNS) == list(LANDING_COLUMNS)


def test_a_stale_file_is_named_and_written(tmp_path) -> None:
    ads = all_sources()["ads"]
    with pytest.raises(UsageError, match="ads"):
        as_dbt_sources.check(tmp_path, [ads])
    assert as_dbt_sources.write_all(tmp_path, [ads]) == [as_dbt_sources.sources_file(tmp_path, ads)]
    assert as_dbt_sources.write_all(tmp_path, [ads]) == []
    as_dbt_sources.check(tmp_path, [ads])
