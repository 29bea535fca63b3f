"""Deliveries hold exactly the dirt that the ledger lists, and nothing of the truth is lost under it."""

import csv
from collections import Counter

import pandas as pd
import pytest

from pipeline.demo.dirt import KINDS
from pipeline.demo.headers import SCHEMAS


def lines_of(path):
    return path.read_text(encoding="utf-8").splitlines()


def listed(dirty, kind: str) -> pd.DataFrame:
    """The ledger's lines of one kind, of which there are some."""
    lines = dirty.ledger[dirty.ledger.kind.str.partition(":")[0] == kind]
    assert len(lines) > 0
    return lines


def delivered(company, name: str, key: str) -> pd.DataFrame:
    """Every well-formed row of an extract, with its file and, from 0 on, the night it came."""
    nights = sorted({path.parent.name for path in company.landing.rglob("*.csv")})
    rows = company.rows_by_file(name)
    return rows.assign(night=[nights.index(file.split("/")[2]) for file in rows.file]).set_index(key)


#: Kinds that put records beside the true ones.
BESIDE = ("duplicate_people", "deletes", "duplicate_accounts")


def of(dirty, name: str) -> pd.Series:
    return dirty.ledger.file.str.startswith(f"{name}/")


def test_every_kind_of_dirt_is_injected(dirty):
    kinds = {kind.partition(":")[0] for kind in dirty.ledger.kind}
    assert kinds == set(KINDS) - {"free_mail"}, "free mail belongs to people, not to a line"


def test_ledger_points_at_the_line_that_holds_its_key(dirty):
    for (file, line), defects in dirty.ledger.groupby(["file", "line"]):
        if line > 0:
            fields = next(csv.reader([lines_of(dirty.landing / file)[line - 1]]))
            for key, kind in zip(defects.key, defects.kind, strict=True):
                broken_key = kind == "malformed:missing_key"
                assert broken_key or key in fields or kind == "malformed:bad_date", (file, line, kind)


def test_malformed_lines_are_those_beside_the_clean_ones(dirty, clean):
    """In the extracts that no other kind touches, each line of a file that the clean one has not is listed."""
    others = {file.rsplit("/", 2)[0] for file in dirty.ledger[~dirty.ledger.kind.str.startswith("malformed")].file}
    lines = listed(dirty, "malformed")
    compared = 0
    for path in dirty.landing.rglob("*.csv"):
        file = path.relative_to(dirty.landing).as_posix()
        if file.rsplit("/", 2)[0] not in others:
            left = Counter(lines_of(clean.landing / file))
            beside = []
            for number, line in enumerate(lines_of(path), 1):
                left[line] -= 1
                beside += [number] if left[line] < 0 else []
            assert beside == sorted(lines[lines.file == file].line), file
            assert sum(left.values()) == -len(beside), "no clean line is missing"
            compared += len(beside)
    assert compared > 10


@pytest.mark.parametrize("kind", ["bots", "internal"])
def test_false_sessions_are_those_beside_the_clean_ones(dirty, clean, kind):
    sessions = dirty.rows("web/sessions")
    beside = sessions[~sessions.session_id.isin(clean.rows("web/sessions").session_id)]
    assert set(sessions.session_id) >= set(clean.rows("web/sessions").session_id)
    assert set(beside.ip_network) == {"bot", "internal"}
    of_kind = beside[beside.ip_network == kind.rstrip("s")]
    assert sorted(of_kind.session_id) == sorted(listed(dirty, kind).key)


def test_tags_that_drifted_are_the_listed_ones(dirty, clean):
    tags, true = (c.rows("web/sessions").drop_duplicates("session_id").set_index("session_id") for c in (dirty, clean))
    drifted = tags.utm_source.reindex(true.index) != true.utm_source
    assert sorted(true.index[drifted]) == sorted(set(listed(dirty, "utm_drift").key))
    assert (tags.utm_source.reindex(true.index).str.lower() == true.utm_source.str.lower()).all()


@pytest.mark.parametrize(
    ("kind", "name"),
    [("duplicate_people", "salesforce/leads"), ("deletes", "salesforce/leads"),
     ("duplicate_accounts", "salesforce/accounts")],
)  # fmt: skip
def test_records_beyond_the_clean_ones_are_the_listed_ones(dirty, clean, kind, name):
    records, true = dirty.current(name), clean.current(name)
    assert set(true.Id) <= set(records.Id)
    beyond = records[~records.Id.isin(true.Id)].set_index("Id")
    assert set(beyond.index) == set(dirty.ledger[dirty.ledger.kind.isin(BESIDE) & of(dirty, name)].key)
    of_kind = beyond.loc[sorted(set(listed(dirty, kind).key))]
    if kind == "duplicate_people":
        assert set(of_kind.IsDeleted) == {"false"}
        assert set(of_kind.Email) <= set(true.Email)
    else:
        assert set(of_kind.IsDeleted) == {"true"}, "gone after the last night"
    if kind == "duplicate_accounts":
        assert set(of_kind.MasterRecordId) <= set(true.Id)


def test_wrong_amounts_are_the_listed_ones_and_end_right(dirty, clean):
    fixed, true = (c.current("salesforce/opportunities").set_index("Id") for c in (dirty, clean))
    assert (fixed.Amount.reindex(true.index) == true.Amount).all()
    said, meant = (
        c.rows("salesforce/opportunities").drop_duplicates("Id").set_index("Id").Amount.astype(float)
        for c in (dirty, clean)
    )
    wrong = said.reindex(meant.index) != meant
    assert sorted(meant.index[wrong]) == sorted(set(listed(dirty, "corrections").key))
    assert (said[meant.index[wrong]] / meant[wrong]).round(3).eq(10).all()


def test_late_sessions_are_the_listed_ones(dirty, clean):
    came, due = (delivered(c, "web/sessions", "session_id").night for c in (dirty, clean))
    came = came.groupby(level=0).min().reindex(due.index)
    assert sorted(due.index[came > due]) == sorted(listed(dirty, "late_rows").key)
    assert set((came - due).unique()) == {0, 1}


def test_rows_of_the_night_before_are_the_listed_ones(dirty, clean):
    rows = delivered(dirty, "email/events", "event_id")
    again = rows[rows.index.duplicated()]
    assert not clean.rows("email/events").event_id.duplicated().any()
    expected = listed(dirty, "overlapping")
    assert sorted(zip(again.file, again.index, strict=True)) == sorted(zip(expected.file, expected.key, strict=True))


def test_files_that_came_before_under_another_name_are_the_listed_ones(dirty):
    again = listed(dirty, "redelivered")
    first: dict[tuple[str, bytes], str] = {}
    twice = {}
    for path in sorted(dirty.landing.rglob("*.csv"), key=lambda path: path.parent.name):
        content = (path.parent.parent.name, path.read_bytes())
        if first.setdefault(content, path.name) != path.name:
            twice[path.relative_to(dirty.landing).as_posix()] = first[content]
    assert twice == dict(zip(again.file, again.key, strict=True))


def test_files_with_another_header_are_the_listed_ones(dirty):
    drifted = listed(dirty, "schema_drift")
    other = {}
    for path in dirty.landing.rglob("*.csv"):
        file = path.relative_to(dirty.landing).as_posix()
        header = next(csv.reader(lines_of(path)[:1]))
        if header != SCHEMAS["/".join(file.split("/")[:2])].names:
            other[file] = header
    assert set(other) == set(drifted.file)
    assert all(key in other[file] for file, key in zip(drifted.file, drifted.key, strict=True))


def test_files_with_an_offset_are_the_listed_ones_and_tell_the_same_instants(dirty, clean):
    rows = delivered(dirty, "email/events", "event_id")
    ahead = rows.occurred_at.str.endswith("+02:00")
    assert set(rows.file[ahead]) == set(listed(dirty, "time_zones").file)
    assert not rows.file[~ahead].isin(rows.file[ahead]).any(), "all of a file or none of it"
    true = pd.to_datetime(clean.rows("email/events").set_index("event_id").occurred_at, utc=True)
    told = pd.to_datetime(rows[~rows.index.duplicated()].occurred_at, utc=True, format="ISO8601")
    assert (told.reindex(true.index) == true).all()


def test_each_kind_can_be_had_alone(tmp_path):
    from pipeline.demo import simulate

    summary = simulate(tmp_path / "l", accounts=30, days=200, dirt="bots", truth_worlds=0, workers=1)
    assert set(summary.defects) == {"bots"}


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_says_what_it_does(kind):
    assert KINDS[kind][0].islower()
    assert len(KINDS[kind]) > 10
