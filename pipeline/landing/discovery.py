"""Which files were delivered: `<source>/<entity>/<YYYY-MM-DD>/<name>`, and what does not belong there.

Nothing is opened here but manifests, and nothing outside the landing folder is listed or opened:
every folder and file must still be inside it after symbolic links are followed.
"""

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from pipeline.errors import UsageError, examples
from pipeline.landing.report import Problem
from pipeline.sources.contract import Source

MANIFEST = "_manifest.json"
FORMATS = {".csv": "csv", ".jsonl": "jsonl", ".parquet": "parquet"}
SUFFIXES = (".csv", ".csv.gz", ".jsonl", ".jsonl.gz", ".parquet")
#: Droppings of file systems and copy tools, never deliveries.
_IGNORED = {".DS_Store", "Thumbs.db", ".gitkeep", ".keep"}


@dataclass(frozen=True)
class Expected:
    """What a manifest says about a file; None where it says nothing."""

    rows: int | None = None
    sha256: str | None = None


@dataclass(frozen=True)
class Delivered:
    """A file that may be read. `path` is relative to the landing folder, for people; `real` is where it is."""

    real: Path
    path: str
    entity: str
    delivery_date: date
    format: str
    is_gzipped: bool
    size_bytes: int
    modified_ns: int
    expected: Expected | None = None


@dataclass
class Found:
    """Everything delivered up to the business date, in order of date and name."""

    files: list[Delivered] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def discover(landing_dir: Path, source: Source, business_date: date) -> Found:
    """Look through the folder of `source` for deliveries dated up to `business_date`.

    Raises `UsageError` when the landing folder itself is not there.
    """
    if not landing_dir.is_dir():
        raise UsageError(f"there is no landing folder at {landing_dir}: set TOUCHLEDGER_LANDING or give --landing")
    search = _Search(landing_dir, landing_dir.resolve(), source, business_date)
    search.run()
    search.found.files.sort(key=lambda file: (file.delivery_date, file.path))
    search.found.problems.sort(key=lambda problem: problem.path)
    return search.found


class _Search:
    def __init__(self, landing_dir: Path, root: Path, source: Source, business_date: date) -> None:
        self.landing_dir, self.root, self.source, self.business_date = landing_dir, root, source, business_date
        self.entities = {entity.name for entity in source.entities}
        self.found = Found()

    def run(self) -> None:
        home = self.landing_dir / self.source.name
        if not home.exists() or not self._is_folder(home):
            return
        for folder in _children(home):
            if folder.name not in self.entities:
                if folder.name not in _IGNORED:
                    known = ", ".join(sorted(self.entities))
                    self._problem(folder, "unknown_entity", f"no entity of {self.source.name}; it has {known}")
            elif self._is_folder(folder, entity=folder.name):
                self._entity(folder)

    def _entity(self, folder: Path) -> None:
        for dated in _children(folder):
            if dated.name in _IGNORED:
                continue
            day = _as_date(dated.name)
            if day is None:
                self._problem(
                    dated, "bad_date_folder", "a delivery lies in a folder named YYYY-MM-DD", entity=folder.name
                )
            elif day <= self.business_date and self._is_folder(dated, entity=folder.name, day=day):
                self._delivery(dated, folder.name, day)

    def _delivery(self, folder: Path, entity: str, day: date) -> None:
        expected = self._manifest(folder, entity, day)
        present = {child.name for child in _children(folder)}
        for name in sorted(set(expected) - present):
            self._problem(
                folder / MANIFEST, "manifest_file_missing", f"the manifest names {name!r}, which is not there",
                entity=entity, day=day,
            )  # fmt: skip
        for child in _children(folder):
            if child.name == MANIFEST or child.name in _IGNORED:
                continue
            if (delivered := self._file(child, entity, day, expected.get(child.name))) is not None:
                self.found.files.append(delivered)

    def _file(self, path: Path, entity: str, day: date, expected: Expected | None) -> Delivered | None:
        def problem(rule: str, reason: str) -> None:
            self._problem(path, rule, reason, entity=entity, day=day)

        if not self._is_inside(path):
            return problem("outside_landing", "a link that leads out of the landing folder is never read")
        if not path.is_file():
            return problem("not_a_file", "neither a regular file nor a link to one")
        suffix = next((suffix for suffix in SUFFIXES if path.name.lower().endswith(suffix)), None)
        if suffix is None:
            return problem("unknown_suffix", f"not one of {', '.join(SUFFIXES)}")
        if not os.access(path, os.R_OK):
            return problem("unreadable", "the file may not be read: check its permissions")
        status = path.stat()
        return Delivered(
            real=path.resolve(),
            path=self._shown(path),
            entity=entity,
            delivery_date=day,
            format=FORMATS[suffix.removesuffix(".gz")],
            is_gzipped=suffix.endswith(".gz"),
            size_bytes=status.st_size,
            modified_ns=status.st_mtime_ns,
            expected=expected,
        )

    def _manifest(self, folder: Path, entity: str, day: date) -> dict[str, Expected]:
        path = folder / MANIFEST
        if not path.exists() and not path.is_symlink():
            return {}
        try:
            if not self._is_inside(path):
                raise ValueError("it is a link that leads out of the landing folder")
            entries = json.loads(path.read_text(encoding="utf-8-sig"))["files"]
            expected = {str(entry["name"]): _expected(entry) for entry in entries}
            if strange := [name for name in expected if Path(name).name != name or name in ("", ".", "..")]:
                raise ValueError(f"it names files of other folders: {examples(repr(name) for name in strange)}")
        except (OSError, ValueError, KeyError, TypeError) as error:
            reason = f"cannot be used, so the files beside it are read without it: {error!s:.300}"
            self._problem(path, "bad_manifest", reason, entity=entity, day=day)
            return {}
        return expected

    def _is_folder(self, path: Path, *, entity: str | None = None, day: date | None = None) -> bool:
        if not self._is_inside(path):
            reason = "a link that leads out of the landing folder is never followed"
            self._problem(path, "outside_landing", reason, entity=entity, day=day)
            return False
        if not path.is_dir():
            self._problem(path, "not_a_folder", "a folder was expected here", entity=entity, day=day)
            return False
        return True

    def _is_inside(self, path: Path) -> bool:
        try:
            return path.resolve(strict=True).is_relative_to(self.root)
        except (OSError, RuntimeError):  # a dangling link, or links that go round in a circle
            return False

    def _problem(
        self, path: Path, rule: str, reason: str, *, entity: str | None = None, day: date | None = None
    ) -> None:
        self.found.problems.append(Problem(self._shown(path), rule, reason, entity, day))

    def _shown(self, path: Path) -> str:
        # A name need not be valid UTF-8 on disk; the warehouse stores text.
        return os.fsencode(path.relative_to(self.landing_dir)).decode("utf-8", "backslashreplace")


def _children(folder: Path) -> Iterator[Path]:
    return iter(sorted(folder.iterdir()))


def _as_date(name: str) -> date | None:
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", name, re.ASCII):
        return None
    try:
        return date.fromisoformat(name)
    except ValueError:
        return None


def _expected(entry: dict[str, Any]) -> Expected:
    rows, sha256 = entry.get("rows"), entry.get("sha256")
    return Expected(None if rows is None else int(rows), None if sha256 is None else str(sha256).lower())
