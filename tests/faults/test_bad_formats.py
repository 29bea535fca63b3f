"""Damaged gzip, JSON Lines and Parquet: read right or quarantined with a reason, and no line lost.

`Landing.run` checks the conservation of lines after every ingest.
"""

import gzip
import io
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.deliveries import CRM, GOOD, NIGHT, Landing, csv_of


def parquet_of(columns: dict[str, list]) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(pa.table(columns), buffer)
    return buffer.getvalue()


@pytest.mark.parametrize("keep", [0, 5, 30, -1])
def test_a_truncated_gzip_is_quarantined(landing: Landing, keep: int) -> None:
    landing.put("a.csv.gz", gzip.compress(csv_of(*GOOD).encode())[: keep or None] if keep else b"\x1f\x8b")
    landing.run()
    assert landing.rows() == []
    assert landing.bad_files() == [("a.csv.gz", "gzip")]


def test_garbage_after_a_gzip_quarantines_the_file(landing: Landing) -> None:
    landing.put("a.csv.gz", gzip.compress(csv_of(*GOOD).encode()) + b"garbage")
    landing.run()
    assert landing.bad_files() == [("a.csv.gz", "gzip")]


def test_a_file_that_is_not_gzip_is_quarantined(landing: Landing) -> None:
    landing.put("a.csv.gz", csv_of(*GOOD).encode())
    landing.run()
    assert landing.bad_files() == [("a.csv.gz", "gzip")]


def test_broken_lines_of_jsonl_are_quarantined_alone(landing: Landing) -> None:
    good = '{"id": "1", "Name": "Ann", "AMOUNT": 12345678901234.5678, "closeDate": "2026-03-01", "x": {"y": [1]}}'
    lines = [
        good,
        "not json",
        "[1]",
        '{"id": "2"}',
        '{"id": "3", "Id": "4"}',
        '{"id": "a\\u0000"}',
        "",
        '{"id": "5", "cl',
    ]
    landing.put("a.jsonl", "\n".join(lines))
    report = landing.run()
    assert landing.rows("id, name, amount, _extra") == [("1", "Ann", Decimal("12345678901234.5678"), '{"x":{"y":[1]}}')]
    assert landing.quarantined() == [
        (2, "bad_json"),
        (3, "not_an_object"),
        (4, "required"),
        (5, "duplicate_column"),
        (6, "nul_byte"),
        (8, "truncated_line"),
    ]
    assert (report.total("blank"), report.total("physical")) == (1, 8)
    assert report.new_columns == {"deals": ["x"]}


def test_parquet_is_read_by_the_same_contract(landing: Landing) -> None:
    landing.put(
        "a.parquet",
        parquet_of(
            {
                "close_date": [NIGHT, NIGHT, None],
                "ID": ["1", "2", "3"],
                "Name": ["a", "b", "c"],
                "amount": [1.5, 1.23456, 2.0],
                "hue": ["red", None, None],
            }
        ),
    )
    report = landing.run(source=CRM.with_options({"date_format": "%d/%m/%Y"}))
    assert landing.rows("id, amount, close_date, _extra, _line_number") == [
        ("1", Decimal("1.5"), NIGHT, '{"hue":"red"}', 1)
    ]
    assert landing.quarantined("line_number, column_name, rule") == [
        (2, "amount", "type"),
        (3, "close_date", "required"),
    ]
    assert report.total("physical") == 3


def test_damaged_parquet_is_quarantined(landing: Landing) -> None:
    data = parquet_of(
        {"Id": ["1"] * 500, "Name": [str(i) for i in range(500)], "Amount": [1] * 500, "CloseDate": [NIGHT] * 500}
    )
    landing.put("cut.parquet", data[:-20])
    landing.put("none.parquet", b"")
    landing.put("torn.parquet", data[:100] + bytes(200) + data[300:])
    landing.put("missing.parquet", parquet_of({"Id": ["1"]}))
    landing.run()
    assert landing.rows() == []
    assert landing.bad_files() == [
        ("cut.parquet", "parquet"),
        ("missing.parquet", "missing_column"),
        ("none.parquet", "parquet"),
        ("torn.parquet", "parquet"),
    ]
