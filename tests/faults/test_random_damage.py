"""Whatever happens to one record, no line is lost and no other record is changed."""

import csv
import io
from dataclasses import dataclass
from decimal import Decimal

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.deliveries import HEADER, Landing

TEXT = st.text(alphabet='ab ,"\n', max_size=6)


@dataclass(frozen=True)
class Row:
    """A record and how it is written."""

    key: str
    name: str
    amount: int
    note: str
    quote_all: bool

    @property
    def line(self) -> str:
        out = io.StringIO()
        quoting = csv.QUOTE_ALL if self.quote_all else csv.QUOTE_MINIMAL
        writer = csv.writer(out, lineterminator="\n", quoting=quoting)
        writer.writerow([self.key, self.name, self.amount, "2026-03-01", self.note])
        return out.getvalue().removesuffix("\n")

    @property
    def values(self) -> tuple[str, str | None, Decimal, str | None]:
        return self.key, self.name or None, Decimal(self.amount), self.note or None


@st.composite
def rows(draw: st.DrawFn) -> list[Row]:
    count = draw(st.integers(2, 7))
    return [
        Row(f"k{i:03d}", draw(TEXT), draw(st.integers(0, 99)), draw(TEXT), draw(st.booleans())) for i in range(count)
    ]


@st.composite
def damaged(draw: st.DrawFn) -> tuple[list[Row], dict[int, str], bool]:
    """Records, the new text of those that are damaged, and whether the file ends with a line feed."""
    records = draw(rows())
    texts = {}
    for index in draw(st.sets(st.integers(0, len(records) - 1), min_size=1, max_size=2)):
        line = records[index].line
        start = draw(st.integers(0, len(line)))
        end = min(len(line), start + draw(st.integers(0, 3)))
        texts[index] = line[:start] + draw(st.text(alphabet='",\n\r\0x', max_size=3)) + line[end:]
    return records, texts, draw(st.booleans())


OPEN = Row("k000", "a", 1, "b", False)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(damaged())
@example(([OPEN, Row("k001", "", 2, "", True), Row("k002", ",", 3, '"', True)], {0: 'k000,a,1,2026-03-01,"b'}, True))
@example(
    ([OPEN, Row("k001", ",", 2, "", False), Row("k002", "x\n", 3, "\ny", False)], {0: 'k000,"a,1,2026-03-01,b'}, False)
)
def test_damage_to_one_record_changes_no_other(landing: Landing, case: tuple[list[Row], dict[int, str], bool]) -> None:
    records, texts, ends = case
    lines = [texts.get(index, row.line) for index, row in enumerate(records)]
    landing.reset()
    content = "\n".join([HEADER, *lines]) + "\n" * ends
    landing.put("a.csv", content)
    report = landing.run()
    loaded = {row[0]: row for row in landing.rows("id, name, amount, note")}
    untouched = [row for index, row in enumerate(records) if index not in texts]
    for row in untouched:
        assert loaded.get(row.key, row.values) == row.values
    assert {row.key for row in untouched if "\n" not in row.line} <= set(loaded)
    assert report.total("physical") == report.total("header") + report.total("blank") + report.total("data")
    # A carriage return at the very end is the first half of a cut line end.
    read = content.replace("\r\n", "\n").removesuffix("\r") + "\n" * content.endswith("\r")
    assert report.total("physical") == read.count("\n") + (not read.endswith("\n"))


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows())
def test_every_sound_file_is_read_exactly(landing: Landing, records: list[Row]) -> None:
    landing.reset()
    landing.put("a.csv", "\n".join([HEADER, *(row.line for row in records), ""]))
    landing.run()
    assert landing.rows("id, name, amount, note") == [row.values for row in records]
    assert landing.quarantined() == []
