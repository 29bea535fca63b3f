"""Each way a delimited file can be damaged: read right or quarantined with a reason, and no line lost.

`Landing.run` checks the conservation of lines after every ingest.
"""

import gzip
from decimal import Decimal

import pytest

from tests.deliveries import CRM, GOOD, HEADER, Landing, csv_of


def test_a_sound_file_is_loaded_with_its_values_and_line_numbers(landing: Landing) -> None:
    landing.put("a.csv", csv_of(*GOOD))
    report = landing.run()
    assert landing.rows("id, name, amount, note, _line_number") == [
        ("1", "Ann", Decimal("10.5"), "first", 2),
        ("2", "Bob", Decimal(20), None, 3),
        ("3", "Cy, Ltd", Decimal(30), 'say "hi"', 4),
    ]
    assert (report.count("loaded"), report.total("physical"), report.total("loaded_records")) == (1, 4, 3)


@pytest.mark.parametrize("suffix", ["csv", "csv.gz"])
def test_swapped_columns_are_read_by_their_header(landing: Landing, suffix: str) -> None:
    landing.put(f"a.{suffix}", "close_date,NOTE,amount,id,name\n2026-03-01,n,10.5,1,Ann\n")
    landing.run()
    assert landing.rows("id, name, amount, note") == [("1", "Ann", Decimal("10.5"), "n")]


@pytest.mark.parametrize("header", ["Region__c", "region_c", "REGION C", "regionC"])
def test_spellings_of_a_header_are_the_same_column(landing: Landing, header: str) -> None:
    landing.put("a.csv", f"ID,{header}\n1,north\n", entity="people")
    landing.run()
    assert landing.rows("region_c", entity="people") == ["north"]


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("9,x,1,2026-03-01,n,more", "field_count"),
        ("9,x,1,2026-03-01", "field_count"),
        ('9,"x,1,2026-03-01,n', "open_quote"),
        ('9,x,1,2026-03-01,"n', "open_quote"),
        ('9,a"b,1,2026-03-01,n', "bad_quote"),
        ('9,"a"b,1,2026-03-01,n', "bad_quote"),
        ("9,a\0b,1,2026-03-01,n", "nul_byte"),
        ("9,a\ufdd0b,1,2026-03-01,n", "noncharacter"),
        (",x,1,2026-03-01,n", "required"),
        ("9,x,1,,n", "required"),
        ("9,x,ten,2026-03-01,n", "type"),
        ("9,x,1.00001,2026-03-01,n", "type"),
        ("9,x,1,01.03.2026,n", "type"),
        ("9,x,1,2026-02-30,n", "type"),
        ("9,x,1,1899-12-31,n", "range"),
        (",,,,", "required"),
    ],
)
@pytest.mark.parametrize("suffix", ["csv", "csv.gz"])
def test_a_broken_line_is_quarantined_alone(landing: Landing, line: str, rule: str, suffix: str) -> None:
    landing.put(f"a.{suffix}", csv_of(GOOD[0], line, *GOOD[1:]))
    report = landing.run()
    assert landing.rows("id, _line_number") == [("1", 2), ("2", 4), ("3", 5)]
    shown = line.replace("\0", "\u2400").replace("\ufdd0", "\ufffd")
    assert landing.quarantined("line_number, line_count, rule, raw_line") == [(3, 1, rule, shown)]
    assert report.total("quarantined_records") == report.total("quarantined") == 1
    assert report.quarantined_by_rule == {rule: 1}


def test_a_broken_value_is_named_with_its_column_and_further_ones_in_the_reason(landing: Landing) -> None:
    landing.put("a.csv", csv_of("9,x,ten,never,n"))
    landing.run()
    assert landing.quarantined("column_name, rule") == [("amount", "type")]
    assert landing.reason() == "amount cannot be decimal: ten; close_date cannot be date: never"


def test_values_outside_a_closed_set_are_quarantined(landing: Landing) -> None:
    landing.put("a.csv", csv_of("1,x,1,2026-03-01,n,won", "2,x,1,2026-03-01,n,gone", header=HEADER + ",Stage"))
    landing.run()
    assert landing.rows("id, stage") == [("1", "won")]
    assert landing.quarantined("column_name, rule") == [("stage", "allowed")]


def test_quoted_fields_may_span_lines(landing: Landing) -> None:
    landing.put("a.csv", csv_of('1,"Ann\n\nof, York",1,2026-03-01,"a\nb"', GOOD[1]))
    report = landing.run()
    assert landing.rows("id, name, note, _line_number") == [
        ("1", "Ann\n\nof, York", "a\nb", 2),
        ("2", "Bob", None, 6),
    ]
    assert (report.total("loaded"), report.total("loaded_records"), report.total("blank")) == (5, 2, 0)


def test_a_broken_value_in_a_record_over_several_lines_keeps_the_whole_record(landing: Landing) -> None:
    landing.put("a.csv", csv_of('1,"Ann\nof York",ten,2026-03-01,', GOOD[1]))
    landing.run()
    assert landing.rows() == ["2"]
    assert landing.quarantined("line_number, line_count, raw_line") == [(2, 2, '1,"Ann\nof York",ten,2026-03-01,')]


def test_an_open_quote_swallows_nothing_even_before_a_record_over_several_lines(landing: Landing) -> None:
    lines = ['8,x,1,2026-03-01,"open', GOOD[0], '9,x,1,2026-03-01,"', 'two lines"', GOOD[1]]
    landing.put("a.csv", csv_of(*lines))
    landing.run()
    assert landing.rows("id, note, _line_number") == [("1", "first", 3), ("9", "\ntwo lines", 4), ("2", None, 6)]
    assert landing.quarantined() == [(2, "open_quote")]


@pytest.mark.parametrize("cut", ["3,Cy,3", '3,"Cy', '3,"Cy, Ltd",30,2026-03-03,"say'])
def test_a_cut_last_line_is_quarantined(landing: Landing, cut: str) -> None:
    landing.put("a.csv", csv_of(*GOOD[:2]) + cut)
    report = landing.run()
    assert landing.rows() == ["1", "2"]
    assert landing.quarantined("line_number, rule, raw_line") == [(4, "truncated_line", cut)]
    assert report.total("physical") == 4


def test_a_whole_last_line_needs_no_line_end(landing: Landing) -> None:
    landing.put("a.csv", csv_of(*GOOD).removesuffix("\n"))
    landing.run()
    assert landing.rows() == ["1", "2", "3"]


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_other_line_ends_are_read(landing: Landing, end: str) -> None:
    landing.put("a.csv", csv_of(*GOOD, "").replace("\n", end))
    report = landing.run()
    assert landing.rows("id, note") == [("1", "first"), ("2", None), ("3", 'say "hi"')]
    assert (report.total("physical"), report.total("blank")) == (5, 1)


def test_a_carriage_return_within_a_field_stays(landing: Landing) -> None:
    landing.put("a.csv", csv_of("1,a\rb,1,2026-03-01,", "2,x,bad\r,2026-03-01,"))
    landing.run()
    assert landing.rows("name") == ["a\rb"]
    assert landing.quarantined("raw_line") == [("2,x,bad\r,2026-03-01,",)]


def test_blank_lines_are_counted_and_skipped(landing: Landing) -> None:
    landing.put("a.csv", "\n  \n" + csv_of(GOOD[0], "", "   ", GOOD[1], ""))
    report = landing.run()
    assert landing.rows("id, _line_number") == [("1", 4), ("2", 7)]
    assert (report.total("blank"), report.total("header")) == (5, 1)


@pytest.mark.parametrize(
    ("encoding", "declared"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8"),
        ("utf-8-sig", "windows-1252"),
        ("utf-16", "utf-8"),
        ("utf-16-le", "utf-16"),
        ("utf-16-be", "utf-16-be"),
        ("utf-16", "latin-1"),
        ("latin-1", "latin-1"),
        ("cp1252", "windows-1252"),
    ],
)
@pytest.mark.parametrize("suffix", ["csv", "csv.gz", "jsonl"])
def test_encodings_are_read_and_a_byte_order_mark_wins(
    landing: Landing, encoding: str, declared: str, suffix: str
) -> None:
    name = "Jörg\u20ac" if encoding != "latin-1" else "Jörg"
    text = csv_of(f"1,{name},1,2026-03-01,n")
    if suffix == "jsonl":
        text = f'{{"Id":"1","Name":"{name}","Amount":"1","CloseDate":"2026-03-01"}}\n'
    data = text.encode(encoding)
    landing.put(f"a.{suffix}", gzip.compress(data) if suffix.endswith("gz") else data)
    landing.run(source=CRM.with_options({"encoding": declared}))
    assert landing.bad_files() == []
    assert landing.rows("name") == [name]


@pytest.mark.parametrize("suffix", ["csv", "jsonl"])
def test_bytes_of_another_encoding_quarantine_the_file_and_say_where(landing: Landing, suffix: str) -> None:
    landing.put(f"a.{suffix}", csv_of(GOOD[0], "9,Jörg,1,2026-03-01,n").encode("cp1252"))
    report = landing.run()
    assert landing.rows() == []
    assert landing.bad_files() == [(f"a.{suffix}", "encoding")]
    offset = len(csv_of(GOOD[0])) + len("9,J")
    assert f"byte 0xF6 at offset {offset} (line 3) is not utf-8" in landing.reason()
    assert report.count("quarantined") == 1


def test_utf_16_without_its_mark_is_named_as_such(landing: Landing) -> None:
    landing.put("a.csv", csv_of(*GOOD).encode("utf-16-le"))
    landing.run()
    assert landing.bad_files() == [("a.csv", "bad_header")]
    assert "UTF-16" in landing.reason()


@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz", "a.jsonl"])
@pytest.mark.parametrize("content", ["", "\n \n"])
def test_an_empty_file_is_empty(landing: Landing, name: str, content: str) -> None:
    landing.put(name, content)
    report = landing.run()
    assert report.count("empty") == 1
    assert report.total("blank") == content.count("\n")
    assert landing.bad_files() == []


def test_a_header_alone_is_loaded_with_no_records(landing: Landing) -> None:
    landing.put("a.csv", csv_of())
    report = landing.run()
    assert (report.count("loaded"), report.total("loaded_records"), report.total("header")) == (1, 0, 1)


def test_a_missing_column_quarantines_the_file_and_is_named(landing: Landing) -> None:
    landing.put("a.csv", "Id,Name,Note\n1,Ann,n\n")
    report = landing.run()
    assert landing.bad_files() == [("a.csv", "missing_column")]
    assert "lacks Amount, CloseDate" in landing.reason()
    assert report.total("quarantined") == 2


def test_a_header_with_one_column_twice_quarantines_the_file(landing: Landing) -> None:
    landing.put("a.csv", csv_of("1,x,1,2026-03-01,n,2", header=HEADER + ",close_date"))
    landing.run()
    assert landing.bad_files() == [("a.csv", "duplicate_column")]
    assert "columns 4 and 6" in landing.reason()


def test_unknown_columns_are_kept_and_reported(landing: Landing) -> None:
    landing.put("a.csv", csv_of("1,x,1,2026-03-01,n,blue,", "2,x,1,2026-03-01,n,,", header=HEADER + ",Colour,"))
    report = landing.run()
    assert landing.rows("id, _extra->>'Colour'") == [("1", "blue"), ("2", None)]
    assert landing.rows("_extra") == ['{"Colour":"blue"}', None]
    assert report.new_columns == {"deals": ["Colour", "column_7"]}


def test_a_line_too_long_to_read_quarantines_the_file(landing: Landing) -> None:
    landing.put("a.csv", csv_of("1,x,1,2026-03-01," + "n" * 2_100_000))
    landing.put("b.csv", csv_of("2,x,1,2026-03-01," + "n" * 1_900_000))
    landing.run()
    assert landing.rows() == ["2"]
    assert landing.bad_files() == [("a.csv", "line_too_long")]
