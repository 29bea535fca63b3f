"""What is loaded once, what counts from when, and what a run that dies leaves behind."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.errors import UsageError
from pipeline.landing import ensure_tables, load
from pipeline.sources.contract import integer, string
from tests.deliveries import CRM, DEALS, GOOD, HEADER, NIGHT, Landing, csv_of

VERSIONED = HEADER + ",ModifiedAt"


def stored(landing: Landing) -> list[Any]:
    tables = ("raw.crm__deals", "ops.load_ledger", "quarantine.rows", "quarantine.files")
    return [landing.warehouse.rows(f"SELECT * FROM {table} ORDER BY ALL") for table in tables]


def version(key: str, name: str, day: int) -> str:
    return f"{key},{name},1,2026-03-01,,2026-02-{day:02d}T00:00:00Z"


def test_a_second_run_of_the_same_date_changes_nothing(landing: Landing) -> None:
    landing.put("a.csv", csv_of(*GOOD, "broken"))
    landing.put("bad.csv", "Id\n1\n")
    landing.run()
    before = stored(landing)
    report = landing.run(run_id="again")
    assert report.files == ()
    assert stored(landing) == before


def test_the_same_bytes_under_another_name_or_date_load_nothing(landing: Landing) -> None:
    landing.put("a.csv", csv_of(*GOOD))
    landing.run()
    landing.put("b.csv", csv_of(*GOOD))
    landing.put("a.csv", csv_of(*GOOD), NIGHT + timedelta(1))
    report = landing.run(NIGHT + timedelta(1))
    assert (report.count("duplicate"), report.count("loaded")) == (2, 0)
    assert len(landing.rows()) == 3


def test_the_same_bytes_for_another_entity_are_another_file(landing: Landing) -> None:
    landing.put("a.csv", csv_of(GOOD[0]))
    landing.put("a.csv", csv_of(GOOD[0]), entity="people")
    report = landing.run()
    assert report.count("loaded") == 2


def test_rows_delivered_again_are_counted_as_duplicates(landing: Landing) -> None:
    landing.put("a.csv", csv_of(GOOD[0], GOOD[1], GOOD[0]))
    landing.put("b.jsonl", '{"id":"2","name":"Bob","amount":20,"close_date":"2026-03-02","note":null}\n')
    landing.put("c.csv", "note,id,close_date,amount,name\n,2,2026-03-02,20.00,Bob\n,4,2026-03-02,20.00,Dan\n")
    report = landing.run()
    assert sorted(landing.rows()) == ["1", "2", "4"]
    assert report.total("duplicate_records") == 3


def test_the_newest_version_is_current_whatever_came_last(landing: Landing) -> None:
    landing.put("a.csv", csv_of(version("1", "new", 5), header=VERSIONED))
    landing.run()
    landing.put("b.csv", csv_of(version("1", "old", 3), header=VERSIONED), NIGHT + timedelta(1))
    report = landing.run(NIGHT + timedelta(1))
    assert [row[1] for row in landing.current()] == ["new"]
    assert report.version_conflicts == {}


def test_two_contents_under_one_version_are_a_conflict(landing: Landing) -> None:
    landing.put("a.csv", csv_of(version("1", "x", 5), version("2", "same", 5), header=VERSIONED))
    landing.put("b.csv", csv_of(version("1", "y", 5), version("2", "same", 5), header=VERSIONED))
    report = landing.run()
    assert report.version_conflicts == {"deals": 1}
    assert report.summary()["version_conflicts"] == {"deals": 1}


def test_a_run_reads_no_delivery_after_its_date(landing: Landing) -> None:
    landing.put("a.csv", csv_of(GOOD[0]))
    landing.put("a.csv", csv_of(GOOD[1]), NIGHT + timedelta(1))
    report = landing.run()
    assert landing.rows() == ["1"]
    assert report.deliveries == {"deals": "delivered", "people": "missing"}


def test_a_file_that_lands_late_counts_from_the_run_that_finds_it(landing: Landing) -> None:
    landing.put("a.csv", csv_of(GOOD[0]))
    landing.run()
    landing.put("late.csv", csv_of(GOOD[1]))
    landing.put("late.csv", csv_of(GOOD[2]), NIGHT + timedelta(1))
    report = landing.run(NIGHT + timedelta(2))
    assert landing.rows("id, _effective_date - _delivery_date") == [("1", 0), ("2", 2), ("3", 0)]
    assert report.deliveries["deals"] == "late"


def test_a_first_run_counts_every_delivery_from_its_own_date(landing: Landing) -> None:
    landing.put("a.csv", csv_of(GOOD[0]), NIGHT - timedelta(9))
    landing.put("b.csv", csv_of(GOOD[1]))
    landing.run()
    assert landing.rows("_effective_date - _delivery_date") == [0, 0]


def test_a_late_file_under_the_same_date_counts_for_that_date_when_it_is_run_again(landing: Landing) -> None:
    landing.put("a.csv", csv_of(GOOD[0]))
    landing.run()
    landing.put("b.csv", csv_of(GOOD[1]))
    landing.run()
    assert landing.rows("_effective_date - _delivery_date") == [0, 0]


def test_a_row_known_from_a_later_date_still_counts_for_an_earlier_one(landing: Landing) -> None:
    landing.put("a.csv", csv_of(*GOOD))
    landing.run()
    early = NIGHT - timedelta(5)
    landing.put("b.csv", csv_of(GOOD[0]), early)
    landing.run(early)
    seen = f"SELECT count(*) FROM raw.crm__deals WHERE _effective_date <= DATE '{early}'"
    assert landing.warehouse.value(seen) == 1
    assert len(landing.current()) == 3


def test_rejected_records_are_read_anew_when_the_declared_format_changes(landing: Landing) -> None:
    landing.put("a.csv", csv_of(GOOD[0], "9,x,1,05.03.2026,"))
    landing.run()
    assert landing.quarantined() == [(3, "type")]
    report = landing.run(source=CRM.with_options({"date_format": "%d.%m.%Y"}))
    assert landing.rows("id, close_date") == [("1", NIGHT - timedelta(1)), ("9", NIGHT + timedelta(3))]
    assert landing.quarantined() == [(2, "type")]
    assert report.total("loaded_records") == 1


def test_a_quarantined_file_is_read_when_its_encoding_is_declared(landing: Landing) -> None:
    landing.put("a.csv", csv_of("1,Jörg,1,2026-03-01,").encode("cp1252"))
    landing.run()
    landing.run(source=CRM.with_options({"encoding": "windows-1252"}))
    assert landing.rows("name") == ["Jörg"]
    assert landing.bad_files() == []


def test_a_file_corrected_in_place_is_read(landing: Landing) -> None:
    landing.put("a.csv", csv_of(GOOD[0]))
    landing.run()
    landing.put("a.csv", csv_of(*GOOD[:2]))
    report = landing.run()
    assert landing.rows() == ["1", "2"]
    assert report.total("duplicate_records") == 1


@pytest.mark.parametrize("moment", ["quarantine_rows", "write"])
def test_a_run_that_dies_leaves_nothing_half(landing: Landing, monkeypatch: pytest.MonkeyPatch, moment: str) -> None:
    landing.put("a.csv", csv_of(GOOD[0]))
    landing.put("b.csv", csv_of(*GOOD[1:], "broken"))
    whole = getattr(load._Ledger, moment)

    def die(ledger: Any, *args: Any, **kwargs: Any) -> Any:
        if ledger.file.path.endswith("b.csv"):
            raise KeyboardInterrupt
        return whole(ledger, *args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(load._Ledger, moment, die)
        with pytest.raises(KeyboardInterrupt):
            landing.run()
    assert landing.rows() == ["1"]
    assert landing.warehouse.value("SELECT count(*) FROM ops.load_ledger") == 1
    assert landing.quarantined() == []
    assert landing.warehouse.value("SELECT count(*) FROM ops.ingests") == 0
    landing.run()
    assert landing.rows() == ["1", "2", "3"]
    assert landing.quarantined() == [(4, "field_count")]


def test_tables_are_there_without_any_delivery(landing: Landing) -> None:
    report = landing.run()
    assert landing.warehouse.columns("raw.crm__people")[:3] == ["id", "region_c", "_extra"]
    assert report.missing_entities == ("deals", "people")
    assert landing.warehouse.rows("SELECT entity, status, files FROM ops.deliveries ORDER BY entity") == [
        ("deals", "missing", 0),
        ("people", "missing", 0),
    ]
    json.dumps(report.summary())


def test_a_column_added_to_the_contract_is_added_to_the_table(landing: Landing) -> None:
    landing.put("a.csv", csv_of(GOOD[0]))
    landing.run()
    grown = replace(DEALS, columns=(*DEALS.columns, string("Owner", optional=True)))
    source = replace(CRM, entities=(grown, CRM.entities[1]))
    landing.put("b.csv", csv_of(GOOD[0] + ",", GOOD[1] + ",zed", header=HEADER + ",Owner"))
    report = landing.run(source=source)
    assert landing.rows("id, owner") == [("1", None), ("2", "zed")]
    assert report.total("duplicate_records") == 1, "a null in the new column is the same row"


def test_a_changed_type_of_a_stored_column_is_refused(landing: Landing) -> None:
    landing.run()
    columns = tuple(integer("Name") if column.name == "name" else column for column in DEALS.columns)
    with pytest.raises(UsageError, match=r"raw\.crm__deals\.name is stored as VARCHAR"):
        ensure_tables(landing.warehouse, replace(CRM, entities=(replace(DEALS, columns=columns),)))


def test_a_landing_folder_that_is_not_there_is_said(landing: Landing) -> None:
    landing.folder = landing.folder / "nowhere"
    with pytest.raises(UsageError, match="no landing folder"):
        landing.run()


FILES = (
    csv_of(version("1", "a", 1), version("2", "b", 2), header=VERSIONED),
    csv_of(version("1", "c", 3), version("2", "b", 2), header=VERSIONED),
    csv_of(version("1", "d", 3), version("3", "x", 1), "broken", header=VERSIONED),
    csv_of(version("3", "y", 4), version("2", "z", 1), header=VERSIONED),
)


def state(landing: Landing, nights: list[tuple[int, int]]) -> list[Any]:
    """The current rows after files were delivered as (file, night) pairs, names in the order given."""
    landing.reset()
    for place, (file, night) in enumerate(nights):
        landing.put(f"{place}.csv", FILES[file], NIGHT + timedelta(night))
    for night in sorted({night for _, night in nights}):
        landing.run(NIGHT + timedelta(night))
    return landing.current()


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.permutations(range(len(FILES))), st.lists(st.integers(0, 2), min_size=4, max_size=4))
def test_any_order_of_files_ends_in_the_same_current_rows(
    landing: Landing, order: list[int], nights: list[int]
) -> None:
    one_night = state(landing, [(file, 0) for file in range(len(FILES))])
    assert [row[1] for row in one_night][1:] == ["b", "y"]
    assert state(landing, list(zip(order, nights, strict=True))) == one_night


def test_an_order_of_late_files_ends_in_the_same_current_rows(landing: Landing) -> None:
    for night, file in enumerate(reversed(FILES)):
        landing.put(f"{night}.csv", file, NIGHT - timedelta(night))
        landing.run(NIGHT + timedelta(night))
    assert [row[1] for row in landing.current()][1:] == ["b", "y"]
