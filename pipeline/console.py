"""What a person sees while a run goes on: bars on a terminal, plain lines in a log."""

import sys
import time
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars
from rich.table import Table

from pipeline.progress import Progress

#: How wide a table may be where no terminal says it.
WIDTH_IN_A_FILE = 140


def _console(stderr: bool = False) -> Console:
    stream = sys.stderr if stderr else sys.stdout
    return Console(stderr=stderr, highlight=False, emoji=False, width=None if stream.isatty() else WIDTH_IN_A_FILE)


out = _console()
err = _console(stderr=True)


def reporter() -> "BarProgress | LineProgress":
    """Bars where a person watches, lines where a file listens."""
    return BarProgress() if err.is_terminal else LineProgress()


class LineProgress(Progress):
    """One line as each step begins and ends; nothing in between that would fill a log."""

    def __init__(self) -> None:
        self._since = time.monotonic()

    def begin(self, step: str) -> None:
        self._since = time.monotonic()
        err.print(f"{step} ...")

    def end(self, step: str, outcome: str) -> None:
        err.print(f"{step}: {outcome} ({time.monotonic() - self._since:.1f} s)")

    def __enter__(self) -> "LineProgress":
        return self

    def __exit__(self, *_: object) -> None:
        pass


class BarProgress(Progress):
    """A bar for the step under way, and a line for each that has ended."""

    def __init__(self) -> None:
        self._bars = Bars(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(bar_width=30),
            MofNCompleteColumn(),
            TextColumn("{task.fields[unit]}"),
            TimeElapsedColumn(),
            console=err,
            transient=True,
        )
        self._task = self._bars.add_task("", total=None, unit="")
        self._step = ""
        self._since = time.monotonic()

    def begin(self, step: str) -> None:
        self._step, self._since = step, time.monotonic()
        self._bars.reset(self._task, description=step, total=None, unit="")

    def end(self, step: str, outcome: str) -> None:
        self._bars.print(f"[green]✓[/] {step}: {outcome} [dim]({time.monotonic() - self._since:.1f} s)[/]")

    def phase(self, text: str) -> None:
        self._bars.update(self._task, description=f"{self._step} · {escape(text)}", completed=0, total=None, unit="")

    def advance(self, done: int, total: int | None = None, unit: str = "") -> None:
        self._bars.update(self._task, completed=done, total=total, unit=unit)

    def __enter__(self) -> "BarProgress":
        self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bars.stop()


def say(sentence: str) -> None:
    """Print a sentence that holds names from data, as they are and on a line of its own."""
    out.print(sentence, markup=False, soft_wrap=True)


def show_table(title: str, headers: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a table; numbers are right-aligned, and an empty one says so."""
    rows = list(rows)
    if not rows:
        out.print(f"{title}: nothing")
        return
    out.print(f"[bold]{escape(title)}[/]")
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for index, header in enumerate(headers):
        numeric = all(isinstance(row[index], (int, float, Decimal, type(None))) for row in rows)
        table.add_column(header, justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*(shown(value) for value in row))
    out.print(table, soft_wrap=False)


def shown(value: object) -> str:
    """A value as a person reads it: thousands apart, a missing one as a dash."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, (float, Decimal)):
        return f"{value:,.2f}"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    return escape(str(value))
