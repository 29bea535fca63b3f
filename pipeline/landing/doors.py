"""When a delivery is bad enough to stop the run, and the message that says so."""

from dataclasses import dataclass

from pipeline.errors import DeliveryError, examples
from pipeline.landing.discovery import Delivered
from pipeline.landing.report import Problem
from pipeline.sources.contract import Source
from pipeline.warehouse import Warehouse

#: Files read since the source was last let through, the latest reading of each file that is still there.
_PENDING = """
    SELECT l.* FROM ops.load_ledger l
    WHERE l.source = $1 AND list_contains($2, l.path)
      AND NOT EXISTS (SELECT 1 FROM ops.ingests i WHERE i.source = l.source AND i.completed_at >= l.loaded_at)
    QUALIFY row_number() OVER (PARTITION BY path ORDER BY loaded_at DESC) = 1
"""


@dataclass(frozen=True)
class Doors:
    """The conditions under which `source` may go on. A door stays closed until its cause is gone:

    a second attempt looks at everything read since the source was last let through.
    """

    warehouse: Warehouse
    source: Source
    files: list[Delivered]
    problems: list[Problem]

    def check(self, missing: list[str]) -> None:
        """Raise `DeliveryError` for the first door that is closed."""
        self._bad_files()
        self._share()
        self._must_deliver(missing)

    def _pending(self, select: str) -> list[tuple]:
        paths = [file.path for file in self.files]
        return self.warehouse.rows(f"SELECT {select} FROM ({_PENDING}) p", [self.source.name, paths])

    def _bad_files(self) -> None:
        if self.source.on_bad_file != "stop":
            return
        unread = [file_id for file_id, status in self._pending("file_id, status") if status == "quarantined"]
        said = [
            f"{path}: {rule}, {reason}"
            for path, rule, reason in self.warehouse.rows(
                "SELECT path, rule, reason FROM quarantine.files WHERE source = ? AND list_contains(?, file_id) "
                "ORDER BY path",
                [self.source.name, unread],
            )
        ]
        said += [f"{problem.path}: {problem.rule}, {problem.reason}" for problem in self.problems]
        if said:
            raise DeliveryError(
                f"source {self.source.name} stops on bad files and {len(said)} cannot be used:\n  "
                + "\n  ".join(said[:3])
                + f"{_more(len(said) - 3)}\nHave them delivered again or remove them, and run the same date again "
                f"(or set source_options.{self.source.name}.on_bad_file: continue); see quarantine.files."
            )

    def _share(self) -> None:
        counts = self._pending("data_lines, quarantined_lines, quarantined_records, file_id, status")
        read = [row for row in counts if row[4] == "loaded"]
        data, lines, records = (sum(row[i] for row in read) for i in range(3))
        if not data or lines / data <= self.source.max_quarantined_share:
            return
        ids = [row[3] for row in read]
        worst = self.warehouse.rows(
            "SELECT rule, coalesce(column_name, ''), count(*) FROM quarantine.rows "
            "WHERE source = ? AND list_contains(?, file_id) GROUP BY ALL ORDER BY 3 DESC, 1, 2 LIMIT 3",
            [self.source.name, ids],
        )
        shown = self.warehouse.rows(
            "SELECT path, line_number, rule, reason FROM quarantine.rows "
            "WHERE source = ? AND list_contains(?, file_id) ORDER BY path, line_number LIMIT 3",
            [self.source.name, ids],
        )
        rules = ", ".join(f"{rule}{f' of {column}' if column else ''} {count} times" for rule, column, count in worst)
        raise DeliveryError(
            f"source {self.source.name}: {records} records ({lines} of {data} lines, {lines / data:.1%}) broke the "
            f"contract; at most {self.source.max_quarantined_share:.1%} may. Most often: {rules}.\n  "
            + "\n  ".join(f"{path} line {line}: {rule}, {reason:.200}" for path, line, rule, reason in shown)
            + f"{_more(records - len(shown))}\nCorrect the files, or declare how they are written in "
            f"source_options.{self.source.name} (date_format, timestamp_format, encoding, ...), and run the same date "
            "again: they are read anew. To accept the loss, raise max_quarantined_share; see quarantine.rows."
        )

    def _must_deliver(self, missing: list[str]) -> None:
        absent = [name for name in self.source.must_deliver if name in missing]
        if absent:
            raise DeliveryError(
                f"source {self.source.name} must deliver {examples(absent)} for this date and has not. "
                f"Run again once it lies in landing/{self.source.name}/{absent[0]}/<date>/, or take it out of "
                f"source_options.{self.source.name}.must_deliver."
            )


def _more(count: int) -> str:
    return f"\n  and {count} more" if count > 0 else ""
