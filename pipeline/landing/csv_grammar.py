"""RFC 4180 as SQL: what one physical line is on its own, seen from outside or inside a quoted field."""

import re
from dataclasses import dataclass

from pipeline.warehouse.on_duckdb import quoted

#: RE2 refuses to repeat a group more often.
_MOST_REPEATS = 500


@dataclass(frozen=True)
class Grammar:
    """Records of `field_count` fields, parted by one-character `delimiter`, quoted with `"`.

    A quoted field starts and ends with a quote and doubles the quotes within; any other quote
    is an error. The methods take and give SQL expressions over a VARCHAR.
    """

    delimiter: str
    field_count: int

    @property
    def _field(self) -> str:
        return f'(?:"(?:[^"]|"")*"|[^"{self._escaped}]*)'

    @property
    def _escaped(self) -> str:
        return re.escape(self.delimiter)

    def has_all_fields(self, line: str) -> str:
        """Whether a line without quotes holds the right number of fields."""
        return f"({_count(line, self.delimiter)} = {self.field_count - 1})"

    def is_record(self, line: str) -> str:
        """Whether the line is a whole record: well quoted, with the right number of fields."""
        if self.field_count > _MOST_REPEATS:
            return f"({self.ends(line)} = 'outside' AND {self.delimiters(line)} = {self.field_count - 1})"
        pattern = f"{self._field}(?:{self._escaped}{self._field}){{{self.field_count - 1}}}"
        return f"regexp_full_match({line}, {quoted(pattern)}, 's')"

    def ends(self, line: str) -> str:
        """Where a line that starts outside a quoted field ends: `outside`, `inside` or, broken, `nowhere`."""
        outside = f"{self._field}(?:{self._escaped}{self._field})*"
        inside = f'(?:{self._field}{self._escaped})*"(?:[^"]|"")*'
        return (
            f"CASE WHEN regexp_full_match({line}, {quoted(outside)}, 's') THEN 'outside' "
            f"WHEN regexp_full_match({line}, {quoted(inside)}, 's') THEN 'inside' ELSE 'nowhere' END"
        )

    def delimiters(self, line: str) -> str:
        """How many delimiters of a line are outside quoted fields, when it starts outside one."""
        return _count(f"""regexp_replace({line}, '"[^"]*("|$)', '', 'gs')""", self.delimiter)

    def fields(self, line: str) -> str:
        """The fields of a line that is well quoted, as a list; quoted ones keep their quotes."""
        pattern = f'{self._escaped}("(?:[^"]|"")*"|[^"{self._escaped}]*)'
        return f"regexp_extract_all({quoted(self.delimiter)} || {line}, {quoted(pattern)}, 1, 's')"

    @staticmethod
    def from_inside(line: str) -> str:
        """The line that, read from outside, means what `line` means within a quoted field."""
        return f"'\"' || {line}"


def _count(text: str, character: str) -> str:
    found = f"strlen({text}) - strlen(replace({text}, {quoted(character)}, ''))"
    width = len(character.encode())
    return f"(({found}) // {width})" if width > 1 else f"({found})"
