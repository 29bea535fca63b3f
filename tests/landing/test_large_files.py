"""Files that the engine reads with several threads: records stay with their lines."""

import io

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.deliveries import HEADER, NIGHT, Landing, csv_of

COUNT = 250_000
MISPLACED = "SELECT count(*) FROM raw.crm__deals WHERE amount + {first} <> _line_number OR id <> 'k' || amount::BIGINT"


@pytest.mark.parametrize("kind", ["plain", "quoted", "damaged", "jsonl", "parquet"])
def test_records_of_a_large_file_keep_their_line_numbers(landing: Landing, kind: str) -> None:
    landing.warehouse.execute("SET threads = 4")
    name = {"plain": "{}", "quoted": '"a, {}"', "damaged": '"a\n{}"'}.get(kind, "{}")
    if kind == "parquet":
        numbers = list(range(COUNT))
        table = {
            "Id": [f"k{i}" for i in numbers],
            "Name": ["x"] * COUNT,
            "Amount": numbers,
            "CloseDate": [NIGHT] * COUNT,
        }
        buffer = io.BytesIO()
        pq.write_table(pa.table(table), buffer, row_group_size=20_000)
        landing.put("a.parquet", buffer.getvalue())
        first = 1
    elif kind == "jsonl":
        line = '{{"Id":"k{0}","Name":"x","Amount":{0},"CloseDate":"2026-03-01","IsActive":"yes"}}\n'
        landing.put("a.jsonl", "".join(line.format(i) for i in range(COUNT)))
        first = 1
    else:
        lines = [f"k{i},{name.format(i)},{i},2026-03-01,note,yes" for i in range(COUNT)]
        if kind == "damaged":
            lines = [line.replace("\n", "") if i != COUNT - 1 else line for i, line in enumerate(lines)]
            lines[1000] = "broken"
        landing.put("a.csv", csv_of(*lines, header=HEADER + ",IsActive"))
        first = 2
    report = landing.run()
    assert report.total("loaded_records") == COUNT - (kind == "damaged")
    assert landing.warehouse.value(MISPLACED.format(first=first)) == 0
