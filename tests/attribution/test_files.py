"""Attribution on its own: files of journeys or paths in, credits out."""

from __future__ import annotations

import random
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from pipeline.attribution import all_models, attribute_file
from tests.attribution.conftest import Run

JOURNEYS = """\
journey_id,touched_at,channel,converted,amount,is_lead_creation,is_opportunity_creation,is_closing,extra
j1,2026-01-01,paid search,1,100.01,1,0,0,x
j1,2026-01-05T10:00:00+02:00,"say ""hi"", Zoë > Öl",1,,0,0,0,y
j1,2026-01-09,(direct),1,,0,1,1,z
j2,2026-01-09,email,no,,,,,
j3,2026-02-01 08:00:00,email,yes,0,,,,
"""
PATHS = """\
path,total_conversions,total_conversion_value,total_null
email > paid,2,10.00,5
email  >  paid,1,5.01,
paid,0,0,3
,1,7,
"""


def test_journeys_in_credits_out(run: Run):
    report = run(JOURNEYS, "w_shaped,last_non_direct_touch,time_decay", overrides=["time_decay.half_life_days=4"])
    assert (report.journeys, report.conversions, report.touches) == (3, 2.0, 5)
    first = run.rows()[0]
    assert list(first) == [
        "journey_id", "touch_number", "touched_at", "channel", "model_name", "credit_share", "credited_amount", "policy"
    ]  # fmt: skip
    assert first == {
        "journey_id": "j1", "touch_number": "1", "touched_at": "2026-01-01 00:00:00", "channel": "paid search",
        "model_name": "w_shaped", "credit_share": "0.6", "credited_amount": "60.0100", "policy": "carry_forward",
    }  # fmt: skip
    assert run.shares("w_shaped") == [0.6, 0.1, 0.3, 1.0]
    assert run.shares("last_non_direct_touch") == [0, 1, 0, 1]
    assert {row["journey_id"] for row in run.rows()} == {"j1", "j3"}, "a journey that did not convert was credited"
    assert run.rows()[1]["touched_at"] == "2026-01-05 08:00:00", "the offset of a time was lost"
    channels = run.rows("out_channels.csv")
    assert list(channels[0]) == [
        "model_name", "channel", "credit_share", "conversions", "amount", "interval_low", "interval_high"
    ]  # fmt: skip
    assert run.channels("w_shaped") == {"email": 1, "paid search": 0.6, "(direct)": 0.3, 'say "hi", Zoë > Öl': 0.1}
    assert {row["interval_low"] for row in channels} == {""}


def test_every_model_sums_to_one_whatever_the_order_of_rows(run: Run):
    run(JOURNEYS)
    before = run.rows()
    names = [model.name for model in all_models({})]
    assert list(dict.fromkeys(row["model_name"] for row in before)) == names
    for name in names:
        assert sum(float(row["credit_share"]) for row in before if row["model_name"] == name) == pytest.approx(2)
        assert sum(float(row["credited_amount"]) for row in before if row["model_name"] == name) == pytest.approx(
            100.01
        )
    header, *lines = JOURNEYS.splitlines()
    random.Random(3).shuffle(lines)
    run("\n".join([header, *lines, lines[0]]))
    assert run.rows() == before, "the order of rows, or a row delivered twice, changed the credits"


def test_paths_in_credits_out(run: Run):
    report = run(PATHS, "linear,first_touch", what="paths")
    assert list(run.rows()[0]) == [
        "path_number", "touch_number", "channel", "model_name", "credit_share", "conversions", "credited_amount",
        "policy",
    ]  # fmt: skip
    first, *_, last = run.rows()[:3]
    assert (first["channel"], first["credit_share"], first["conversions"]) == ("email", "0.5", "3.0")
    assert (first["credited_amount"], run.rows()[1]["credited_amount"]) == ("7.5100", "7.5000")
    assert (last["channel"], last["credit_share"], last["credited_amount"]) == ("", "1.0", "7.0000")
    assert run.channels("linear") == {"email": 1.5, "paid": 1.5, "": 1.0}
    assert run.channels("first_touch") == {"email": 3, "paid": 0, "": 1}
    assert any("added up" in note for note in report.notes)


def test_another_separator(run: Run):
    run("path,total_conversions\na.*b|c,1\n", "linear", what="paths", separator="|")
    assert run.channels("linear") == {"a.*b": 0.5, "c": 0.5}


def test_a_journey_may_stand_for_many(run: Run):
    run(
        "journey_id,touch_number,channel,converted,amount,journey_count\na,1,x,1,10,3\na,2,y,1,10,3\nb,1,x,1,5,\n",
        "linear",
    )
    assert run.channels("linear") == {"x": 2.5, "y": 1.5}
    assert {row["channel"]: row["amount"] for row in run.rows("out_channels.csv")} == {"x": "20.0000", "y": "15.0000"}
    assert sum(float(row["credit_share"]) for row in run.rows("out_channels.csv")) == pytest.approx(1)


def test_a_channel_that_only_others_touched_has_an_amount_of_nothing(run: Run):
    run("journey_id,touch_number,channel,converted,amount\na,1,x,1,10\nb,1,y,0,\n", "linear")
    assert {row["channel"]: row["amount"] for row in run.rows("out_channels.csv")} == {"x": "10.0000", "y": "0.0000"}
    run("journey_id,touch_number,channel,converted\na,1,x,1\nb,1,y,0\n", "linear")
    assert {row["channel"]: row["amount"] for row in run.rows("out_channels.csv")} == {"x": "", "y": ""}


def test_parquet_in_and_out(tmp_path: Path):
    given, out = tmp_path / "journeys [1].parquet", tmp_path / "credits.parquet"
    (tmp_path / "j.csv").write_text(JOURNEYS, encoding="utf-8")
    table = pa.csv.read_csv(tmp_path / "j.csv")
    table = table.set_column(3, "converted", pa.array([True, True, True, False, True]))
    pq.write_table(table.append_column("amount_usd", pa.array([None] * 5, pa.decimal128(5, 2))), given)
    attribute_file(journeys=given, models=["w_shaped"], out=out)
    found = pq.read_table(out)
    assert found["credit_share"].to_pylist() == pytest.approx([0.6, 0.1, 0.3, 1.0])
    assert found.schema.field("credit_share").type == pa.float64()
    assert found.schema.field("touched_at").type == pa.timestamp("us")
    assert pq.read_table(tmp_path / "credits_channels.parquet").num_rows == 4


def test_ties_and_repeated_numbers_are_settled_the_same_way_each_time(run: Run):
    rows = ["j,1,b,1", "j,1,a,1", "j,1,a,1", "j,0,c,1"]
    report = run("\n".join(["journey_id,touch_number,channel,converted", *rows]), "first_touch,last_touch")
    before = run.rows()
    assert [(row["touch_number"], row["channel"]) for row in before[:3]] == [("0", "c"), ("1", "a"), ("1", "b")]
    assert any(note.startswith("1 rows equal another in every column and count once") for note in report.notes)
    run("\n".join(["journey_id,touch_number,channel,converted", *reversed(rows)]), "first_touch,last_touch")
    assert run.rows() == before


def test_touches_of_one_day_are_told_apart_by_any_other_column(run: Run):
    run(
        "journey_id,touched_at,channel,converted,click\nj,2026-01-01,a,1,7\nj,2026-01-01,a,1,8\nj,2026-01-02,b,1,9\n",
        "linear",
    )
    assert run.shares("linear") == [0.3333] * 3


def test_a_touch_id_tells_touches_apart_and_together(run: Run):
    report = run(
        "journey_id,touched_at,channel,converted,touch_id\nj,2026-01-01,a,1,t1\nj,2026-01-01,a,1,t2\nj,2026-01-01,a,1,t1\n",
        "linear",
    )
    assert report.touches == 2


def test_missing_values_are_taken_or_named(run: Run):
    report = run("journey_id,touched_at,channel,converted\nj,2026-01-01,,1\nempty,,,1\n\n", "linear")
    assert [(row["journey_id"], row["channel"]) for row in run.rows()] == [("empty", ""), ("j", "(not set)")]
    assert any("(not set)" in note for note in report.notes)


def test_touches_after_the_conversion_are_left_out(run: Run):
    report = run(
        "journey_id,touched_at,channel,converted,converted_at\n"
        "j,2026-01-01,a,1,2026-01-02\nj,2026-01-02,b,1,2026-01-02\nj,2026-01-03,c,1,2026-01-02\n",
        "linear",
    )
    assert run.channels("linear") == {"a": 0.5, "b": 0.5}
    assert "1 touches are later than their journey's converted_at and are left out" in report.notes


def test_direct_is_told_by_its_name_unless_a_column_says_so(run: Run):
    run("journey_id,touch_number,channel,converted\nj,1,a,1\nj,2,Direct Traffic,1\n", "last_non_direct_touch")
    assert run.shares("last_non_direct_touch") == [1, 0]
    run("journey_id,touch_number,channel,converted,is_direct\nj,1,a,1,\nj,2,direct,1,no\n", "last_non_direct_touch")
    assert run.shares("last_non_direct_touch") == [0, 1]


def test_no_conversion_is_an_answer(run: Run):
    report = run("journey_id,touched_at,channel,converted\nj,2026-01-01,a,0\n")
    assert run.rows() == []
    assert run.channels("linear") == {"a": 0}
    assert report.notes[0] == "no journey converted, so there is nothing to credit"


def test_models_of_time_need_times(run: Run):
    report = run("journey_id,touch_number,channel,converted\nj,1,a,1\n")
    assert "time_decay" not in report.models
    assert any("left out" in note and "time_decay" in note for note in report.notes)


def test_custom_models_of_the_rules_are_there_too(run: Run):
    rules = {
        "custom_models": {"twice": {"weight": "case when channel = 'a' then many else 1 end", "numbers": {"many": 2}}}
    }
    run(
        "journey_id,touch_number,channel,converted\nj,1,a,1\nj,2,b,1\n",
        "twice",
        rules=rules,
        overrides=["twice.many=3"],
    )
    assert run.shares("twice") == [0.75, 0.25]


def test_a_semicolon_file_with_a_byte_order_mark(run: Run):
    run("\ufeffJourney_ID;Touch_Number; channel ;converted\nj;1;a;1\nj;2;b;1\n", "linear")
    assert run.shares("linear") == [0.5, 0.5]


def test_a_number_may_be_written_with_an_exponent(run: Run):
    run(JOURNEYS, "time_decay", overrides=["time_decay.half_life_days=4e0"])
    four = run.rows()
    run(JOURNEYS, "time_decay", overrides=["time_decay.half_life_days=4"])
    assert run.rows() == four
