from datetime import date
from pathlib import Path

from pipeline.landing import ingest, pending
from pipeline.settings import Settings
from pipeline.sources import all_sources
from pipeline.warehouse import open_warehouse


def test_what_a_run_would_read_is_listed_until_it_is_read(tmp_path: Path) -> None:
    night = date(2026, 3, 2)
    settings = Settings.read({}, home=str(tmp_path))
    folder = settings.landing / "ads" / "clicks" / night.isoformat()
    folder.mkdir(parents=True)
    (folder / "a.csv").write_text("click_id\n1\n")
    (folder / "b.csv").write_text("click_id\n2\n")
    rules = {"enabled_sources": ["ads", "web"]}
    assert pending(settings, rules, night) == ["ads: clicks 2 (2 files, 0.0 MB)", "web: nothing new"]
    with open_warehouse(settings) as warehouse:
        ingest(warehouse, all_sources()["ads"], settings.landing, night, "run")
    assert pending(settings, rules, night) == ["ads: nothing new", "web: nothing new"]
