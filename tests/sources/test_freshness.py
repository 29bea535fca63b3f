"""`touchledger freshness`: what was delivered when, by the load ledger and the clock."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from pipeline import freshness
from pipeline.cli import touchledger
from pipeline.errors import UsageError
from pipeline.landing.tables import ensure_tables
from pipeline.settings import Settings, business_rules
from pipeline.sources import all_sources
from pipeline.warehouse import open_warehouse
from tests import nights

#: source, entity, status, and how many hours ago the file was read.
READ = [
    ("web", "sessions", "loaded", 1),
    ("web", "sessions", "loaded", 200),
    ("web", "form_fills", "quarantined", 1),
    ("ads", "clicks", "duplicate", 31),
    ("ads", "spend", "loaded", 55),
]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = nights.settings(tmp_path)
    with open_warehouse(settings) as warehouse:
        for source in all_sources().values():
            ensure_tables(warehouse, source)
        for source, entity, status, hours in READ:
            warehouse.execute(
                "insert into ops.load_ledger (source, entity, status, loaded_at) "
                "values (?, ?, ?, now()::timestamp - to_hours(?))",
                [source, entity, status, hours],
            )
    return settings


def test_the_verb_tells_late_and_stale_deliveries_and_a_stale_one_fails(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[freshness.Age] = []
    read = freshness.read_freshness
    monkeypatch.setattr(freshness, "read_freshness", lambda *asked: told.extend(read(*asked)) or told)
    arguments = ["freshness", "--home", str(settings.home), "--sources", ",".join(sorted(all_sources()))]
    shown = CliRunner().invoke(touchledger, arguments)
    assert shown.exit_code == 1, shown.output
    assert "never" in shown.output
    ages = {
        (age.source, age.entity): (age.status, age.hours and round(age.hours))
        for age in told
        if age.source in ("web", "ads", "olist")
    }
    assert ages == {
        ("web", "sessions"): ("fresh", 1),
        ("web", "form_fills"): ("stale", None),  # a file that could not be read was not delivered
        ("ads", "clicks"): ("late", 31),  # the same content again was
        ("ads", "spend"): ("stale", 55),
    }
    results = json.loads((settings.home / "dbt_target" / "sources.json").read_text())["results"]
    rhythmic = [source for source in all_sources().values() if source.delivers_every_hours is not None]
    asked = {(source.name, entity.name) for source in rhythmic for entity in source.entities}
    assert {tuple(result["unique_id"].split(".")[2:4]) for result in results} == asked


def test_sources_without_a_rhythm_have_no_freshness(settings: Settings) -> None:
    with pytest.raises(UsageError, match="rhythm"):
        freshness.read_freshness(settings, business_rules(settings, {"enabled_sources": ["olist"]}))
