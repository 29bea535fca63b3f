"""What lies in a landing folder besides sound files, and deliveries that close the door.

`Landing.run` checks the conservation of lines after every ingest.
"""

import os
from pathlib import Path

import pytest

from pipeline.errors import DeliveryError
from tests.deliveries import CRM, GOOD, NIGHT, Landing, csv_of


@pytest.mark.parametrize(
    "name", ["it's.csv", 'say "hi".csv', "*.csv", "[ab].csv", "a?.csv", "x; DROP TABLE.csv", "ä\u202e.csv"]
)
def test_names_with_quotes_and_patterns_are_only_names(landing: Landing, name: str) -> None:
    landing.put(name, csv_of(GOOD[0]))
    landing.put("other.csv", csv_of(GOOD[1]))
    landing.run()
    assert sorted(landing.rows()) == ["1", "2"]
    assert (
        landing.warehouse.value("SELECT count(*) FROM ops.load_ledger WHERE path = ?", [f"crm/deals/{NIGHT}/{name}"])
        == 1
    )


def test_a_name_that_is_not_text_is_only_a_name(landing: Landing) -> None:
    path = landing.put("a.csv", csv_of(GOOD[0]))
    path.rename(os.fsdecode(bytes(path.parent) + b"/\xff.csv"))
    landing.run()
    assert landing.rows() == ["1"]


def test_nothing_outside_the_landing_folder_is_read(landing: Landing, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    dated = outside / NIGHT.isoformat()
    dated.mkdir(parents=True)
    (dated / "x.csv").write_text(csv_of(GOOD[0]))
    home = landing.folder / "crm"
    landing.put("good.csv", csv_of(GOOD[1]))
    (home / "deals" / NIGHT.isoformat() / "link.csv").symlink_to(dated / "x.csv")
    (home / "deals" / NIGHT.isoformat() / "dangling.csv").symlink_to("nowhere.csv")
    (home / "deals" / "2026-03-01").symlink_to(dated)
    (home / "people").symlink_to(outside)
    landing.manifest({"name": "../../../../outside/2026-03-02/x.csv"}, {"name": "good.csv"})
    landing.run()
    assert landing.rows() == ["2"]
    assert landing.bad_files() == [
        ("2026-03-01", "outside_landing"),
        ("_manifest.json", "bad_manifest"),
        ("dangling.csv", "outside_landing"),
        ("link.csv", "outside_landing"),
        ("people", "outside_landing"),
    ]


def test_a_source_folder_that_leads_outside_is_not_followed(landing: Landing, tmp_path: Path) -> None:
    landing.put("a.csv", csv_of(*GOOD))
    (landing.folder / "crm").rename(tmp_path / "elsewhere")
    (landing.folder / "crm").symlink_to(tmp_path / "elsewhere")
    landing.run()
    assert landing.rows() == []
    assert landing.bad_files() == [("crm", "outside_landing")]


def test_what_is_no_delivery_is_reported_once(landing: Landing) -> None:
    landing.put("a.xlsx", b"PK")
    landing.put("a.csv", csv_of(), entity="unheard")
    (landing.folder / "crm" / "deals" / "2026-3-2").mkdir()
    (landing.folder / "crm" / "deals" / "2026-02-30").mkdir()
    (landing.folder / "crm" / "deals" / NIGHT.isoformat() / "folder.csv").mkdir()
    landing.run()
    report = landing.run()
    assert landing.bad_files() == [
        ("2026-02-30", "bad_date_folder"),
        ("a.xlsx", "unknown_suffix"),
        ("folder.csv", "not_a_file"),
        ("2026-3-2", "bad_date_folder"),
        ("unheard", "unknown_entity"),
    ]
    assert len(report.problems) == 5


def test_a_manifest_that_does_not_match_quarantines_the_file(landing: Landing) -> None:
    landing.put("rows.csv", csv_of(GOOD[0]))
    landing.put("hash.csv", csv_of(GOOD[1]))
    landing.put("right.csv", csv_of(GOOD[2], "broken"))
    landing.manifest(
        {"name": "rows.csv", "rows": 2}, {"name": "hash.csv", "sha256": "0" * 64}, {"name": "right.csv", "rows": 2},
        {"name": "absent.csv", "rows": 1},
    )  # fmt: skip
    landing.run()
    assert landing.rows() == ["3"]
    assert landing.bad_files() == [
        ("_manifest.json", "manifest_file_missing"),
        ("hash.csv", "manifest_sha256"),
        ("rows.csv", "manifest_rows"),
    ]
    landing.manifest({"name": "rows.csv", "rows": 1}, {"name": "hash.csv"})
    landing.run()
    assert sorted(landing.rows()) == ["1", "2", "3"]
    assert landing.bad_files() == []


def test_an_unreadable_manifest_is_reported_and_the_files_are_read(landing: Landing) -> None:
    landing.put("a.csv", csv_of(*GOOD))
    landing.put("_manifest.json", b'{"files": [')
    landing.run()
    assert landing.rows() == ["1", "2", "3"]
    assert landing.bad_files() == [("_manifest.json", "bad_manifest")]


def test_a_source_that_stops_on_bad_files_stops_until_they_are_gone(landing: Landing) -> None:
    strict = CRM.with_options({"on_bad_file": "stop"})
    landing.put("good.csv", csv_of(*GOOD))
    bad = landing.put("bad.csv", "Id,Name\n1,x\n")
    for _ in range(2):
        with pytest.raises(DeliveryError, match=r"bad\.csv: missing_column, the header lacks Amount"):
            landing.run(source=strict)
    assert landing.rows() == ["1", "2", "3"]
    assert landing.bad_files() == [("bad.csv", "missing_column")]
    bad.unlink()
    landing.run(source=strict)


def test_too_large_a_share_of_broken_records_closes_the_door(landing: Landing) -> None:
    strict = CRM.with_options({"max_quarantined_share": 0.3})
    landing.put("a.csv", csv_of(*GOOD, "9,x,ten,2026-03-01,", "10,x,many,2026-03-01,"))
    with pytest.raises(DeliveryError) as caught:
        landing.run(source=strict)
    message = str(caught.value)
    assert "2 records (2 of 5 lines, 40.0%)" in message
    assert "type of amount 2 times" in message
    assert "a.csv line 5: type, amount cannot be decimal: ten" in message
    with pytest.raises(DeliveryError):
        landing.run(source=strict)
    landing.run(source=strict.with_options({"max_quarantined_share": 0.5}))
    landing.run(source=strict)


def test_a_needed_delivery_that_is_missing_stops_the_source(landing: Landing) -> None:
    strict = CRM.with_options({"must_deliver": ["people"]})
    landing.put("a.csv", csv_of(*GOOD))
    with pytest.raises(DeliveryError, match="must deliver people"):
        landing.run(source=strict)
    landing.put("p.csv", "id\n1\n", entity="people")
    assert landing.run(source=strict).missing_entities == ()
