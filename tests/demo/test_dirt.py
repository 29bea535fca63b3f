"""Deliveries hold exactly the dirt that the ledger lists, and nothing of the truth is lost under it."""

import csv

import pytest

from pipeline.demo.dirt import KINDS


def lines_of(path):
    return path.read_text(encoding="utf-8").splitlines()


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


def test_files_hold_the_clean_lines_and_the_malformed_ones(dirty, clean):
    malformed = dirty.ledger[dirty.ledger.kind.str.startswith("malformed")]
    for name in ("ads/clicks", "salesforce/tasks", "salesforce/lead_history"):
        clean_lines = sum(len(lines_of(path)) for path in clean.files(name))
        dirty_lines = sum(len(lines_of(path)) for path in dirty.files(name))
        assert dirty_lines - clean_lines == malformed.file.str.startswith(name + "/").sum()


def test_without_the_listed_sessions_the_clean_ones_remain(dirty, clean):
    ledger = dirty.ledger
    rows = dirty.rows("web/sessions")
    false = set(ledger[ledger.kind.isin(["bots", "internal"])].key)
    assert set(rows.session_id) - false == set(clean.rows("web/sessions").session_id)
    assert not (false & set(clean.rows("web/sessions").session_id))


def test_people_and_accounts_beyond_the_clean_ones_are_listed(dirty, clean):
    listed = set(dirty.ledger.key)
    for name in ("salesforce/leads", "salesforce/accounts"):
        extra = set(dirty.current(name).Id) - set(clean.current(name).Id)
        assert extra
        assert extra <= listed
        assert set(clean.current(name).Id) <= set(dirty.current(name).Id)


def test_corrected_amounts_end_right(dirty, clean):
    fixed = dirty.current("salesforce/opportunities").set_index("Id")
    true = clean.current("salesforce/opportunities").set_index("Id")
    assert (fixed.Amount.reindex(true.index) == true.Amount).all()
    wrong = dirty.rows("salesforce/opportunities")
    changed = dirty.ledger[dirty.ledger.kind == "corrections"].key.unique()
    assert len(changed) > 0
    for key in changed:
        assert wrong[wrong.Id == key].Amount.astype(float).max() > true.loc[key, ["Amount"]].astype(float).iloc[0]


def test_deleted_and_merged_records_leave_tombstones(dirty):
    ledger = dirty.ledger
    leads, accounts = dirty.current("salesforce/leads"), dirty.current("salesforce/accounts")
    gone = leads[leads.Id.isin(ledger[ledger.kind == "deletes"].key)]
    merged = accounts[accounts.Id.isin(ledger[ledger.kind == "duplicate_accounts"].key)]
    assert len(gone)
    assert set(gone.IsDeleted) == {"true"}
    assert len(merged)
    assert set(merged.IsDeleted) == {"true"}
    assert set(merged.MasterRecordId) <= set(accounts.Id)


def test_redelivered_files_are_the_same_bytes(dirty):
    again = dirty.ledger[dirty.ledger.kind == "redelivered"]
    for file, key in zip(again.file, again.key, strict=True):
        copies = [path for path in dirty.landing.rglob(key) if file.split("/")[1] in path.parts]
        assert (dirty.landing / file).read_bytes() in {path.read_bytes() for path in copies}


def test_each_kind_can_be_had_alone(tmp_path):
    from pipeline.demo import simulate

    summary = simulate(tmp_path / "l", accounts=30, days=200, dirt="bots", truth_worlds=0, workers=1)
    assert set(summary.defects) == {"bots"}


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_says_what_it_does(kind):
    assert KINDS[kind][0].islower()
    assert len(KINDS[kind]) > 10
